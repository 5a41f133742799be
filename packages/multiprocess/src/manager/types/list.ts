/** list of a manager. Indexes may count from the end: -1 is the last. */
import { isDeepStrictEqual } from 'node:util';
import { invalidArgument, MultiprocessError } from '../../errors.ts';

export class ManagedList<T = any> {
  readonly #items: T[];

  constructor(items: Iterable<T> = []) {
    this.#items = [...items];
  }

  /** Undefined beyond the ends. */
  get(index: number): T | undefined {
    return this.#items.at(whole(index));
  }

  /** Throws `ERR_MP_INVALID_ARG` beyond the ends. */
  set(index: number, value: T): void {
    const length = this.#items.length;
    if (whole(index) < -length || index >= length) throw invalidArgument('index', `an index of ${length} items`, index);
    this.#items[index < 0 ? length + index : index] = value;
  }

  append(value: T): void {
    this.#items.push(value);
  }

  extend(values: Iterable<T>): void {
    for (const value of values) this.#items.push(value);
  }

  /** Before the item at `index`. */
  insert(index: number, value: T): void {
    this.#items.splice(whole(index), 0, value);
  }

  /** Takes an item out, the last one by default; undefined when there is none. */
  pop(index = -1): T | undefined {
    const at = whole(index) < 0 ? this.#items.length + index : index;
    return at < 0 ? undefined : this.#items.splice(at, 1)[0];
  }

  /** Takes the first item out that equals `value`; whether there was one. */
  remove(value: T): boolean {
    const index = this.index(value);
    if (index >= 0) this.#items.splice(index, 1);
    return index >= 0;
  }

  /** Where the first item is that equals `value`; -1: nowhere. Objects are compared by what they contain. */
  index(value: T): number {
    return this.#items.findIndex((item) => isDeepStrictEqual(item, value));
  }

  includes(value: T): boolean {
    return this.index(value) >= 0;
  }

  /** How many items equal `value`. */
  count(value: T): number {
    return this.#items.filter((item) => isDeepStrictEqual(item, value)).length;
  }

  /** As `Array.prototype.sort`, but without a function numbers are compared as numbers. */
  sort(compare?: (a: T, b: T) => number): void {
    this.#items.sort(compare ?? byValue);
  }

  reverse(): void {
    this.#items.reverse();
  }

  slice(from?: number, to?: number): T[] {
    return this.#items.slice(from, to);
  }

  clear(): void {
    this.#items.length = 0;
  }

  length(): number {
    return this.#items.length;
  }

  /** The whole as it is now. */
  copy(): T[] {
    return [...this.#items];
  }
}

export function whole(index: unknown): number {
  if (!Number.isInteger(index)) throw invalidArgument('index', 'an integer', index);
  return index as number;
}

function byValue(a: any, b: any): number {
  if (typeof a !== typeof b || (typeof a === 'object' && a !== null)) {
    throw new MultiprocessError(
      'ERR_MP_INVALID_ARG',
      'items of different types, and objects, need a function to be sorted by',
    );
  }
  return a < b ? -1 : a > b ? 1 : 0;
}
