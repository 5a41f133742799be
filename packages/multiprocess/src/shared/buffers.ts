/** ArrayBuffers over shared arrays: what users get to see, and how typed arrays over them travel. */
import { bufferAt, type PackedCell, packCell, type SharedCell, unpackCell } from '../memory/index.ts';
import { registerBuffer } from '../transport/index.ts';
import { KIND } from './cell.ts';

/** Whoever has the buffer, or a typed array over it, keeps the cell. */
const cells = new WeakMap<ArrayBufferLike, SharedCell>();

/** An ArrayBuffer over the first `length` bytes of a cell and nothing else. */
export function exposedBuffer(cell: SharedCell, length: number): ArrayBuffer {
  const buffer = bufferAt(cell.offset, length);
  cells.set(buffer, cell);
  return buffer;
}

registerBuffer<[PackedCell, length: number]>({
  tag: 'RawArray.buffer',
  isShared: (buffer) => cells.has(buffer),
  pack: (buffer) => [packCell(cells.get(buffer)!), buffer.byteLength],
  unpack: ([packed, length]) => exposedBuffer(unpackCell(packed, KIND), length),
});
