import { type Message, TAG } from '../format.ts';
import { beginPieces, target } from './memory.ts';
import { forgetSeen, hasRepeated } from './seen.ts';
import { beginShapes } from './shapes.ts';
import { writeGraph, writeNumber, writeValue } from './writer.ts';

// A getter may send something itself, and what is being written would be lost.
let busy = false;

/** Writes the message of `value` at the beginning of `scratch`; its size, or -1 when it is not plain or does not fit. */
export function encodeToScratch(value: unknown): number {
  if (busy) return -1;
  if (typeof value !== 'object') {
    target.bytes[0] = TAG.compact;
    return typeof value === 'number' ? writeNumber(value, 1) : writeValue(value, 1);
  }
  return write(value, TAG.compact, writeValue);
}

type Body<V> = (value: V, at: number) => number;
/** What becomes of the working memory that a message ends in: it is copied, or given away in pieces. */
type End<T> = (at: number) => T;

/**
 * The message of `value`; undefined when it is not plain. `end`: `endPieces` or `endJoined` of memory.ts. Pieces lie in
 * working memory, or in `value` if they are large.
 */
export function encodePlain<T>(value: unknown, end: End<T>): T | undefined {
  return encode(value, TAG.compact, writeValue, end);
}

/** The same of a graph. */
export function encodeGraph<T>(message: Message, end: End<T>): T | undefined {
  return encode(message, TAG.compactGraph, writeGraph, end);
}

function encode<V, T>(value: V, tag: number, body: Body<V>, end: End<T>): T | undefined {
  if (busy) return undefined;
  beginPieces();
  const at = write(value, tag, body);
  const result = end(Math.max(at, 0));
  return at < 0 ? undefined : result;
}

function write<V>(value: V, tag: number, body: Body<V>): number {
  busy = true;
  try {
    beginShapes();
    target.bytes[0] = tag;
    const end = body(value, 1);
    if (hasRepeated()) markShared();
    return end;
  } catch {
    return -1; // a getter that throws, or nested too deep: others will say what it is
  } finally {
    forgetSeen();
    busy = false;
  }
}

function markShared(): void {
  const first = target.pieces?.[0] ?? target.bytes;
  first[0]! |= TAG.shared;
}
