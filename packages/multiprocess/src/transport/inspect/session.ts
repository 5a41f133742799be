/**
 * A same-thread inspector session. `post` answers synchronously: the callback runs before `post` returns. The Debugger
 * domain is only ever on inside one synchronous call, because while it is on every `await` of the process takes 6 to 10
 * times as long.
 */
import type { Session } from 'node:inspector';

const GROUP = 'multiprocess';
const RENEW_AFTER = 256;

export interface RemoteObject {
  type: string;
  objectId?: string;
  value?: unknown;
  unserializableValue?: string;
}

export interface InternalProperty {
  name: string;
  value: RemoteObject & { value?: any };
}

type Holder = { value: unknown; out: unknown };

let session: Session | undefined;
let holderId: string | undefined;
let uses = 0;
const holder: Holder = { value: undefined, out: undefined };
const eventHandlers = new Map<string, (params: any) => void>();

/** Why there is no inspector here, or undefined when there is one. */
export function inspectorProblem(): string | undefined {
  try {
    open();
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}

export function post(method: string, params: object = {}): any {
  let failure: Error | null | undefined;
  let result: any;
  open().post(method as any, params as any, (error: Error | null, answer: unknown) => {
    failure = error;
    result = answer;
  });
  if (failure) throw new Error(`inspector, ${method}: ${failure.message}`);
  if (result === undefined) throw new Error(`inspector, ${method}: no synchronous answer`);
  if (result.exceptionDetails) throw new Error(`inspector, ${method}: ${result.exceptionDetails.text}`);
  return result;
}

/** `handler` gets the parameters of every event of this name, in this session and those opened after a fork. */
export function onEvent(name: string, handler: (params: any) => void): void {
  eventHandlers.set(name, handler);
  session?.on(name as any, ({ params }: any) => handler(params));
}

let isDebuggerOn = false;
let isShared = false;

/** Runs `body`, which must be synchronous, with the Debugger domain on. */
export function withDebugger<T>(body: () => T): T {
  if (!isDebuggerOn) post('Debugger.enable');
  isDebuggerOn = true;
  try {
    return body();
  } finally {
    if (!isShared) turnDebuggerOff();
  }
}

/**
 * Runs `body`, which must be synchronous; once `withDebugger` has turned the domain on in it, it stays on up to its end.
 * To turn it on takes 20 ms and more, for V8 then describes every script that there is.
 */
export function sharingDebugger<T>(body: () => T): T {
  if (isShared) return body();
  isShared = true;
  try {
    return body();
  } finally {
    isShared = false;
    turnDebuggerOff();
  }
}

function turnDebuggerOff(): void {
  if (!isDebuggerOn) return;
  isDebuggerOn = false;
  post('Debugger.disable');
}

/** The inspector's mirror of a value. Of mirrors that were made before, none is to be used any more. */
export function mirror(value: unknown): RemoteObject {
  dropMirrorsSometimes();
  const objectId = holderMirror();
  holder.value = value;
  try {
    return post('Runtime.callFunctionOn', {
      objectId,
      functionDeclaration: 'function(){return this.value}',
      objectGroup: GROUP,
    }).result;
  } finally {
    holder.value = undefined;
  }
}

/** The value behind a mirror: the real one, not a copy. */
export function unmirror(remote: RemoteObject): unknown {
  if (remote.objectId) return unmirrorObject(remote.objectId);
  if ('value' in remote) return remote.value;
  const text = remote.unserializableValue;
  if (text === undefined) return undefined;
  return /^-?\d+n$/.test(text) ? BigInt(text.slice(0, -1)) : Number(text);
}

export function unmirrorObject(objectId: string): any {
  const own = holderMirror();
  post('Runtime.callFunctionOn', {
    objectId,
    functionDeclaration: 'function(h){h.out=this}',
    arguments: [{ objectId: own }],
    objectGroup: GROUP,
  });
  const value = holder.out;
  holder.out = undefined;
  return value;
}

export function properties(value: unknown): { internalProperties?: InternalProperty[]; privateProperties?: any[] } {
  return post('Runtime.getProperties', {
    objectId: mirror(value).objectId,
    ownProperties: true,
    nonIndexedPropertiesOnly: true,
  });
}

/** Evaluates `expression` with `name` as a global of Node's main context that holds `value`. */
export function evaluateWith(name: string, value: unknown, expression: string, options: object = {}): any {
  const global = mainGlobal();
  Object.defineProperty(global, name, { value, configurable: true });
  try {
    return post('Runtime.evaluate', { expression, objectGroup: GROUP, ...options });
  } finally {
    delete global[name];
  }
}

/** Whether a function has been looked into. */
export const hasSession = (): boolean => session !== undefined;

/** Forgets the session: a forked child must not use the one of the process it was forked from. */
export function resetSession(): void {
  try {
    session?.disconnect();
  } catch {
    // It belonged to the other process; all that matters is that it is not used again.
  }
  session = undefined;
  holderId = undefined;
}

function open(): Session {
  if (session) return session;
  const inspector = process.getBuiltinModule('node:inspector');
  const opened = new inspector.Session();
  opened.connect(); // throws under --permission
  for (const [name, handler] of eventHandlers) opened.on(name as any, ({ params }: any) => handler(params));
  session = opened;
  return opened;
}

/** Mirrors keep what they show alive. */
function dropMirrorsSometimes(): void {
  if (++uses % RENEW_AFTER !== 0 || holderId === undefined) return;
  post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
  holderId = undefined;
}

function holderMirror(): string {
  if (holderId !== undefined) return holderId;
  const name = '__multiprocess_holder';
  holderId = evaluateWith(name, holder, `globalThis.${name}`).result.objectId as string;
  return holderId;
}

// Runtime.evaluate runs in Node's main context; under Jest our own globalThis is that of another one.
function mainGlobal(): any {
  try {
    return (process.getBuiltinModule('node:inspector').Session.constructor as FunctionConstructor)(
      'return globalThis',
    )();
  } catch {
    return globalThis;
  }
}
