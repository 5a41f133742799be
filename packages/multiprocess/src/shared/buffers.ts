/** ArrayBuffers over shared arrays: what users get to see, and how typed arrays over them travel. */
import { bufferAt, type PackedCell, packCell, type SharedCell, unpackCell } from '../memory/index.ts';
import { registerSharedMemory } from '../transport/index.ts';
import { KIND } from './cell.ts';

interface Place {
  cell: SharedCell;
  /** Bytes from the beginning of the cell. */
  start: number;
}

/** Whoever has the buffer, or a typed array over it, keeps the cell. */
const places = new WeakMap<ArrayBufferLike, Place>();

/** An ArrayBuffer over `length` bytes of a cell and nothing else. */
export function exposedBuffer(cell: SharedCell, length: number, start = 0): ArrayBuffer {
  const buffer = bufferAt(cell.offset + start, length);
  places.set(buffer, { cell, start });
  return buffer;
}

type View = new (buffer: ArrayBuffer) => ArrayBufferView;
type Packed = [cell: PackedCell, start: number, length: number, View: View | undefined];

// Only the bytes under a view are shown on the other side: V8 counts a buffer as the program's own memory, and begins a
// garbage collection for a large one, which is not to be paid for with every small part of it.
registerSharedMemory<Packed>({
  tag: 'RawArray.buffer',
  isShared: (buffer) => places.has(buffer),
  pack(object) {
    const isView = ArrayBuffer.isView(object);
    const { cell, start } = places.get(isView ? object.buffer : object)!;
    const Class = isView ? (object.constructor as View) : undefined;
    return [packCell(cell), start + (isView ? object.byteOffset : 0), object.byteLength, Class];
  },
  unpack([packed, start, length, View]) {
    const buffer = exposedBuffer(unpackCell(packed, KIND), length, start);
    if (!View) return buffer;
    return (View as unknown) === Buffer ? Buffer.from(buffer) : new View(buffer);
  },
});
