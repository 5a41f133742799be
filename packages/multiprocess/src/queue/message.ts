/** Messages outside of shared memory: on their way into a queue, and out of it. */
import { MultiprocessError } from '../errors.ts';
import { allocateScratch, copyOf, free, type SentReference, sendingTo, takeOut, writeParts } from '../memory/index.ts';
import { native } from '../native.ts';
import { type Delivery, encodeInto, encodeParts, joined, prepareDelivery, scratch } from '../transport/index.ts';
import { MAX_INLINE, UNIT } from './layout.ts';

/** What goes with a message, besides its bytes. */
export interface Luggage {
  /** What the queue holds for it. */
  readonly references: readonly SentReference[];
  /** What leaves this process with it, such as sockets; undefined: nothing does. */
  readonly parcel: Pick<Delivery<unknown>, 'sent' | 'refused'> | undefined;
}

/** A message that is to be put: in `scratch`, in pieces, or in a cell of this thread's already. */
export interface Outgoing extends Luggage {
  size: number;
  /** undefined: the message is at the beginning of `scratch`. */
  parts: readonly Uint8Array[] | undefined;
  /** Offset of its own cell; 0: it has none. */
  cell: number;
}

/** A message that has been taken. */
export interface Incoming {
  /** Its bytes, from 0 to size. Those of `received` are overwritten by the next message. */
  bytes: Uint8Array;
  size: number;
  references: readonly SentReference[];
  /** The delivery that stands for it in a queue that redelivers; 0: none. */
  delivery: number;
  /**
   * The cell in which a large message still lies; 0: `bytes` has the message. Others know the cell of one that may be delivered
   * again, so that needs a reference of this thread's; 0: none.
   */
  cell: number;
  reference: number;
}

export const NONE: readonly SentReference[] = [];
export const NO_LUGGAGE: Luggage = { references: NONE, parcel: undefined };
const inScratch: Outgoing = { size: 0, parts: undefined, cell: 0, ...NO_LUGGAGE };

/**
 * Encodes a value for a queue: what references in it, and its cell, are made for `owner`. What comes back may lie in
 * `scratch`: put it, or `keep` it, before anything else is encoded. Throws `ERR_MP_CAPTURE`, `ERR_MP_NO_MEMORY`.
 */
export function encode(value: unknown, owner: number): Outgoing {
  const size = encodeInto(value);
  if (size < 0) return encodeLarge(value, owner);
  inScratch.size = size;
  return inScratch;
}

function encodeLarge(value: unknown, owner: number): Outgoing {
  const { parts, luggage } = encodeAll(value, owner);
  return outgoing(parts, owner, luggage);
}

/** The same as bytes of their own, for whoever makes the message later. */
export function encodeBytes(value: unknown, owner: number): { bytes: Uint8Array; luggage: Luggage } {
  const size = encodeInto(value);
  if (size >= 0) return { bytes: scratch.bytes.slice(0, size), luggage: NO_LUGGAGE };
  const { parts, luggage } = encodeAll(value, owner);
  return { bytes: joined(parts), luggage };
}

function encodeAll(value: unknown, owner: number): { parts: Uint8Array[]; luggage: Luggage } {
  const references: SentReference[] = [];
  try {
    const parcel = prepareDelivery(() => sendingTo(owner, () => encodeParts(value), references));
    return { parts: parcel.value, luggage: { references, parcel } };
  } catch (error) {
    dropReferences(references);
    throw error;
  }
}

/** A message of these bytes. They are used until it has been put or kept; the luggage is dropped if it cannot be made. */
export function outgoing(parts: readonly Uint8Array[], owner: number, luggage: Luggage = NO_LUGGAGE): Outgoing {
  const size = sizeOf(parts);
  try {
    return { size, parts, cell: size > MAX_INLINE ? spill(size, parts, owner) : 0, ...luggage };
  } catch (error) {
    dropLuggage(luggage);
    throw error;
  }
}

/** The same message, independent of what it was made from: it has to wait for room. */
export function keep(message: Outgoing): Outgoing {
  if (message.cell !== 0) return { ...message, parts: [] };
  const parts = message.parts ?? [scratch.bytes.subarray(0, message.size)];
  return { ...message, parts: [joined(parts)] };
}

/** It will not be put. */
export function discard(message: Outgoing): void {
  if (message.cell !== 0) free(message.cell);
  dropLuggage(message);
}

function dropLuggage({ references, parcel }: Luggage): void {
  dropReferences(references);
  parcel?.refused();
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

/** Takes a large message out of its cell. One that may be delivered again is copied, others have the cell for themselves. */
export function unspill(message: Incoming): void {
  const { cell, size, reference, delivery } = message;
  if (delivery !== 0) {
    message.bytes = copyOf(cell, size);
    native.cellRelease(reference, cell);
  } else {
    message.bytes = takeOut(cell, size);
    free(cell);
  }
  message.cell = 0;
}

/** The bytes of a message that nobody else uses. */
export function ownBytes({ bytes, size }: Incoming): Uint8Array {
  return bytes === received.bytes ? bytes.slice(0, size) : bytes;
}

// Small messages come out through this: one at a time, because who takes one decodes it before anybody takes the next.
export const received = { bytes: new Uint8Array(MAX_INLINE), words: new Int32Array(0) };
received.words = new Int32Array(received.bytes.buffer);

function sizeOf(parts: readonly Uint8Array[]): number {
  let size = 0;
  for (const part of parts) size += part.length;
  return size;
}

function spill(size: number, parts: readonly Uint8Array[], owner: number): number {
  const cell = allocateScratch(size, owner);
  if (cell === 0)
    throw new MultiprocessError('ERR_MP_NO_MEMORY', `no room for a message of ${size} bytes in the realm`);
  writeParts(cell, parts);
  return cell;
}
