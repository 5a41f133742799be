/** What producers put: each item says who made it and which of theirs it is, and can be checked for being whole. */
import { Lock } from 'multiprocess';

export interface Item {
  producer: number;
  number: number;
  /** undefined: a small item. */
  body: Uint8Array | undefined;
  lock: Lock | undefined;
  sum: number;
}

/** Every so manieth item is large, huge, or has a lock in it. */
const LARGE = 11;
const HUGE = 97;
const LOCKED = 13;
const SIZES = { large: 20_000, huge: 1_000_000 };

/** The `number`th item of a producer: always the same. */
export function makeItem(producer: number, number: number): Item {
  const turn = producer * 7 + number;
  const size = turn % HUGE === 0 ? SIZES.huge : turn % LARGE === 0 ? SIZES.large : 0;
  const body = size > 0 ? bodyOf(producer, number, size) : undefined;
  const lock = turn % LOCKED === 0 ? new Lock() : undefined;
  return { producer, number, body, lock, sum: sumOf(producer, number, body) };
}

/** Whether an item has arrived as it was made. Its lock, if it has one, is usable. */
export function isWhole({ producer, number, body, lock, sum }: Item): boolean {
  const turn = producer * 7 + number;
  if ((lock !== undefined) !== (turn % LOCKED === 0)) return false;
  if ((body !== undefined) !== (turn % HUGE === 0 || turn % LARGE === 0)) return false;
  if (lock) {
    if (!lock.tryAcquire()) return false;
    lock.release();
  }
  return sum === sumOf(producer, number, body);
}

function bodyOf(producer: number, number: number, size: number): Uint8Array {
  const words = new Uint32Array(size / 4).fill((producer << 16) + number);
  for (let i = 0; i < words.length; i += 64) words[i] = i + number; // a block at the wrong place is noticed, too
  return new Uint8Array(words.buffer);
}

function sumOf(producer: number, number: number, body: Uint8Array | undefined): number {
  let sum = (producer * 31 + number) | 0;
  if (!body) return sum;
  const words = body.byteOffset % 4 === 0 ? body : body.slice();
  for (const word of new Uint32Array(words.buffer, words.byteOffset, words.length / 4)) {
    sum = (Math.imul(sum, 31) + word) | 0;
  }
  return sum;
}
