import { types } from 'node:util';
import { sharedMemoryOf } from '../handles.ts';
import { env } from './environment.ts';
import { isPlainView } from './structured.ts';

const TRACK_AFTER = 64;
const LONG_ARRAY = 10_000;

/**
 * Does V8's structured format carry `value` without losing anything? True for trees, graphs and cycles of primitives,
 * plain objects, arrays, Date, RegExp, Map, Set, buffers and typed arrays; false for anything with a class, a function,
 * a symbol or a hidden property in it. Runs no code of the value but its getters.
 */
export function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function' && typeof value !== 'symbol';
  return isPlainObject(value, { left: TRACK_AFTER, seen: undefined });
}

// Small values are walked without remembering what was seen, which is twice as fast; large and cyclic ones with it.
interface Walk {
  left: number;
  seen: Set<object> | undefined;
}

function isPlainObject(value: object, walk: Walk): boolean {
  if (walk.left > 0) walk.left--;
  else {
    walk.seen ??= new Set();
    if (walk.seen.has(value)) return true;
    walk.seen.add(value);
  }
  if (types.isProxy(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) return isPlainArray(value as unknown[], walk);
  if (prototype === Object.prototype) return isPlainRecord(value as Record<string, unknown>, walk);
  if (ArrayBuffer.isView(value)) return isOwnMemory(value.buffer) && isPlainView(value);
  if (prototype === Map.prototype) return types.isMap(value) && ownKeysAre(value, 0) && isPlainMap(value, walk);
  if (prototype === Set.prototype) return types.isSet(value) && ownKeysAre(value, 0) && isPlainSet(value, walk);
  if (prototype === Date.prototype) return types.isDate(value) && ownKeysAre(value, 0);
  if (prototype === RegExp.prototype) return types.isRegExp(value) && ownKeysAre(value, 1) && value.lastIndex === 0;
  if (prototype === ArrayBuffer.prototype)
    return types.isArrayBuffer(value) && isOwnMemory(value) && ownKeysAre(value, 0);
  return false;
}

// Memory that others have, too, must not become a copy.
function isOwnMemory(buffer: ArrayBufferLike): boolean {
  return !types.isSharedArrayBuffer(buffer) && !sharedMemoryOf(buffer);
}

function isPlainArray(value: unknown[], walk: Walk): boolean {
  if (!Array.isArray(value)) return false;
  const { length } = value;
  for (let i = 0; i < length; i++) if (!isPlainMember(value[i], walk)) return false;
  // Holes and named properties are left to the graph, which keeps both. Counting the keys of a long array is dear.
  return length > LONG_ARRAY || ownKeysAre(value, length + 1);
}

function isPlainRecord(value: Record<string, unknown>, walk: Walk): boolean {
  let count = 0;
  for (const key in value) {
    if (!isPlainMember(value[key], walk)) return false;
    count++;
  }
  // The count differs when there are symbols, hidden properties, or enumerable ones on Object.prototype.
  return ownKeysAre(value, count) && value !== env;
}

function isPlainMap(value: Map<unknown, unknown>, walk: Walk): boolean {
  for (const [key, item] of value) if (!isPlainMember(key, walk) || !isPlainMember(item, walk)) return false;
  return true;
}

function isPlainSet(value: Set<unknown>, walk: Walk): boolean {
  for (const item of value) if (!isPlainMember(item, walk)) return false;
  return true;
}

function isPlainMember(value: unknown, walk: Walk): boolean {
  if (typeof value === 'object') return value === null || isPlainObject(value, walk);
  return typeof value !== 'function' && typeof value !== 'symbol';
}

function ownKeysAre(value: object, count: number): boolean {
  return Reflect.ownKeys(value).length === count;
}
