/** The memory of a shared value: its cell, and typed arrays over it. */
import type { SharedCell } from '../memory/index.ts';
import type { Elements, Scalar } from './scalars.ts';

/**
 * Where something of a cell is read and written. Whoever has a Memory keeps the cell.
 *
 * Small values use the realm's own windows, which must not get into users' hands: they reach beyond the cell.
 */
export class Memory {
  readonly cell: SharedCell;
  readonly buffer: ArrayBuffer;
  /** Where the cell begins in `buffer`. */
  readonly start: number;
  readonly #views: Views;

  constructor(
    cell: SharedCell,
    { buffer, byteOffset: start }: { buffer: ArrayBuffer; byteOffset: number } = cell.bytes,
  ) {
    this.cell = cell;
    this.buffer = buffer;
    this.start = start;
    this.#views = viewsOf(buffer);
  }

  /** All of the buffer as elements of a type. */
  elements(type: Scalar): Elements {
    const known = this.#views[type.number];
    if (known) return known;
    const made = new type.Elements(this.buffer, 0, Math.floor(this.buffer.byteLength / type.size));
    this.#views[type.number] = made;
    return made;
  }
}

/** By the numbers of the scalars. */
type Views = Elements[];
const known = new WeakMap<ArrayBuffer, Views>();

function viewsOf(buffer: ArrayBuffer): Views {
  let views = known.get(buffer);
  if (!views) {
    views = [];
    known.set(buffer, views);
  }
  return views;
}
