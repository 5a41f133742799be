/** The cell behind a shared object: made with the object, or that of one which has been sent here. */
import { SharedCell } from './shared-cell.ts';

let arrived: SharedCell | undefined;

/** For a constructor, before it makes any other shared object: its cell, and whether it must fill it in. */
export function cellFor(size: number, kind: number): { cell: SharedCell; isNew: boolean } {
  const cell = arrived;
  arrived = undefined;
  return cell ? { cell, isNew: false } : { cell: SharedCell.create(size, kind), isNew: true };
}

/** Makes an object by `make` around a cell that exists. */
export function around<T>(cell: SharedCell, make: () => T): T {
  arrived = cell;
  try {
    return make();
  } finally {
    arrived = undefined;
  }
}
