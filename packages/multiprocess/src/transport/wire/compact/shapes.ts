/** The blocks of the records that were sent lately, by their keys. */
import { MAX_BLOCKS, TYPE } from './layout.ts';
import { target } from './memory.ts';

export interface Shape {
  keys: string[];
  /** The block in whole words, and its length in bytes. */
  words: Int32Array;
  size: number;
  /** The last message that the block was written into, and its number there. */
  message: number;
  number: number;
}

const TABLE = 512; // a power of 2
const table: (Shape | undefined)[] = new Array(TABLE).fill(undefined);
let last: Shape = { keys: [], words: new Int32Array(0), size: 0, message: 0, number: 0 };
let message = 0;
let blocks = 0;

/** To be called before each message. */
export function beginShapes(): void {
  message = (message + 1) & 0x3fff_ffff;
  blocks = 0;
}

/** The shape with these keys if it was used lately. */
export function findShape(keys: string[]): Shape | undefined {
  if (hasKeys(last, keys) && last.size > 0) return last;
  const first = hashOf(keys) & (TABLE - 1);
  let shape = table[first];
  if (!shape || !hasKeys(shape, keys)) {
    shape = table[first ^ 1];
    if (!shape || !hasKeys(shape, keys)) return undefined;
  }
  last = shape;
  return shape;
}

/** Remembers a block that was just written. */
export function addShape(keys: string[], hash: number, block: Uint8Array): void {
  const i = hash & (TABLE - 1);
  table[i ^ 1] = table[i];
  const padded = new Uint8Array((block.length + 3) & ~3);
  padded.set(block);
  last = { keys, words: new Int32Array(padded.buffer), size: block.length, message, number: blocks++ };
  table[i] = last;
}

/** Writes the keys of a record. There must be room for them and three bytes more. */
export function writeShape(shape: Shape, at: number): number {
  const { bytes, view } = target;
  if (shape.message === message && shape.number < MAX_BLOCKS) {
    bytes[at] = TYPE.again;
    bytes[at + 1] = shape.number;
    return at + 2;
  }
  shape.message = message;
  shape.number = blocks++;
  const { words, size } = shape;
  const { length } = words;
  for (let i = 0; i < length; i++) view.setInt32(at + 4 * i, words[i]!, true);
  return at + size;
}

function hasKeys({ keys }: Shape, others: string[]): boolean {
  const { length } = keys;
  if (others.length !== length) return false;
  for (let i = 0; i < length; i++) if (keys[i] !== others[i]) return false;
  return true;
}

/** 16 bits that tell most shapes apart. */
export function hashOf(keys: string[]): number {
  const { length } = keys;
  let hash = length;
  for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + keys[i]!.length) | 0;
  if (length > 0) hash += Math.imul(keys[0]!.charCodeAt(0), 37) + Math.imul(keys[length - 1]!.charCodeAt(0), 101);
  return (hash ^ (hash >>> 16)) & 0xffff;
}
