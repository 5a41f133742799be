/** Value: a RawValue with a lock, and changes in one piece. */
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { addAt, addressOf, around, unpackCell } from '../memory/index.ts';
import type { WaitOptions } from '../timeout.ts';
import { registerHandle, registerKnown } from '../transport/index.ts';
import { KIND } from './cell.ts';
import {
  exclusively,
  type Holdable,
  type LockOf,
  type LockOption,
  lockFrom,
  type PackedLocked,
  required,
  type SharedOptions,
} from './locks.ts';
import { type PackedValue, RawValue } from './raw-value.ts';
import { Scalar } from './scalars.ts';
import type { AddendOf, InputOf, ValueOf, ValueType } from './types.ts';

/**
 * A value in shared memory, and a lock to go with it. Every process and thread that it is sent to, or whose functions
 * capture it, reads and writes the same memory.
 *
 * There are two ways to change it together with others. `add` and `update` are atomic by themselves, and need no lock. Or
 * everybody holds the lock while they look and change, as when two values must fit together:
 *
 * ```
 * using held = stock.getLock().holdSync();
 * if (stock.value > 0) stock.value -= 1;
 * ```
 *
 * Do not mix the two on one value: the lock keeps out those who take it, and `add`, `update` and `value` of a number do not.
 *
 * The default lock is an {@link RLock}, as in Python. It belongs to a thread: asynchronous functions of one thread do not keep
 * each other out. Where they share a value, and await while they hold it, pass `{ lock: new Lock() }`.
 *
 * @example
 * const done = new Value('i32');
 * const workers = files.map((file) => new Process({ target: async () => { await convert(file); done.add(1); } }));
 */
export class Value<T extends ValueType, L extends LockOption = true> extends RawValue<T> {
  readonly #lock: LockOf<L> | false;
  #raw: RawValue<T> | undefined;
  /** One element: what Atomics work on. Undefined for structs. */
  readonly #bits: Int32Array | undefined;
  /** Of an integer of 32 bits, for WebAssembly; 0: Atomics do. */
  readonly #address: number = 0;

  /**
   * @param type its type ({@link TypeName}), or a {@link struct}
   * @param initial default: zero in every byte
   *
   * Throws `ERR_MP_INVALID_ARG`, and `ERR_MP_NO_MEMORY` when the shared memory is full.
   */
  constructor(type: T, initial?: InputOf<T>, options?: SharedOptions<L>) {
    super(type, initial);
    this.#lock = lockFrom(options) as LockOf<L> | false;
    const { layout, memory } = this;
    if (!(layout instanceof Scalar)) return;
    this.#bits = new layout.Bits(memory.buffer, memory.start, 1) as never;
    if (layout.adds === 'integer' && layout.size === 4) this.#address = addressOf(memory.cell.offset);
  }

  /** A struct is assigned with the lock held: beside updates and other assignments it stays whole. */
  protected override store(value: InputOf<T>): void {
    if (this.#bits || this.#lock === false) super.store(value);
    else exclusively(this.#lock, () => super.store(value));
  }

  /**
   * Adds to a number, atomically and without the lock, whatever others do meanwhile: for integers one machine instruction, for
   * `f32` and `f64` repeated until nobody came in between.
   *
   * @returns the new value, which no other `add` of 1 has returned
   *
   * Throws `ERR_MP_INVALID_ARG` for what the type does not accept, `ERR_MP_UNSUPPORTED` for flags, characters and structs.
   */
  add(n: AddendOf<T>): ValueOf<T> {
    const bits = this.#bits;
    const scalar = this.layout as Scalar;
    if (!bits || !scalar.adds) throw notANumber(scalar.name);
    const amount = scalar.encode(n, 'n');
    if (scalar.adds === 'float') return this.#exchange(bits, (before) => before + amount);
    const { scratch } = scalar;
    scratch[0] = amount;
    scratch[0] += this.#address !== 0 ? addAt(this.#address, amount) : Atomics.add(bits, 0, amount);
    return scratch[0];
  }

  /**
   * Replaces the value by what `fn` makes of it, so that nobody changes it in between.
   *
   * Of a number, flag or character: without the lock, and right beside `add`, other updates and plain writes to `value`. When
   * somebody was faster, `fn` is called again with the new value: it must do nothing but calculate. Of a struct: with the
   * lock held, `fn` is called once with a copy of the fields, and returns all of them; right beside other updates and
   * assignments to `value`, but not beside writes to single fields without the lock.
   *
   * @returns the new value
   *
   * Throws what `fn` throws, `ERR_MP_INVALID_ARG` when it returns what the type does not accept, and `ERR_MP_UNSUPPORTED` for
   * a struct without lock; nothing has changed then.
   *
   * @example
   * const highest = best.update((score) => Math.max(score, mine));
   */
  update(fn: (value: ValueOf<T>) => InputOf<T>): ValueOf<T> {
    if (typeof fn !== 'function') throw invalidArgument('fn', 'a function', fn);
    const { layout, memory } = this;
    if (layout instanceof Scalar) {
      return this.#exchange(this.#bits!, (raw) => layout.encode(fn(layout.decode(raw) as never), RESULT));
    }
    return exclusively(required<Holdable>(this.#lock, this), () => {
      layout.write(memory, memory.start, fn(layout.snapshot(memory, memory.start)), RESULT);
      return layout.snapshot(memory, memory.start);
    });
  }

  /** The lock. Throws `ERR_MP_UNSUPPORTED` when it was made with `lock: false`. */
  getLock(): LockOf<L> {
    return required(this.#lock, this);
  }

  /** The value in the same memory without the lock. */
  getObject(): RawValue<T> {
    this.#raw ??= around(this.memory.cell, () => new RawValue<T>(this.type as T));
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

  /** As that of the lock: `using held = await v.hold()`. */
  hold(timeout?: number | WaitOptions): Promise<Disposable> {
    return this.getLock().hold(timeout);
  }

  /** As that of the lock: `using held = v.holdSync()`. */
  holdSync(timeout?: number | WaitOptions): Disposable {
    return this.getLock().holdSync(timeout);
  }

  /** What stands for it in a message. @internal */
  packWithLock(): PackedLocked<PackedValue> {
    return [this.pack(), this.#lock];
  }

  /** Compare-and-swap of the bits. The scratch is filled and read with nothing in between. */
  #exchange(bits: Int32Array, change: (raw: any) => unknown): ValueOf<T> {
    const { scratch, scratchBits, decode } = this.layout as Scalar;
    for (let seen = Atomics.load(bits, 0); ; ) {
      scratchBits[0] = seen;
      scratch[0] = change(scratch[0]);
      const found = Atomics.compareExchange(bits, 0, seen, scratchBits[0]);
      if (found === seen) return decode(scratch[0]) as ValueOf<T>;
      seen = found;
    }
  }
}

const RESULT = 'the result of fn';

function notANumber(type: string): MultiprocessError {
  return new MultiprocessError('ERR_MP_UNSUPPORTED', `cannot add to a value of type ${type}: use update()`);
}

registerHandle<Value<any, any>, PackedLocked<PackedValue>>(Value, {
  tag: 'Value',
  pack: (value) => value.packWithLock(),
  unpack: ([[type, packed], lock]) =>
    around(unpackCell(packed, KIND), () => new Value<any, LockOption>(type, undefined, { lock })),
});
registerKnown('Value', Value);
