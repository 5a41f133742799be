/** Copies of messages, into the realm and out of it. */
import { native } from '../native.ts';
import { bytesAt } from './realm.ts';

/** From so many bytes on, fresh memory costs more than the copy: native/shm/copies.cc. */
const LARGE = 2 ** 17;

/** Writes `parts` one behind the other. */
export function writeParts(offset: number, parts: readonly Uint8Array[]): void {
  for (const part of parts) {
    if (part.length >= LARGE) native.copyIn(offset, part);
    else bytesAt(offset, part.length).set(part);
    offset += part.length;
  }
}

/** The bytes that lie there, in memory of their own. */
export function copyOf(offset: number, size: number): Uint8Array {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer); // nobody sees what was there: all is overwritten
  if (size >= LARGE) native.copyOut(offset, bytes);
  else bytes.set(bytesAt(offset, size));
  return bytes;
}
