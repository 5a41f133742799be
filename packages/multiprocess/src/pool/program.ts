/** What is sent to a worker once, for many inputs: the function of a map, or one that is called again and again. */
import { dumps, isConstant } from '../transport/index.ts';
import { nameOf } from './job.ts';

export interface Program {
  readonly id: number;
  /** [function, further arguments] */
  readonly bytes: Uint8Array;
  /** Each input is an array of arguments. */
  readonly isStarred: boolean;
  /** It does not belong to one job. */
  readonly isShared: boolean;
}

let lastId = 0;

export function newProgram(fn: Function, rest: readonly unknown[], isStarred: boolean, isShared = false): Program {
  const bytes = dumps([fn, rest], { root: nameOf(fn) });
  lastId = (lastId + 1) | 0; // as messages carry it
  return { id: lastId, bytes, isStarred, isShared };
}

/** Programs of one function: for calls with one argument, which is the input, and for others. */
type Known = { one?: Program; starred?: Program };
/** Functions that have been called: once, or again; null: it must be captured anew each time. */
const called = new WeakMap<Function, Known | 'once' | null>();

/**
 * The program behind the calls of a function with `count` arguments; undefined for a function that is not the same each time, or is
 * new. Unless it `isStarred`, the only argument is the input.
 */
export function sharedProgram(fn: Function, count: number): Program | undefined {
  let known = called.get(fn);
  if (known === undefined) {
    called.set(fn, 'once'); // made for this call, perhaps
    return undefined;
  }
  if (known === null || isExtended(fn)) return undefined;
  if (known === 'once') {
    known = isConstant(fn) ? {} : null;
    called.set(fn, known);
    if (known === null) return undefined;
  }
  const form = count === 1 ? 'one' : 'starred';
  known[form] ??= newProgram(fn, [], form === 'starred', true);
  return known[form];
}

/** Whether all of the arguments can be sent later as well as now: nobody can change them. */
export function arePrimitive(args: readonly unknown[]): boolean {
  for (const one of args) {
    const type = typeof one;
    if ((type === 'object' && one !== null) || type === 'function' || type === 'symbol') return false;
  }
  return true;
}

/** Whether properties have been added to it. */
function isExtended(fn: Function): boolean {
  return hasProperties(fn) || (typeof fn.prototype === 'object' && hasProperties(fn.prototype));
}

// Quicker than to make a list of their names.
function hasProperties(object: object): boolean {
  for (const name in object) if (Object.hasOwn(object, name)) return true;
  return false;
}
