/** A deterministic generator of values, so that a failure can be repeated. */

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  63,
  127,
  128,
  -128,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 31,
  2 ** 53,
  0.1,
  NaN,
  Infinity,
  5e-324,
];
const TEXTS = [
  '',
  'a',
  'ÿ',
  'Ā',
  '日本',
  '🎉',
  '\ud800',
  'é'.repeat(40),
  'x'.repeat(63),
  'x'.repeat(64),
  'я'.repeat(300),
];
const BIGINTS = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, -(2n ** 200n), 12345678901234567890n];
const KEYS = [
  'a',
  'b',
  'id',
  '',
  '0',
  '7',
  '-1',
  'ключ',
  '__proto__',
  'constructor',
  'toString',
  'x'.repeat(70),
  '4294967295',
];
const VIEWS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
  ...('Float16Array' in globalThis ? [(globalThis as any).Float16Array] : []),
] as any[];

export class RandomValues {
  #state: number;
  /** Objects that were made for the current value, some of which are to come again. */
  #made: object[] = [];
  #sharesObjects: boolean;

  constructor(seed: number, { sharesObjects = false }: { sharesObjects?: boolean } = {}) {
    this.#state = seed;
    this.#sharesObjects = sharesObjects;
  }

  /** An integer from 0 to below `n`. */
  below(n: number): number {
    this.#state = (Math.imul(this.#state, 1103515245) + 12345) >>> 0;
    return (this.#state >>> 8) % n;
  }

  next(): unknown {
    this.#made = [];
    return this.#value(0);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  #value(depth: number): unknown {
    if (this.#sharesObjects && this.#made.length > 0 && this.below(5) === 0) return this.#pick(this.#made);
    switch (this.below(depth > 4 ? 6 : 13)) {
      case 0:
        return this.#pick(NUMBERS);
      case 1:
        return this.below(2 ** 24) - 2 ** 23;
      case 2:
        return this.#pick(TEXTS);
      case 3:
        return `name-${this.below(10_000)}`;
      case 4:
        return this.#pick([true, false, null, undefined]);
      case 5:
        return this.#pick(BIGINTS);
      case 6:
        return this.#date();
      case 7:
        return this.#view();
      case 8:
        return this.#fillMap(depth);
      case 9:
        return this.#fillSet(depth);
      case 10:
        return this.#fillArray(depth);
      default:
        return this.#fillRecord(depth);
    }
  }

  #date(): Date {
    const date = new Date(this.below(2 ** 24));
    this.#made.push(date);
    return date;
  }

  #view(): object {
    const buffer = new Uint8Array(Array.from({ length: 8 * this.below(6) }, () => this.below(256))).buffer;
    if (this.below(4) === 0) return buffer;
    if (this.below(4) === 0) return Buffer.from(buffer);
    const View = this.#pick(VIEWS);
    const offset = 8 * this.below(buffer.byteLength / 8 + 1);
    const view = new View(buffer, offset);
    this.#made.push(view);
    return view;
  }

  #fillMap(depth: number): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>();
    this.#made.push(map);
    for (let i = this.below(4); i > 0; i--) map.set(this.#value(depth + 1), this.#value(depth + 1));
    return map;
  }

  #fillSet(depth: number): Set<unknown> {
    const set = new Set<unknown>();
    this.#made.push(set);
    for (let i = this.below(4); i > 0; i--) set.add(this.#value(depth + 1));
    return set;
  }

  #fillArray(depth: number): unknown[] {
    const array: unknown[] = [];
    this.#made.push(array);
    for (let i = this.below(8) || 20 * this.below(3); i > 0; i--) array.push(this.#value(depth + 1));
    return array;
  }

  #fillRecord(depth: number): object {
    const record: Record<string, unknown> = {};
    this.#made.push(record);
    const [count, few] = this.below(20) === 0 ? [50, false] : [this.below(7), true];
    for (let i = 0; i < count; i++) {
      const key = few && this.below(2) === 0 ? this.#pick(KEYS) : `key${this.below(200)}`;
      const value = this.#value(depth + 1);
      Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
    }
    return record;
  }
}
