/** Copies of messages, into the realm and out of it. */
import { native } from '../native.ts';
import { lend } from './loans.ts';
import { bytesAt } from './realm.ts';

/** From so many bytes on, fresh memory costs more than the copy: native/shm/copies.cc. */
const LARGE = 2 ** 17;
/** From so many bytes on a copy costs more than the collection of a buffer that is not V8's. */
const WORTH_LENDING = 2 ** 15;

/** Writes `parts` one behind the other. */
export function writeParts(offset: number, parts: readonly Uint8Array[]): void {
  for (const part of parts) {
    if (part.length >= LARGE) native.copyIn(offset, part);
    else bytesAt(offset, part.length).set(part);
    offset += part.length;
  }
}

/**
 * The bytes of a cell that a message has come in. A large one stays where it is, and the cell lives as long as anything that
 * is made of these bytes; of others it is a copy. The caller's reference to the cell is not needed any more.
 */
export function takeOut(cell: number, size: number): Uint8Array<ArrayBuffer> {
  const lent = size >= WORTH_LENDING ? lend(cell, size) : undefined;
  return lent ? new Uint8Array(lent) : copyOf(cell, size);
}

/** The bytes that lie there, in memory of their own. */
export function copyOf(offset: number, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer); // nobody sees what was there: all is overwritten
  if (size >= LARGE) native.copyOut(offset, bytes);
  else bytes.set(bytesAt(offset, size));
  return bytes;
}
