import { types } from 'node:util';
import { env } from '../environment.ts';
import { type Message, NODE, type Node } from '../format.ts';
import { hasNamedProperties } from './arrays.ts';
import { writeBuffer, writeView } from './binary.ts';
import { MAX_BLOCK, MAX_KEYS, MAX_SHORT_ARRAY, TYPE } from './layout.ts';
import { hasRoom, target } from './memory.ts';
import { numberOf } from './seen.ts';
import { addShape, findShape, hashOf, writeShape } from './shapes.ts';
import { writeHead, writeText } from './text.ts';

// Is what is being written made by the encoder, whose arrays have items only?
let isOurs = false;

/**
 * Writes `value` at a position of the target; returns the position behind it, or -1 when there is no room or the value
 * is not plain. Runs no code of the value but its getters.
 */
export function writeValue(value: unknown, at: number): number {
  if (at > target.limit && !hasRoom(at, 0)) return -1;
  switch (typeof value) {
    case 'number':
      return writeNumber(value, at);
    case 'string':
      return writeText(value, at);
    case 'object':
      return value === null ? writeType(TYPE.null, at) : writeObject(value, at);
    case 'boolean':
      return writeType(value ? TYPE.true : TYPE.false, at);
    case 'undefined':
      return writeType(TYPE.undefined, at);
    case 'bigint':
      return writeBigint(value, at);
    default:
      return -1;
  }
}

/** The same of a graph. */
export function writeGraph([root, nodes, imports, templates]: Message, at: number): number {
  isOurs = true;
  try {
    numberOf([]); // the receiver counts the arrays that are written here, too
    at = writeValue(root, writeArrayHead(4, at));
    if (at >= 0) at = hasRoom(at, 0) ? writeNodes(nodes, at) : -1;
    if (at >= 0) at = writeValue(imports, at);
    return at < 0 ? -1 : writeValue(templates, at);
  } finally {
    isOurs = false;
  }
}

function writeNodes(nodes: Node[], at: number): number {
  numberOf(nodes);
  at = writeArrayHead(nodes.length, at);
  for (const node of nodes) {
    at = node[0] === NODE.data ? writeDataNode(node, at) : writeValue(node, at);
    if (at < 0) return -1;
  }
  return at;
}

function writeDataNode([kind, value, prototype]: Node & [typeof NODE.data, ...unknown[]], at: number): number {
  numberOf([]);
  at = hasRoom(at, 0) ? writeValue(kind, writeArrayHead(3, at)) : -1;
  isOurs = false;
  if (at >= 0) at = writeValue(value, at);
  isOurs = true;
  return at < 0 ? -1 : writeValue(prototype, at);
}

function writeType(type: number, at: number): number {
  target.bytes[at] = type;
  return at + 1;
}

export function writeNumber(value: number, at: number): number {
  const { bytes, view } = target;
  const integer = value | 0;
  if (integer !== value || Object.is(value, -0)) {
    bytes[at] = TYPE.double;
    view.setFloat64(at + 1, value, true);
    return at + 9;
  }
  if (integer >>> 7 === 0) {
    bytes[at] = integer;
    return at + 1;
  }
  bytes[at] = TYPE.int32;
  view.setInt32(at + 1, integer, true);
  return at + 5;
}

function writeBigint(value: bigint, at: number): number {
  if (BigInt.asIntN(64, value) === value) {
    target.bytes[at] = TYPE.bigint64;
    target.view.setBigInt64(at + 1, value, true);
    return at + 9;
  }
  target.bytes[at] = TYPE.bigint;
  return writeText(value.toString(16), at + 1);
}

function writeObject(value: object, at: number): number {
  if (types.isProxy(value)) return -1;
  const number = numberOf(value);
  if (number >= 0) return writeHead(TYPE.reference, number, at);
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return writeRecord(value as Record<string, unknown>, at);
  if (prototype === Array.prototype) return Array.isArray(value) ? writeArray(value, at) : -1;
  if (ArrayBuffer.isView(value)) return writeView(value, prototype, at);
  return writeBuiltin(value, prototype, at);
}

