/** SharedArray: a RawArray with a lock. */
import { around, unpackCell } from '../memory/index.ts';
import type { WaitOptions } from '../timeout.ts';
import { registerHandle, registerKnown } from '../transport/index.ts';
import { KIND } from './cell.ts';
import { type LockOf, type LockOption, lockFrom, type PackedLocked, required, type SharedOptions } from './locks.ts';
import { type PackedArray, RawArray } from './raw-array.ts';
import type { Source } from './source.ts';
import type { ValueType } from './types.ts';

/**
 * An array in shared memory ({@link RawArray}), and a lock to go with it. Reading and writing do not take the lock: hold it
 * for as long as what you look at and change must stay together.
 *
 * The default lock is an {@link RLock}, which belongs to a thread: asynchronous functions of one thread do not keep each other
 * out. Where they share an array, and await while they hold it, pass `{ lock: new Lock() }`.
 *
 * Single elements of integer arrays can do without the lock: `Atomics.add(counts.array, i, 1)`.
 *
 * @example
 * const counts = new SharedArray('i32', 256);
 * using held = await counts.hold();
 * for (const [i, n] of mine.entries()) counts.array[i] += n;
 */
export class SharedArray<T extends ValueType, L extends LockOption = true> extends RawArray<T> {
  readonly #lock: LockOf<L> | false;
  #raw: RawArray<T> | undefined;

  /**
   * @param type type of the elements ({@link TypeName}), or a {@link struct}
   * @param sizeOrInit a number of elements, which are zero; or an iterable of elements; or a string, for characters
   *
   * Throws `ERR_MP_INVALID_ARG`, and `ERR_MP_NO_MEMORY` when the shared memory has no room.
   */
  constructor(type: T, sizeOrInit: number | Source<T>, options?: SharedOptions<L>) {
    super(type, sizeOrInit);
    this.#lock = lockFrom(options) as LockOf<L> | false;
  }

  /** The lock. Throws `ERR_MP_UNSUPPORTED` when it was made with `lock: false`. */
  getLock(): LockOf<L> {
    return required(this.#lock, this);
  }

  /** The array in the same memory without the lock. */
  getObject(): RawArray<T> {
    this.#raw ??= around(this.memory.cell, () => new RawArray<T>(this.type as T, this.length));
    return this.#raw;
  }

  /** As that of the lock. */
  acquire(timeout?: number | WaitOptions): Promise<boolean> {
    return this.getLock().acquire(timeout);
  }

  /** As that of the lock. */
  acquireSync(timeout?: number | WaitOptions): boolean {
    return this.getLock().acquireSync(timeout);
  }

  /** As that of the lock. */
  tryAcquire(): boolean {
    return this.getLock().tryAcquire();
  }

  /** As that of the lock. */
  release(): void {
    this.getLock().release();
  }

  /** As that of the lock: `using held = await a.hold()`. */
  hold(timeout?: number | WaitOptions): Promise<Disposable> {
    return this.getLock().hold(timeout);
  }

  /** As that of the lock: `using held = a.holdSync()`. */
  holdSync(timeout?: number | WaitOptions): Disposable {
    return this.getLock().holdSync(timeout);
  }

  /** What stands for it in a message. @internal */
  packWithLock(): PackedLocked<PackedArray> {
    return [this.pack(), this.#lock];
  }
}

registerHandle<SharedArray<any, any>, PackedLocked<PackedArray>>(SharedArray, {
  tag: 'SharedArray',
  pack: (array) => array.packWithLock(),
  unpack: ([[type, length, packed], lock]) =>
    around(unpackCell(packed, KIND), () => new SharedArray<any, LockOption>(type, length, { lock })),
});
registerKnown('SharedArray', SharedArray);
