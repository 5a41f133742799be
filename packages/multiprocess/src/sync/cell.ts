/** The cell behind a synchronisation object: made with it, or that of an object which has been sent here. */
import { type PackedCell, packCell, SharedCell, unpackCell } from '../memory/index.ts';
import { registerHandle } from '../transport/index.ts';
import { CELL_SIZE } from './layout.ts';

export interface SharedObject {
  /** @internal */
  readonly cell: SharedCell;
}

let arrived: SharedCell | undefined;

/** For a constructor: its cell, and whether it must fill it in. */
export function cellFor(kind: number): { cell: SharedCell; isNew: boolean } {
  const cell = arrived;
  arrived = undefined;
  return cell ? { cell, isNew: false } : { cell: SharedCell.create(CELL_SIZE, kind), isNew: true };
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

/** What console.log prints is what `toString` says; the words of the cell are not worth seeing. */
export function printsAsString(Class: { prototype: object }): void {
  Object.defineProperty(Class.prototype, Symbol.for('nodejs.util.inspect.custom'), {
    configurable: true,
    writable: true,
    value(this: object) {
      return String(this);
    },
  });
}

/** Objects of a class travel by handle: what arrives is the same object, seen from another process or thread. */
export function registerShared<T extends SharedObject>(Class: new () => T, tag: string, kind: number): void {
  printsAsString(Class);
  registerHandle<T, PackedCell>(Class, {
    tag,
    pack: (object) => packCell(object.cell),
    unpack: (packed) => around(unpackCell(packed, kind), () => new Class()),
  });
}
