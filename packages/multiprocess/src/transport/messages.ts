/** Messages for queues: plain values past the copies and the memory that `dumps` and `loads` make. */
import { type DumpsOptions, dumpsPieces } from './dumps.ts';
import { encodeToScratch } from './wire/compact/encode.ts';
import { decodeCompact } from './wire/compact/reader.ts';
import { TAG } from './wire/format.ts';
import { readStructured } from './wire/structured.ts';

export { joined, scratch } from './wire/compact/memory.ts';

/**
 * Encodes plain data at the beginning of `scratch`; its size in bytes, or -1 when only `encodeParts` can: it does not
 * fit, or is not plain.
 */
export function encodeInto(value: unknown): number {
  return encodeToScratch(value);
}

/**
 * The whole message, to be written piece after piece: what `dumps` gives, cut where an array of 16 KiB or more begins and
 * ends, which is not copied. To be written before `value` changes, and before anything else is encoded.
 *
 * @throws `ERR_MP_CAPTURE`, with the path to what cannot be sent.
 */
export function encodeParts(value: unknown, options?: DumpsOptions): Uint8Array[] {
  return dumpsPieces(value, options);
}

/** What `bytes[start, end)` holds if it is plain data, which keeps no view of them; undefined: `loads` must have it. */
export function decodeFrom(bytes: Uint8Array, start: number, end: number): { value: any } | undefined {
  const tag = bytes[start]!;
  if ((tag & ~TAG.shared) === TAG.compact) return { value: decodeCompact(bytes, start, end, false) };
  return tag === TAG.v8 ? { value: readStructured(bytes.subarray(start, end)) } : undefined;
}

/**
 * The same of a message that nobody else uses: a typed array of 16 KiB or more that makes up at least half of it is a
 * view of it. At the top level it begins at byte 8 of the message; an ArrayBuffer is always a copy.
 */
export function decodeOwned(message: Uint8Array): { value: any } | undefined {
  const tag = message[0]!;
  if ((tag & ~TAG.shared) === TAG.compact) return { value: decodeCompact(message, 0, message.length, true) };
  return tag === TAG.v8 ? { value: readStructured(message) } : undefined;
}
