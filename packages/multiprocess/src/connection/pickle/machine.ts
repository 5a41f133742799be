/** Python's pickle machine: a stack of values with marks in it, and a memo. Every method checks what it is given. */
import type { Dicts } from './dicts.ts';
import { Global, type Globals, refusal } from './globals.ts';
import type { Input } from './input.ts';
import { integerOfBytes } from './integers.ts';

/** Lists, tuples and dicts in one message: an empty one is one byte there, and some fifty here. */
const MAX_CONTAINERS = 2 ** 22;
/** What takes as much memory as so many of them. */
const WEIGHT_OF_SET = 4;
const WEIGHT_OF_BYTES = 4;
/** Bytes of an integer. */
const MAX_INTEGER = 2 ** 20;
/** Arguments of a call. */
const MAX_ARGUMENTS = 100;

export class Machine {
  readonly input: Input;
  readonly #globals: Globals | undefined;
  readonly #dicts: Dicts;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo: unknown[] = [];
  /** Who made an object that takes a state. */
  readonly #made = new Map<unknown, Global>();
  /** Whether something on the stack may be a `Global`. */
  #hasGlobals = false;
  #containers = 0;

  constructor(input: Input, globals: Globals | undefined, dicts: Dicts) {
    this.input = input;
    this.#globals = globals;
    this.#dicts = dicts;
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  container(value: unknown, weight = 1): void {
    this.#containers += weight;
    if (this.#containers > MAX_CONTAINERS) throw new RangeError('too many containers');
    this.#stack.push(value);
  }

  integer(length: number): void {
    if (length < 0 || length > MAX_INTEGER) throw new RangeError(`an integer of ${length} bytes`);
    this.push(integerOfBytes(this.input.bytes(length)));
  }

  bytes(length: number): void {
    this.container(new Uint8Array(this.input.bytes(length)), WEIGHT_OF_BYTES);
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** The top of the stack, above the last mark. */
  top(): unknown {
    this.#need(1);
    return this.#stack.at(-1);
  }

  pop(): unknown {
    return this.popMany(1)[0];
  }

  /** The values on top, the last pushed last. */
  popMany(count: number): unknown[] {
    this.#need(count);
    return this.#values(this.#stack.splice(this.#stack.length - count));
  }

  /** The values above the last mark, and the mark. */
  popMark(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new RangeError('could not find MARK');
    return this.#values(this.#stack.splice(mark));
  }

  discard(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  append(items: unknown[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw new TypeError('items without a list');
    for (const item of items) list.push(item);
  }

  set(items: unknown[] = []): void {
    this.container(new Set(items), WEIGHT_OF_SET);
  }

  addItems(items: unknown[]): void {
    const set = this.top();
    if (!(set instanceof Set)) throw new TypeError('items without a set');
    for (const item of items) set.add(item);
  }

  emptyDict(): void {
    this.container(this.#dicts.create());
  }

  setItems(items: unknown[]): void {
    if (items.length % 2 !== 0) throw new TypeError('odd number of items for a dict');
    const dict = this.top();
    if (!this.#dicts.has(dict)) throw new TypeError('items without a dict');
    for (let i = 0; i < items.length; i += 2) this.#dicts.set(dict, items[i], items[i + 1]);
  }

  memoize(): void {
    this.#memo.push(this.top());
  }

  put(index: number): void {
    // Each is put by an operation of two bytes at least: a higher index can only be meant to make the memo large.
    if (index > this.input.length) throw new RangeError(`memo index ${index}`);
    while (this.#memo.length < index) this.#memo.push(undefined);
    this.#memo[index] = this.top();
  }

  get(index: number): void {
    const value = this.#memo[index];
    if (value === undefined) throw new RangeError(`memo value not found at index ${index}`);
    this.push(value);
  }

  global(module: unknown, name: unknown): void {
    if (typeof module !== 'string' || typeof name !== 'string') throw new TypeError('STACK_GLOBAL requires str');
    this.#hasGlobals = true;
    this.push(new Global(`${module}.${name}`, this.#globals));
  }

  /** Calls the function below the arguments. */
  call(): void {
    const args = this.pop();
    const target = this.top();
    this.#stack.pop();
    if (!(target instanceof Global) || !Array.isArray(args)) throw new TypeError('a call of what is no function');
    if (args.length > MAX_ARGUMENTS) throw new RangeError(`more than ${MAX_ARGUMENTS} arguments`);
    const object = target.make(...args);
    if (target.setState) this.#made.set(object, target);
    this.container(object, WEIGHT_OF_SET);
  }

  setState(): void {
    const state = this.pop();
    const object = this.top();
    const maker = this.#made.get(object);
    if (!maker) throw refusal('an object with a state of its own');
    maker.setState!(object, state);
  }

  #need(count: number): void {
    if (this.#stack.length - count < (this.#marks.at(-1) ?? 0)) throw new RangeError('not enough values on the stack');
  }

  #values(items: unknown[]): unknown[] {
    if (!this.#hasGlobals) return items;
    return items.map((item) => (item instanceof Global ? item.value() : item));
  }
}
