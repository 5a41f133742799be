/** A cell of realm memory and one reference to it, as an object. */
import { MultiprocessError } from '../errors.ts';
import { native } from '../native.ts';
import { checkHandle, type Handle, handleOf, retain } from './handle.ts';
import { bytesAt } from './realm.ts';
import { lives, selfSlot } from './self.ts';

interface Held {
  offset: number;
  reference: number;
  /** Slot that holds the reference. */
  slot: number;
  /** Of {@link lives}, when it was made. */
  life: number;
}

const forgotten = new FinalizationRegistry<Held>(drop);

/**
 * Owns a reference: the memory lives until it is disposed of, here and wherever else the cell was opened. An object that
 * is merely forgotten is disposed of when it is collected.
 *
 * @example
 * using cell = SharedCell.create(1024, KIND);
 * const other = SharedCell.open(cell.handle, KIND); // in any member of the realm
 */
export class SharedCell implements Disposable {
  readonly offset: number;
  /** Usable bytes, at least what was asked for. */
  readonly size: number;
  readonly #held: Held;
  #disposed = false;

  private constructor(offset: number, reference: number, slot: number) {
    this.offset = offset;
    this.size = native.cellInfo(offset)?.size ?? 0;
    this.#held = { offset, reference, slot, life: lives() };
    forgotten.register(this, this.#held, this);
  }

  /** A new cell, zeroed. Throws `ERR_MP_NO_MEMORY`. */
  static create(size: number, kind = 0): SharedCell {
    const slot = selfSlot();
    const offset = native.cellAllocate(size, slot, kind);
    if (offset === 0)
      throw new MultiprocessError('ERR_MP_NO_MEMORY', `the realm has no room for a cell of ${size} bytes`);
    return new SharedCell(offset, 0, slot);
  }

  /** The cell of a handle. Throws `ERR_MP_BAD_HANDLE` when that is stale, of another realm or not of `kind`. */
  static open(handle: Handle, kind = 0): SharedCell {
    const slot = selfSlot();
    return new SharedCell(handle.offset, retain(handle, kind, slot), slot);
  }

  /** Takes over a reference that a sender has made for this thread's slot. */
  static adopt(handle: Handle, reference: number, kind: number): SharedCell {
    checkHandle(handle, kind);
    return new SharedCell(handle.offset, reference, selfSlot());
  }

  /** Throws `ERR_MP_BAD_HANDLE` once the cell is disposed of and gone. */
  get handle(): Handle {
    return handleOf(this.offset);
  }

  /** The memory. Throws `ERR_MP_CLOSED` after disposal: it may be somebody else's by then. */
  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.#disposed) throw new MultiprocessError('ERR_MP_CLOSED', 'the cell has been disposed of');
    return bytesAt(this.offset, this.size);
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Drops the reference; the last one frees the memory. Doing it again changes nothing. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    forgotten.unregister(this);
    drop(this.#held);
  }
}

// A forked child has its parent's objects, but references of its own (native.cellInherit): it drops one of those.
function drop({ offset, reference, slot, life }: Held): void {
  if (life !== lives()) return; // went with the slot
  const own = selfSlot();
  if (own !== slot) {
    const inherited = native.cellFind(offset, own);
    if (inherited) native.cellRelease(inherited, offset);
  } else if (reference) {
    native.cellRelease(reference, offset);
  } else {
    native.cellFree(offset);
  }
}
