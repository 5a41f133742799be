/** The cell behind a shared value: made with it, or that of a value which has been sent here. */
import { SharedCell } from '../memory/index.ts';

/** What handles to the cells of values and arrays say (memory/handle.ts). */
export const KIND = 0x5601;

let arrived: SharedCell | undefined;

/** For a constructor: its cell, and whether it must fill it in. */
export function cellFor(size: number): { cell: SharedCell; isNew: boolean } {
  const cell = arrived;
  arrived = undefined;
  return cell ? { cell, isNew: false } : { cell: SharedCell.create(Math.max(size, 1), KIND), isNew: true };
}

/** Makes a value by `make` around a cell that exists. */
export function around<T>(cell: SharedCell, make: () => T): T {
  arrived = cell;
  try {
    return make();
  } finally {
    arrived = undefined;
  }
}
