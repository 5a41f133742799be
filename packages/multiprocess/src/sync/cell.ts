/** What synchronisation objects have in common: a cell, how they are printed, and how they travel. */
import { around, type PackedCell, packCell, type SharedCell, unpackCell } from '../memory/index.ts';
import { registerHandle } from '../transport/index.ts';

export interface SharedObject {
  /** @internal */
  readonly cell: SharedCell;
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
