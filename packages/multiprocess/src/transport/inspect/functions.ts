import { evaluateWith, mirror, onEvent, post, properties, unmirror, unmirrorObject, withDebugger } from './session.ts';

/** What V8 knows about a function beyond its text. */
export interface Inspected {
  /** Undefined for native functions. The position is that of the "(" of the parameters. */
  location: { scriptId: string; line: number; column: number } | undefined;
  /** Innermost first, without the global scope. The variables are copies made at this moment. */
  scopes: Scope[];
  bound: { target: unknown; self: unknown; args: unknown[] } | undefined;
}

export interface Scope {
  /** `Module`, `Closure`, `Block`, `Script`, `Catch` … */
  kind: string;
  /** The same with the name of its function: `Closure (factory)`. */
  name: string;
  variables: Record<string, unknown>;
}

export function inspectFunction(fn: Function): Inspected {
  const inspected: Inspected = { location: undefined, scopes: [], bound: undefined };
  const internal = new Map((properties(fn).internalProperties ?? []).map(({ name, value }) => [name, value]));
  const location = internal.get('[[FunctionLocation]]')?.value;
  if (location)
    inspected.location = { scriptId: location.scriptId, line: location.lineNumber, column: location.columnNumber };
  const scopes = internal.get('[[Scopes]]');
  if (scopes?.objectId) inspected.scopes = scopesOf(unmirrorObject(scopes.objectId));
  const target = internal.get('[[TargetFunction]]');
  if (target) {
    inspected.bound = {
      target: unmirror(target),
      self: unmirror(internal.get('[[BoundThis]]')!),
      args: Array.from(unmirror(internal.get('[[BoundArgs]]')!) as unknown[]),
    };
  }
  return inspected;
}

function scopesOf(list: ArrayLike<{ description: string; object: Record<string, unknown> }>): Scope[] {
  const scopes: Scope[] = [];
  for (const { description, object } of Array.from(list)) {
    if (description === 'Global') break;
    scopes.push({ kind: description.split(' ')[0]!, name: description, variables: object });
  }
  return scopes;
}

/** The names of the #private members of an instance. */
export function privateMembers(instance: object): string[] {
  return (properties(instance).privateProperties ?? []).map(({ name }) => name);
}

/** What a Proxy stands before. */
export function proxyTarget(proxy: object): unknown {
  const target = properties(proxy).internalProperties?.find(({ name }) => name === '[[Target]]');
  return target && unmirror(target.value);
}

let paused: ((params: any) => void) | undefined;
onEvent('Debugger.paused', (params) => paused?.(params));

/**
 * The lexical `this` of an arrow function. V8 does not list it among the scopes, but a paused frame has it: stop at the
 * call, read `this`, and end the call on resume, before its parameters and its body are evaluated.
 */
export function lexicalThis(arrow: Function): unknown {
  // An attached debugger would be shown the stop, and the process would wait for it.
  if (process.getBuiltinModule('node:inspector').url()) throw new Error('a debugger port is open');
  let found: { value: unknown } | undefined;
  paused = ({ callFrames }) => {
    try {
      const { callFrameId } = callFrames[0];
      const { result } = post('Debugger.evaluateOnCallFrame', {
        callFrameId,
        expression: 'this',
        objectGroup: 'multiprocess',
      });
      found = { value: unmirror(result) };
    } finally {
      post('Debugger.resume', { terminateOnResume: true });
    }
  };
  try {
    withDebugger(() => stopAtCall(arrow));
  } finally {
    paused = undefined;
  }
  if (!found) throw new Error('the call did not stop');
  return found.value;
}

function stopAtCall(arrow: Function): void {
  const { breakpointId } = post('Debugger.setBreakpointOnFunctionCall', { objectId: mirror(arrow).objectId });
  try {
    // Runtime.evaluate, unlike callFunctionOn, keeps the termination from spreading to our own frames.
    evaluateWith('__multiprocess_arrow', arrow, '__multiprocess_arrow()', { silent: true, timeout: 5000 });
  } catch {
    // Always "Execution was terminated".
  } finally {
    post('Debugger.removeBreakpoint', { breakpointId });
  }
}
