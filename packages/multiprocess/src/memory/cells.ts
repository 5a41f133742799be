/** Cells of realm memory by their byte offsets. Cells come zeroed. */
import { native } from '../native.ts';
import { selfSlot } from './self.ts';

/** A zeroed cell of at least `size` bytes that `slot` refers to; its offset, or 0 when the realm is full. */
export function allocate(size: number, slot: number = selfSlot()): number {
  return native.cellAllocate(size, slot);
}

export function free(offset: number): void {
  native.cellFree(offset);
}
