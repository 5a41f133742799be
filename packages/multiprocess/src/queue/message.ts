/** Messages outside of shared memory: on their way into a queue, and out of it. */
import { MultiprocessError } from '../errors.ts';
import { allocate, bytesAt, free, type SentReference, selfSlot, sendingTo } from '../memory/index.ts';
import { native } from '../native.ts';
import { encodeInto, encodeParts, scratch } from '../transport/index.ts';
import { MAX_INLINE, UNIT } from './layout.ts';

/** A message that is to be put: in `scratch`, in pieces, or in a cell of this thread's already. */
export interface Outgoing {
  size: number;
  /** undefined: the message is at the beginning of `scratch`. */
  parts: readonly Uint8Array[] | undefined;
  /** Offset of its own cell; 0: it has none. */
  cell: number;
  /** What the queue holds for it. */
  references: readonly SentReference[];
}

/** A message that has been taken. */
export interface Incoming {
  /** Its bytes, from 0 to size. Those of `received` are overwritten by the next message. */
  bytes: Uint8Array;
  size: number;
  references: readonly SentReference[];
  /** The delivery that stands for it in a queue that redelivers; 0: none. */
  delivery: number;
  /** The cell in which a large message still lies, and this thread's reference to it; 0: `bytes` has the message. */
  cell: number;
  reference: number;
}

export const NONE: readonly SentReference[] = [];
const inScratch: Outgoing = { size: 0, parts: undefined, cell: 0, references: NONE };

/**
 * Encodes a value for the queue that is known as `owner`. What comes back may lie in `scratch`: put it, or `keep` it, before
 * anything else is encoded. Throws `ERR_MP_CAPTURE`, `ERR_MP_NO_MEMORY`.
 */
export function encode(value: unknown, owner: number): Outgoing {
  const size = encodeInto(value);
  if (size < 0) return encodeLarge(value, owner);
  inScratch.size = size;
  return inScratch;
}

/** The same as bytes of its own, however large: what they are to be put with is made by `outgoing`. */
export function encodeBytes(
  value: unknown,
  owner: number,
): { bytes: Uint8Array; references: readonly SentReference[] } {
  const size = encodeInto(value);
  if (size >= 0) return { bytes: scratch.bytes.slice(0, size), references: NONE };
  return withReferences(value, owner, (parts, references) => ({ bytes: join(parts), references }));
}

function encodeLarge(value: unknown, owner: number): Outgoing {
  return withReferences(value, owner, outgoing);
}

function withReferences<R>(
  value: unknown,
  owner: number,
  use: (parts: Uint8Array[], references: readonly SentReference[]) => R,
): R {
  const references: SentReference[] = [];
  try {
    return use(
      sendingTo(owner, () => encodeParts(value), references),
      references,
    );
  } catch (error) {
    dropReferences(references);
    throw error;
  }
}

/** A message of these bytes. They are used until it has been put or kept. */
export function outgoing(parts: readonly Uint8Array[], references: readonly SentReference[] = NONE): Outgoing {
  let size = 0;
  for (const part of parts) size += part.length;
  const cell = size > MAX_INLINE ? spill(size, parts) : 0;
  return { size, parts, cell, references };
}

/** The same message, independent of what it was made from: it has to wait for room. */
export function keep(message: Outgoing): Outgoing {
  if (message.cell !== 0) return { ...message, parts: [] };
  return { ...message, parts: [join(message.parts ?? [scratch.bytes.subarray(0, message.size)])] };
}

/** It will not be put. */
export function discard(message: Outgoing): void {
  if (message.cell !== 0) free(message.cell);
  dropReferences(message.references);
}

export function writeReferences(memory: Int32Array, at: number, references: readonly SentReference[]): void {
  for (const [i, [reference, offset]] of references.entries()) {
    memory[at + 2 * i] = reference;
    memory[at + 2 * i + 1] = offset / UNIT;
  }
}

export function readReferences(memory: Int32Array, at: number, count: number): SentReference[] {
  return Array.from({ length: count }, (_, i) => [memory[at + 2 * i]!, (memory[at + 2 * i + 1]! >>> 0) * UNIT]);
}

export function dropReferences(references: readonly SentReference[]): void {
  for (const [reference, offset] of references) native.cellRelease(reference, offset);
}

/** Gets the bytes of a message that was taken: to be called without the guard, because a large one is copied here. */
export function fetch(message: Incoming): Incoming {
  if (message.cell === 0) return message;
  message.bytes = bytesAt(message.cell, message.size).slice();
  native.cellRelease(message.reference, message.cell);
  message.cell = 0;
  return message;
}

/** The bytes of a message that nobody else uses. */
export function ownBytes({ bytes, size }: Incoming): Uint8Array {
  return bytes === received.bytes ? bytes.slice(0, size) : bytes;
}

// Small messages come out through this: one at a time, because who takes one decodes it before anybody takes the next.
export const received = { bytes: new Uint8Array(MAX_INLINE), words: new Int32Array(0) };
received.words = new Int32Array(received.bytes.buffer);

function spill(size: number, parts: readonly Uint8Array[]): number {
  const cell = allocate(size, selfSlot());
  if (cell === 0)
    throw new MultiprocessError('ERR_MP_NO_MEMORY', `no room for a message of ${size} bytes in the realm`);
  copyInto(bytesAt(cell, size), parts);
  return cell;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  copyInto(bytes, parts);
  return bytes;
}

function copyInto(bytes: Uint8Array, parts: readonly Uint8Array[]): void {
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
}
