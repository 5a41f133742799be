/** dict of a manager: a Map, with what Python's dict has besides. */
import { invalidArgument } from '../../errors.ts';
import { isIterable } from '../../options.ts';

/** Entries of a new dict: a Map, pairs, or an object. */
export type Entries<K, V> = Iterable<readonly [K, V]> | Readonly<Record<string, V>>;

export class ManagedDict<K = any, V = any> {
  readonly #map: Map<K, V>;

  constructor(entries?: Entries<K, V>) {
    this.#map = new Map();
    if (entries !== undefined && entries !== null) this.update(entries);
  }

  /** The value of a key, or `otherwise`. */
  get(key: K, otherwise?: V): V | undefined {
    return this.#map.has(key) ? this.#map.get(key) : otherwise;
  }

  set(key: K, value: V): void {
    this.#map.set(checkItem(key, 'key'), value);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  /** Whether there was such a key. */
  delete(key: K): boolean {
    return this.#map.delete(key);
  }

  clear(): void {
    this.#map.clear();
  }

  keys(): K[] {
    return [...this.#map.keys()];
  }

  values(): V[] {
    return [...this.#map.values()];
  }

  entries(): [K, V][] {
    return [...this.#map.entries()];
  }

  size(): number {
    return this.#map.size;
  }

  update(entries: Entries<K, V>): void {
    const pairs = isIterable(entries) ? (entries as Iterable<readonly [any, any]>) : Object.entries(Object(entries));
    for (const pair of pairs) {
      if (!Array.isArray(pair) || pair.length !== 2) throw invalidArgument('entries', 'pairs or an object', entries);
      this.set(pair[0], pair[1]);
    }
  }

  /** Takes a key out; its value, or `otherwise`. */
  pop(key: K, otherwise?: V): V | undefined {
    const value = this.get(key, otherwise);
    this.#map.delete(key);
    return value;
  }

  /** Takes the pair out that was set last; undefined when there is none. */
  popitem(): [K, V] | undefined {
    const last = [...this.#map].at(-1);
    if (last) this.#map.delete(last[0]);
    return last;
  }

  /** The value of a key, which is set to `value` first where there is none. In one step: nobody comes in between. */
  setdefault(key: K, value: V): V {
    if (!this.#map.has(key)) this.set(key, value);
    return this.#map.get(key) as V;
  }

  /** The whole as it is now. */
  copy(): Map<K, V> {
    return new Map(this.#map);
  }
}

/** Keys, and items of a set, are found again by their value; objects are copied on their way, and equal nothing. */
export function checkItem<T>(value: T, name = 'value'): T {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function') {
    throw invalidArgument(name, 'a string, number, bigint, boolean, null or undefined', value);
  }
  return value;
}
