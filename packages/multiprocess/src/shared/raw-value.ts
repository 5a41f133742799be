/** RawValue: one number, flag, character or struct in shared memory. */
import { inspect } from 'node:util';
import { around, cellFor, type PackedCell, packCell, unpackCell } from '../memory/index.ts';
import { registerHandle, registerKnown } from '../transport/index.ts';
import { KIND } from './cell.ts';
import { Memory } from './memory.ts';
import type { Layout } from './scalars.ts';
import { layoutOf, Struct } from './struct.ts';
import type { InputOf, ValueOf, ValueType } from './types.ts';

/**
 * A value in shared memory without a lock. Every process and thread that it is sent to, or whose functions capture it, reads
 * and writes the same memory.
 *
 * A number, flag or character is read and written in one piece: nobody sees half of it. `raw.value += 1` is two steps, between
 * which others may write: {@link Value} has `add` and a lock.
 *
 * @example
 * const progress = new RawValue('f64');
 * new Process({ target: () => { progress.value = 0.5; } }).start();
 */
export class RawValue<T extends ValueType> {
  protected readonly layout: Layout;
  protected readonly memory: Memory;
  readonly #object: ValueOf<T> | undefined;

  /**
   * @param type its type ({@link TypeName}), or a {@link struct}
   * @param initial default: zero in every byte
   *
   * Throws `ERR_MP_INVALID_ARG`, and `ERR_MP_NO_MEMORY` when the shared memory is full.
   */
  constructor(type: T, initial?: InputOf<T>) {
    this.layout = layoutOf(type);
    if (initial !== undefined) this.layout.check(initial, 'initial');
    const { cell, isNew } = cellFor(Math.max(this.layout.size, 1), KIND);
    this.memory = new Memory(cell);
    if (isNew && initial !== undefined) this.layout.write(this.memory, this.memory.start, initial, 'initial');
    if (this.layout instanceof Struct) this.#object = this.layout.read(this.memory, this.memory.start) as never;
  }

  /**
   * What is in memory now. Of a struct: an object whose fields are those in memory, always the same; assigning to `value`
   * copies the fields, all of which must be there. Numbers that are too large wrap around, as in C.
   *
   * Writing throws `ERR_MP_INVALID_ARG` for what the type does not accept.
   */
  get value(): ValueOf<T> {
    return this.#object ?? this.layout.read(this.memory, this.memory.start);
  }

  set value(value: InputOf<T>) {
    this.store(value);
  }

  protected store(value: InputOf<T>): void {
    this.layout.write(this.memory, this.memory.start, value, 'value');
  }

  /** Its type: a {@link Struct}, or a name; `'i32'` for `'i'`. */
  get type(): ValueType {
    return this.layout instanceof Struct ? this.layout : (this.layout.name as ValueType);
  }

  /** A raw value of its own with what this one has now. */
  copy(): RawValue<T> {
    return new RawValue(this.type as T, this.layout.snapshot(this.memory, this.memory.start));
  }

  /** `RawValue(i32, 7)` */
  toString(): string {
    const now = this.layout.snapshot(this.memory, this.memory.start);
    return `${this.constructor.name}(${this.layout.name}, ${inspect(now, { breakLength: Infinity })})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** What stands for it in a message. @internal */
  pack(): PackedValue {
    return [this.type, packCell(this.memory.cell)];
  }
}

export type PackedValue = [type: ValueType, cell: PackedCell];

registerHandle<RawValue<any>, PackedValue>(RawValue, {
  tag: 'RawValue',
  pack: (raw) => raw.pack(),
  unpack: ([type, packed]) => around(unpackCell(packed, KIND), () => new RawValue<any>(type)),
});
registerKnown('RawValue', RawValue);
