import type { Analysis } from '../analyze/analysis.ts';
import { lexicalThis } from '../inspect/functions.ts';
import { originId } from '../origins.ts';
import { NODE, type Slot } from '../wire/format.ts';
import { PARAMETER } from '../wire/parameters.ts';
import { captureVariables } from './captures.ts';
import { type DescribedSource, textOf } from './describe.ts';
import type { Encoder } from './encoder.ts';
import { functionExtras } from './functionExtras.ts';
import { labelOf } from './labels.ts';
import type { Captured, PendingFunction } from './pending.ts';

const SELF_HINT = 'copy what you need to a variable first: `const self = this`, then use `self`';

/** Encodes a function as its source and what it captures, like Python's cloudpickle. */
export function encodeByValue(encoder: Encoder, fn: Function, description: DescribedSource): Slot {
  const { analysis } = description;
  encoder.trail.push({ function: () => labelOf(fn, description) });
  refuseWhatTextCannotCarry(encoder, fn, description);
  const node: any[] = [NODE.function, originId(fn), '', [], undefined];
  const slot = encoder.add(node as never, fn);
  const pending: PendingFunction = { fn, description, node: node as never, captured: [] };
  captureSurroundings(encoder, fn, description, pending.captured);
  captureVariables(encoder, description, pending.captured);
  const isOldStyle = analysis.kind === 'function' && !analysis.isAsync && !analysis.isGenerator;
  let extras = functionExtras(encoder, fn, analysis.kind === 'class', isOldStyle);
  if (analysis.usesSuper) extras = { ...extras, home: homeOf(encoder, fn) };
  node[4] = extras;
  encoder.pendingFunctions.push(pending);
  encoder.trail.pop();
  return slot;
}

function refuseWhatTextCannotCarry(encoder: Encoder, fn: Function, description: DescribedSource): void {
  const { analysis } = description;
  const [privateName] = analysis.freePrivateNames;
  if (privateName !== undefined)
    encoder.trail.refuse({ why: `it uses the private name #${privateName} of an enclosing class` });
  if (analysis.kind !== 'arrow') return;
  if (analysis.usesSuper)
    encoder.trail.refuse({ why: 'it is an arrow function that uses `super` of the enclosing method' });
  if (analysis.usesNewTarget) encoder.trail.refuse({ why: 'it is an arrow function that uses `new.target`' });
  if (analysis.usesThis) description.self ??= { value: readThis(encoder, fn, analysis) };
}

function readThis(encoder: Encoder, fn: Function, analysis: Analysis): unknown {
  const why = 'it is an arrow function that uses `this` of the enclosing function, ';
  // Default values and patterns would run before the stop that reads `this`.
  if (!analysis.simpleParameters)
    encoder.trail.refuse({
      why: `${why}which V8 does not list among the captured variables`,
      hint: `${SELF_HINT}; or send a bound method: \`this.method.bind(this)\``,
    });
  try {
    return lexicalThis(fn);
  } catch (error) {
    return encoder.trail.refuse({
      why: `${why}which could not be read (${(error as Error).message})`,
      hint: SELF_HINT,
    });
  }
}

// What was evaluated around the text rather than in it, and is found on the function itself.
function captureSurroundings(encoder: Encoder, fn: Function, description: DescribedSource, captured: Captured[]): void {
  const { analysis } = description;
  if (analysis.heritage) {
    const parent = Object.getPrototypeOf(fn);
    const slot = encoder.member('extends', parent === Function.prototype ? null : parent);
    captured.push({ name: PARAMETER.parent, slot });
  }
  if (analysis.kind === 'arrow' && analysis.usesThis) {
    const slot = encoder.trail.within({ variable: 'this' }, () => encoder.slot(description.self?.value));
    captured.push({ name: PARAMETER.self, slot });
  }
  const taken = new Set<Function>();
  analysis.computedMethods.forEach((method, i) => {
    const home = method.isStatic ? fn : fn.prototype;
    const key = Reflect.ownKeys(home).find((key) => {
      const descriptor = Object.getOwnPropertyDescriptor(home, key)!;
      const candidate = method.kind === 'method' ? descriptor.value : descriptor[method.kind];
      if (typeof candidate !== 'function' || taken.has(candidate) || textOf(candidate) !== method.text) return false;
      taken.add(candidate);
      return true;
    });
    if (key === undefined)
      encoder.trail.refuse({
        why: `the computed method name in \`${method.text.slice(0, 30)}\` could not be determined`,
      });
    captured.push({ name: PARAMETER.key(i), slot: encoder.slot(key) });
  });
}

function homeOf(encoder: Encoder, method: Function): Slot {
  const home = encoder.homes.get(method);
  if (home) return encoder.slot(home);
  return encoder.trail.refuse({
    why: 'it is a method that uses `super`, and the object it belongs to is not known',
    hint: 'send the whole object or class, or call the method in a function',
  });
}
