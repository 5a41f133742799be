/** Cells of realm memory by their byte offsets: for whoever does their own book-keeping. Others use SharedCell. */
import { type MemoryStats, native } from '../native.ts';
import { selfSlot } from './self.ts';

/**
 * A zeroed cell of at least `size` bytes, to which `slot` refers first; `kind` is what handles to it must say. Its
 * offset, or 0 when the realm is full.
 */
export function allocate(size: number, slot: number = selfSlot(), kind = 0): number {
  return native.cellAllocate(size, slot, kind);
}

/** Drops the first reference to a cell: frees it, unless others refer to it. False when it was dropped already. */
export function free(offset: number): boolean {
  return native.cellFree(offset);
}

/** Drops every reference of a slot whose user is dead; how many there were. */
export function sweep(slot: number): number {
  return native.cellSweep(slot);
}

/** How the heap stands. Looks at every cell: for tools, not for loops. */
export function memoryStats(): MemoryStats {
  return native.memoryStats();
}