function writeArray(array: unknown[], at: number): number {
  const { length } = array;
  if (!isOurs && hasNamedProperties(array)) return -1;
  at = writeArrayHead(length, at);
  for (let i = 0; i < length; i++) {
    const item = array[i];
    if (item === undefined && !(i in array)) return -1; // a hole
    at = typeof item === 'number' && at <= target.limit ? writeNumber(item, at) : writeValue(item, at);
    if (at < 0) return -1;
  }
  return at;
}

function writeArrayHead(length: number, at: number): number {
  return length > MAX_SHORT_ARRAY ? writeHead(TYPE.array, length, at) : writeType(TYPE.shortArray + length, at);
}

function writeRecord(record: Record<string, unknown>, at: number): number {
  if (Object.getOwnPropertySymbols(record).length > 0 || record === env) return -1;
  const keys = Object.getOwnPropertyNames(record);
  const { length } = keys;
  if (length > MAX_KEYS) return writeDictionary(record, keys, at);
  const shape = findShape(keys);
  const start = at;
  if (!shape) at = writeNewShape(keys, at);
  else at = hasRoom(at, shape.size) ? writeShape(shape, at) : -1;
  if (at < 0) return -1;
  if (at - start > MAX_BLOCK) return writeDictionary(record, keys, start);
  let i = 0;
  // Reads the properties of any shape at their places; a loop over the keys would look each of them up.
  for (const key in record) {
    if (key !== keys[i++]) return -1; // hidden, inherited, or changed by a getter
    const value = record[key];
    // Most values are numbers, and this call is compiled into the loop.
    at = typeof value === 'number' && at <= target.limit ? writeNumber(value, at) : writeValue(value, at);
    if (at < 0) return -1;
  }
  return i === length ? at : -1;
}

function writeNewShape(keys: string[], start: number): number {
  let at = start + 6;
  for (const key of keys) {
    at = hasRoom(at, 0) ? writeText(key, at) : -1;
    if (at < 0) return -1;
  }
  const size = at - start;
  if (size > MAX_BLOCK) return at;
  const { bytes, view } = target;
  const hash = hashOf(keys);
  bytes[start] = TYPE.record;
  view.setUint16(start + 1, hash, true);
  view.setUint16(start + 3, size, true);
  bytes[start + 5] = keys.length;
  addShape(keys, hash, bytes.slice(start, at));
  return at;
}

function writeDictionary(record: Record<string, unknown>, keys: string[], at: number): number {
  at = writeHead(TYPE.dictionary, keys.length, at);
  let i = 0;
  for (const key in record) {
    if (key !== keys[i++]) return -1;
    at = writeValue(key, at);
    if (at >= 0) at = writeValue(record[key], at);
    if (at < 0) return -1;
  }
  return i === keys.length ? at : -1;
}

function writeBuiltin(value: object, prototype: object | null, at: number): number {
  if (prototype === Date.prototype && types.isDate(value) && isBare(value)) {
    target.bytes[at] = TYPE.date;
    target.view.setFloat64(at + 1, Date.prototype.getTime.call(value), true);
    return at + 9;
  }
  if (prototype === Map.prototype && types.isMap(value) && isBare(value)) return writeMap(value, at);
  if (prototype === Set.prototype && types.isSet(value) && isBare(value)) return writeSet(value, at);
  if (prototype === ArrayBuffer.prototype && types.isArrayBuffer(value)) return writeBuffer(value as ArrayBuffer, at);
  return -1;
}

function isBare(value: object): boolean {
  return Reflect.ownKeys(value).length === 0;
}

function writeMap(map: ReadonlyMap<unknown, unknown>, at: number): number {
  let left = map.size;
  at = writeHead(TYPE.map, left, at);
  for (const [key, item] of map) {
    if (--left < 0) return -1; // a getter has added something
    at = writeValue(key, at);
    if (at >= 0) at = writeValue(item, at);
    if (at < 0) return -1;
  }
  return left === 0 ? at : -1;
}

function writeSet(set: ReadonlySet<unknown>, at: number): number {
  let left = set.size;
  at = writeHead(TYPE.set, left, at);
  for (const item of set) {
    if (--left < 0) return -1;
    at = writeValue(item, at);
    if (at < 0) return -1;
  }
  return left === 0 ? at : -1;
}
