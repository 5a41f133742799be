/** Writes typed arrays and buffers. */
import { types } from 'node:util';
import { sharedMemoryOf } from '../../handles.ts';
import { LARGE, TYPE } from './layout.ts';
import { hasRoom, insertPiece, isPiece, target } from './memory.ts';
import { viewKind } from './views.ts';

/** Only the bytes under the view are sent: a slice of a large buffer costs what the slice costs. */
export function writeView(view: ArrayBufferView, prototype: object, at: number): number {
  const kind = viewKind(prototype);
  if (kind === undefined || !isOwnMemory(view.buffer)) return -1;
  const { bytes } = target;
  bytes[at++] = TYPE.view;
  bytes[at++] = kind;
  return writeBytes(view.buffer, view.byteOffset, view.byteLength, at);
}

export function writeBuffer(buffer: ArrayBuffer, at: number): number {
  // Of a resizable buffer V8's format keeps the maximum, too.
  if (!isOwnMemory(buffer) || buffer.resizable || Reflect.ownKeys(buffer).length > 0) return -1;
  target.bytes[at++] = TYPE.buffer;
  return writeBytes(buffer, 0, buffer.byteLength, at);
}

// Memory that others have, too, must not become a copy; and what is detached has no bytes.
function isOwnMemory(buffer: ArrayBufferLike): buffer is ArrayBuffer {
  return types.isArrayBuffer(buffer) && !buffer.detached && !sharedMemoryOf(buffer);
}

function writeBytes(buffer: ArrayBuffer, byteOffset: number, size: number, at: number): number {
  if (size > 0xffff_ffff || (!isPiece(size) && !hasRoom(at, size + 16))) return -1;
  const start = at + 5;
  const padding = size < LARGE ? 0 : -(start + target.outside) & 7;
  const { bytes, view } = target;
  bytes[at] = padding;
  view.setUint32(at + 1, size, true);
  bytes.fill(0, start, start + padding);
  at = start + padding;
  const source = new Uint8Array(buffer, byteOffset, size);
  if (!isPiece(size)) {
    bytes.set(source, at);
    return at + size;
  }
  insertPiece(at, source);
  return at;
}
