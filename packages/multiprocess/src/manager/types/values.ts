/** Namespace, Value and Array of a manager. */
import { invalidArgument } from '../../errors.ts';
import { isObject } from '../../options.ts';
import { whole } from './list.ts';

/** Named values. Names that begin with an underscore are not shown by `copy()`. */
export class ManagedNamespace {
  readonly #values = new Map<string, unknown>();

  constructor(values: Record<string, unknown> = {}) {
    if (!isObject(values)) throw invalidArgument('values', 'an object', values);
    for (const [name, value] of Object.entries(values)) this.set(name, value);
  }

  get(name: string): unknown {
    return this.#values.get(name);
  }

  set(name: string, value: unknown): void {
    this.#values.set(name, value);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Whether there was such a name. */
  delete(name: string): boolean {
    return this.#values.delete(name);
  }

  keys(): string[] {
    return [...this.#values.keys()];
  }

  copy(): Record<string, unknown> {
    return Object.fromEntries([...this.#values].filter(([name]) => !name.startsWith('_')));
  }
}

/** One value. As in Python, the type code is kept, and nothing is converted. */
export class ManagedValue<T = any> {
  readonly #type: string;
  #value: T;

  constructor(type: string, value: T) {
    if (typeof type !== 'string') throw invalidArgument('type', 'a type code', type);
    this.#type = type;
    this.#value = value;
  }

  get(): T {
    return this.#value;
  }

  set(value: T): void {
    this.#value = value;
  }

  /** Adds, in one step: nobody comes in between. What it is then. */
  add(n: T): T {
    this.#value = ((this.#value as number) + (n as number)) as T;
    return this.#value;
  }

  type(): string {
    return this.#type;
  }
}

/** As many items as it was made with. */
export class ManagedArray<T = any> {
  readonly #type: string;
  readonly #items: T[];

  /** `items`: the items, or how many zeros. */
  constructor(type: string, items: Iterable<T> | number) {
    if (typeof type !== 'string') throw invalidArgument('type', 'a type code', type);
    this.#type = type;
    this.#items = typeof items === 'number' ? new Array(items).fill(0) : [...items];
  }

  get(index: number): T | undefined {
    return this.#items.at(whole(index));
  }

  /** Throws `ERR_MP_INVALID_ARG` beyond the ends. */
  set(index: number, value: T): void {
    const { length } = this.#items;
    if (whole(index) < -length || index >= length) throw invalidArgument('index', `an index of ${length} items`, index);
    this.#items[index < 0 ? length + index : index] = value;
  }

  length(): number {
    return this.#items.length;
  }

  slice(from?: number, to?: number): T[] {
    return this.#items.slice(from, to);
  }

  copy(): T[] {
    return [...this.#items];
  }

  type(): string {
    return this.#type;
  }
}
