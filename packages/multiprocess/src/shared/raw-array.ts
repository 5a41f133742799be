/** RawArray: numbers, flags, characters or structs in a row in shared memory. */
import { inspect } from 'node:util';
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { around, cellFor, type PackedCell, packCell, unpackCell } from '../memory/index.ts';
import { registerHandle, registerKnown } from '../transport/index.ts';
import { exposedBuffer } from './buffers.ts';
import { KIND } from './cell.ts';
import { makeIndexed } from './indexing.ts';
import { Memory } from './memory.ts';
import { type Elements, type Layout, Scalar } from './scalars.ts';
import { checkLength, elementsOf, rangeOf, type Source } from './source.ts';
import { layoutOf, type Struct } from './struct.ts';
import type { ArrayOf, InputOf, TextOf, ValueOf, ValueType } from './types.ts';

/**
 * An array in shared memory without a lock. Every process and thread that it is sent to, or whose functions capture it,
 * reads and writes the same memory.
 *
 * {@link array} is the memory itself, as a typed array: as fast as any. Indexes, `get`, `set` and `fill` check what they
 * are given; an index that is not there throws `ERR_MP_INVALID_ARG`. Pages of memory are taken when they are first
 * written, and given back when nobody refers to the array any more.
 *
 * @example
 * const grid = new RawArray('f64', 1_000_000);
 * await pool.map((row: number) => { grid.array.fill(row, row * 1000, (row + 1) * 1000) }, rows);
 */
export class RawArray<T extends ValueType> {
  [index: number]: ValueOf<T>;
  /** Number of elements. */
  readonly length: number;
  protected readonly layout: Layout;
  protected readonly memory: Memory;
  readonly #array: ArrayOf<T>;

