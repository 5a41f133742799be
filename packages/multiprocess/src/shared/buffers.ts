/** ArrayBuffers over shared arrays: what users get to see, and how typed arrays over them travel. */
import { markAsUntransferable } from 'node:worker_threads';
import { bufferAt, lend, type PackedCell, packCell, type SharedCell, unpackCell } from '../memory/index.ts';
import { registerSharedMemory } from '../transport/index.ts';
import { KIND } from './cell.ts';

/** Whoever has the buffer, or a typed array over it, keeps the cell. */
const cells = new WeakMap<ArrayBufferLike, SharedCell>();
/** By the offsets of their cells. */
const buffers = new Map<number, WeakRef<ArrayBuffer>>();
const collected = new FinalizationRegistry<number>((offset) => {
  if (!buffers.get(offset)?.deref()) buffers.delete(offset);
});

/**
 * The ArrayBuffer over the first `length` bytes of a cell, and nothing else. There is one, however often parts of an array arrive: each
 * would be memory that V8 has to look after.
 */
export function exposedBuffer(cell: SharedCell, length: number): ArrayBuffer {
  const { offset } = cell;
  const known = buffers.get(offset)?.deref();
  if (known) return known; // it keeps its cell, so no other one can have come to lie there
  const buffer = lend(offset, length) ?? bufferAt(offset, length);
  markAsUntransferable(buffer); // it is not only ours
  cells.set(buffer, cell);
  buffers.set(offset, new WeakRef(buffer));
  collected.register(buffer, offset);
  return buffer;
}

type View = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView;
type Packed = [cell: PackedCell, size: number, View: View | undefined, byteOffset: number, length: number];

registerSharedMemory<Packed>({
  tag: 'RawArray.buffer',
  isShared: (buffer) => cells.has(buffer),
  pack(object) {
    const isView = ArrayBuffer.isView(object);
    const buffer = isView ? object.buffer : object;
    const cell = packCell(cells.get(buffer)!);
    if (!isView) return [cell, buffer.byteLength, undefined, 0, 0];
    const { length = object.byteLength } = object as ArrayBufferView & { length?: number }; // a DataView has bytes
    return [cell, buffer.byteLength, object.constructor as View, object.byteOffset, length];
  },
  unpack([packed, size, View, byteOffset, length]) {
    const cell = unpackCell(packed, KIND);
    const buffer = exposedBuffer(cell, size);
    if (cells.get(buffer) !== cell) cell[Symbol.dispose](); // it is referred to already
    if (!View) return buffer;
    return (View as unknown) === Buffer
      ? Buffer.from(buffer, byteOffset, length)
      : new View(buffer, byteOffset, length);
  },
});
