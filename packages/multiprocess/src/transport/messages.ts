import { dumps, dumpsPlain } from './dumps.ts';
import { readPlain } from './loads.ts';

const SCRATCH_BYTES = 16 * 1024;
const memory = new ArrayBuffer(SCRATCH_BYTES);

/** The thread's working memory, in which `encodeInto` leaves its message: two views of one buffer. */
export const scratch: { readonly bytes: Uint8Array<ArrayBuffer>; readonly words: Int32Array<ArrayBuffer> } = {
  bytes: new Uint8Array(memory),
  words: new Int32Array(memory),
};

/** Encodes plain data at the beginning of `scratch`; its size in bytes, or -1 when only `encodeParts` can. */
export function encodeInto(value: unknown): number {
  const message = dumpsPlain(value);
  if (!message || message.length > SCRATCH_BYTES) return -1;
  scratch.bytes.set(message);
  return message.length;
}

/**
 * The whole message, to be written piece after piece: what `dumps` gives, cut where a large array begins, which is not
 * copied. Must be written before `value` changes, and before anything else is encoded.
 *
 * @throws `ERR_MP_CAPTURE`, with the path to what cannot be sent.
 */
export function encodeParts(value: unknown): Uint8Array[] {
  return [dumps(value)];
}

/** What `bytes[start, end)` holds if it is plain data, which keeps no view of them; undefined: `loads` must have it. */
export function decodeFrom(bytes: Uint8Array, start: number, end: number): { value: any } | undefined {
  return readPlain(bytes.slice(start, end));
}

/** The same of a message that nobody else uses: a large array in it may be a view of it. */
export function decodeOwned(message: Uint8Array): { value: any } | undefined {
  return readPlain(message);
}