  /**
   * @param type type of the elements ({@link TypeName}), or a {@link struct}
   * @param sizeOrInit a number of elements, which are zero; or an iterable of elements; or a string, for characters
   *
   * Throws `ERR_MP_INVALID_ARG`, and `ERR_MP_NO_MEMORY` when the shared memory has no room.
   */
  constructor(type: T, sizeOrInit: number | Source<T>) {
    this.layout = layoutOf(type);
    const { size } = this.layout;
    const source = typeof sizeOrInit === 'number' ? undefined : elementsOf(this.layout, sizeOrInit, 'sizeOrInit');
    this.length = source ? source.length : checkLength(sizeOrInit as number);
    const { cell, isNew } = cellFor(Math.max(this.length * size, 1), KIND);
    const buffer = exposedBuffer(cell, this.length * size);
    this.memory = new Memory(cell, { buffer, byteOffset: 0 });
    this.#array = (
      this.layout instanceof Scalar ? this.memory.elements(this.layout) : new Uint8Array(buffer)
    ) as ArrayOf<T>;
    if (isNew && source) this.#write(source, 0);
  }

  /**
   * A typed array over the memory: writing there checks nothing and converts as typed arrays do. Of flags and characters
   * the numbers behind them, of structs all bytes. Sent elsewhere, it and its subarrays are the same memory there.
   */
  get array(): ArrayOf<T> {
    return this.#array;
  }

  /** The element at `index`, from 0. Of structs: an object whose fields are those in memory. */
  get(index: number): ValueOf<T> {
    return this.layout.read(this.memory, this.#offset(index));
  }

  /** Writes one element, or all of a source from `index` on. Nothing is written when something is not accepted. */
  set(index: number, value: InputOf<T>): void;
  set(source: Source<T>, index?: number): void;
  set(first: number | Source<T>, second?: InputOf<T> | number): void {
    if (typeof first === 'number') {
      this.layout.write(this.memory, this.#offset(first), second, `[${first}]`);
      return;
    }
    const source = elementsOf(this.layout, first, 'source');
    const index = (second ?? 0) as number;
    if (!Number.isInteger(index) || index < 0 || index + source.length > this.length) {
      const what = `${source.length} elements from index ${index}`;
      throw new MultiprocessError('ERR_MP_INVALID_ARG', `invalid index: ${what} do not fit into ${this.length}`);
    }
    this.#write(source, index);
  }

  /** The element at `index`, counted from the end if negative; undefined where there is none. */
  at(index: number): ValueOf<T> | undefined {
    const n = Math.trunc(index) || 0;
    const i = n < 0 ? n + this.length : n;
    return i >= 0 && i < this.length ? this.get(i) : undefined;
  }

  /** Writes `value` to all elements from `start` to before `end`, as with typed arrays. */
  fill(value: InputOf<T>, start?: number, end?: number): this {
    const { layout } = this;
    if (layout instanceof Scalar) {
      (this.array as Elements).fill(layout.encode(value, 'value'), start, end);
      return this;
    }
    layout.check(value, 'value');
    const [from, to] = rangeOf(this.length, start, end);
    for (let i = from; i < to; i++) layout.write(this.memory, i * layout.size, value, 'value');
    return this;
  }

  /** The elements from `start` to before `end`, copied into an ordinary array. `array.subarray()` copies nothing. */
  slice(start?: number, end?: number): ValueOf<T>[] {
    const [from, to] = rangeOf(this.length, start, end);
    const { layout, memory } = this;
    const copies: ValueOf<T>[] = [];
    for (let i = from; i < to; i++) copies.push(layout.snapshot(memory, i * layout.size));
    return copies;
  }

  *[Symbol.iterator](): IterableIterator<ValueOf<T>> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }

  /**
   * Of characters: the text up to the first `'\0'`. Assigning writes a text from the beginning on, and a `'\0'` after it
   * where there is room. Throws `ERR_MP_INVALID_ARG` for a text that is too long, `ERR_MP_UNSUPPORTED` for other types.
   */
  get value(): TextOf<T> {
    const scalar = this.#characters();
    const end = Array.prototype.indexOf.call(this.array, 0);
    const codes = (this.array as Elements).slice(0, end < 0 ? this.length : end);
    return Array.from(codes as ArrayLike<number>, scalar.decode).join('') as TextOf<T>;
  }

  set value(text: TextOf<T>) {
    const codes = elementsOf(this.#characters(), text, 'value');
    if (codes.length > this.length)
      throw invalidArgument('value', `a string of at most ${this.length} characters`, text);
    this.#write(codes, 0);
    if (codes.length < this.length) (this.array as Elements)[codes.length] = 0;
  }

  /** Type of the elements: a {@link Struct}, or a name; `'i32'` for `'i'`. */
  get type(): ValueType {
    return this.layout instanceof Scalar ? this.layout.name : (this.layout as Struct);
  }

  /** A raw array of its own with what this one has now. */
  copy(): RawArray<T> {
    const copy = new RawArray<T>(this.type as T, this.length);
    new Uint8Array(copy.memory.buffer).set(new Uint8Array(this.memory.buffer));
    return copy;
  }

  /** `RawArray(f64, 3) [1, 2, 3]`: the first elements. */
  toString(): string {
    const shown = this.slice(0, SHOWN).map((element) => inspect(element));
    if (this.length > SHOWN) shown.push('…');
    return `${this.constructor.name}(${this.layout.name}, ${this.length}) [${shown.join(', ')}]`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** What stands for it in a message. @internal */
  pack(): PackedArray {
    return [this.type, this.length, packCell(this.memory.cell)];
  }

  #offset(index: number): number {
    if (Number.isInteger(index) && index >= 0 && index < this.length) return index * this.layout.size;
    throw new MultiprocessError('ERR_MP_INVALID_ARG', `invalid index: ${String(index)}, in an array of ${this.length}`);
  }

  /** Elements as {@link elementsOf} makes them. */
  #write(elements: ArrayLike<unknown>, index: number): void {
    const { layout } = this;
    if (layout instanceof Scalar) (this.array as Elements).set(elements, index);
    else
      for (let i = 0; i < elements.length; i++)
        layout.write(this.memory, (index + i) * layout.size, elements[i], 'element');
  }

  #characters(): Scalar {
    if (this.layout instanceof Scalar && this.layout.isCharacter) return this.layout;
    throw new MultiprocessError('ERR_MP_UNSUPPORTED', `an array of ${this.layout.name} has no value: use its elements`);
  }
}

export type PackedArray = [type: ValueType, length: number, cell: PackedCell];

const SHOWN = 20;

makeIndexed(RawArray);
registerHandle<RawArray<any>, PackedArray>(RawArray, {
  tag: 'RawArray',
  pack: (raw) => raw.pack(),
  unpack: ([type, length, packed]) => around(unpackCell(packed, KIND), () => new RawArray<any>(type, length)),
});
registerKnown('RawArray', RawArray);
