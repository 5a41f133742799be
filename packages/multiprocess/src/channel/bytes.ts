/** The arguments of sendBytes, recvBytes and recvBytesInto; texts of errors are CPython's. */
import { describe, invalidArgument, MultiprocessError } from '../errors.ts';
import { BufferTooShortError } from './connection-errors.ts';

/** Memory that can be sent, or received into. */
export type Bytes = ArrayBufferView | ArrayBufferLike;

function bytesOf(buffer: Bytes): Uint8Array {
  if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  if (buffer instanceof ArrayBuffer || buffer instanceof SharedArrayBuffer) return new Uint8Array(buffer);
  throw invalidArgument('buffer', 'a typed array, a DataView or an ArrayBuffer', buffer);
}

/** The part of `buffer` that is to be sent. */
export function part(buffer: Bytes, offset: number, size: number | undefined): Uint8Array {
  const bytes = bytesOf(buffer);
  checkInteger('offset', offset);
  if (offset < 0) throw outOfRange('offset is negative', offset);
  if (offset > bytes.length) throw outOfRange('buffer length < offset', offset);
  if (size === undefined) return bytes.subarray(offset);
  checkInteger('size', size);
  if (size < 0) throw outOfRange('size is negative', size);
  if (offset + size > bytes.length) throw outOfRange('buffer length < offset + size', offset + size);
  return bytes.subarray(offset, offset + size);
}

/** The part of `buffer` that may be received into. */
export function rest(buffer: Bytes, offset: number): Uint8Array {
  const bytes = bytesOf(buffer);
  checkInteger('offset', offset);
  if (offset < 0) throw outOfRange('negative offset', offset);
  if (offset > bytes.length) throw outOfRange('offset too large', offset);
  return bytes.subarray(offset);
}

/** How much has been filled. */
export function fill(room: Uint8Array, message: Uint8Array): number {
  if (message.length > room.length) throw new BufferTooShortError(message, room.length);
  room.set(message);
  return message.length;
}

export function checkMaxLength(maxLength: number | undefined): void {
  if (maxLength === undefined) return;
  checkInteger('maxLength', maxLength);
  if (maxLength < 0) throw outOfRange('negative maxlength', maxLength);
}

function checkInteger(name: string, value: unknown): void {
  if (!Number.isSafeInteger(value)) throw invalidArgument(name, 'an integer', value);
}

function outOfRange(message: string, value: number): MultiprocessError {
  return new MultiprocessError('ERR_MP_INVALID_ARG', `${message} (${describe(value)})`);
}
