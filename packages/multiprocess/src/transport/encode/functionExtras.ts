import type { FunctionExtras } from '../wire/format.ts';
import type { Encoder } from './encoder.ts';
import { encodeProperties } from './instances.ts';

const OWN = new Set<PropertyKey>(['length', 'name', 'prototype', 'arguments', 'caller']);

/** What was added to a function after it was made: properties, static data, members of an old-style prototype. */
export function functionExtras(
  encoder: Encoder,
  fn: Function,
  isClass: boolean,
  mayHavePrototype: boolean,
): FunctionExtras | undefined {
  const extras: FunctionExtras = {};
  if (Reflect.ownKeys(fn).some((key) => !skip(fn, key, isClass)))
    extras.properties = encodeProperties(encoder, fn, (key) => skip(fn, key, isClass));
  if (!isClass && mayHavePrototype && typeof fn.prototype === 'object' && fn.prototype !== null) {
    const { prototype } = fn;
    const added = Object.getOwnPropertyNames(prototype).some((key) => key !== 'constructor');
    if (added) extras.prototypeProperties = encodeProperties(encoder, prototype, (key) => key === 'constructor');
    const parent = Object.getPrototypeOf(prototype)?.constructor;
    if (typeof parent === 'function' && parent !== Object && hasUsualPrototype(fn))
      extras.prototypeParent = encoder.slot(parent);
  }
  return Object.keys(extras).length > 0 ? extras : undefined;
}

// Static methods come with the text of the class, accessors with the text of either.
function skip(fn: Function, key: PropertyKey, isClass: boolean): boolean {
  if (OWN.has(key)) return true;
  const { value, enumerable, get, set } = Object.getOwnPropertyDescriptor(fn, key)!;
  if (get || set) return true;
  return isClass && typeof value === 'function' && !enumerable;
}

// The prototype of a generator function inherits from a builtin.
function hasUsualPrototype(fn: Function): boolean {
  return (
    Object.getPrototypeOf(fn) === Function.prototype || !/Generator/.test(Object.getPrototypeOf(fn)?.constructor?.name)
  );
}
