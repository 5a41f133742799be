/** Queues of a manager: they lie in its process, and so can be used from other machines and from Python. */
import { invalidArgument, MultiprocessError } from '../../errors.ts';
import { checkNames, isWhole } from '../../options.ts';
import { currentCall, duringCall } from '../caller.ts';
import { limitOf, type Timeout, Waiters } from '../waiters.ts';

export class ManagedQueue<T = any> {
  protected readonly items: T[] = [];
  readonly #getters = new Waiters();
  readonly #putters = new Waiters();
  readonly #maxSize: number;
  #isOver = false;

  /** `options`: most items, 0 for any number, or `{ maxSize }`. */
  constructor(options: number | { maxSize?: number } = 0) {
    if (typeof options !== 'number') checkNames(options, ['maxSize']);
    const maxSize = typeof options === 'number' ? options : (options.maxSize ?? 0);
    if (!Number.isInteger(maxSize)) throw invalidArgument('maxSize', 'an integer', maxSize);
    this.#maxSize = maxSize > 0 ? maxSize : Infinity;
  }

  /** Throws `ERR_MP_QUEUE_FULL` when the time is up, `ERR_MP_QUEUE_SHUTDOWN`. */
  put(value: T, timeout?: Timeout): void | Promise<void> {
    const limit = limitOf(timeout);
    if (!this.tryPut(value)) return this.#putLater(value, limit);
  }

  tryPut(value: T): boolean {
    if (this.#isOver) throw shutDown();
    if (this.isFull()) return false;
    this.items.push(value);
    this.wasPut();
    this.#getters.callFirst();
    return true;
  }

  putNowait(value: T): void {
    if (!this.tryPut(value)) throw full();
  }

  async putMany(values: Iterable<T>, timeout?: Timeout): Promise<void> {
    const call = currentCall();
    for (const value of values) await duringCall(call, () => this.put(value, timeout));
  }

  /** Throws `ERR_MP_QUEUE_EMPTY` when the time is up, `ERR_MP_QUEUE_SHUTDOWN` when nothing will come. */
  get(timeout?: Timeout): T | Promise<T> {
    const limit = limitOf(timeout);
    const found = this.tryGet();
    return found ? found.value : this.#getLater(limit);
  }

  tryGet(): { value: T } | undefined {
    if (this.items.length === 0) {
      if (this.#isOver) throw shutDown();
      return undefined;
    }
    const value = this.items.shift() as T;
    this.#putters.callFirst();
    return { value };
  }

  getNowait(): T {
    const found = this.tryGet();
    if (!found) throw empty();
    return found.value;
  }

  /** Waits for an item, then takes all that are there, up to `max`. */
  async getMany(max: number, timeout?: Timeout): Promise<T[]> {
    if (!isWhole(max, 1)) throw invalidArgument('max', 'an integer of at least 1', max);
    const values: T[] = [await this.get(timeout)];
    while (values.length < max && this.items.length > 0) values.push(this.getNowait());
    return values;
  }

  size(): number {
    return this.items.length;
  }

  isEmpty(): boolean {
    return this.items.length === 0;
  }

  isFull(): boolean {
    return this.items.length >= this.#maxSize;
  }

  /** Nothing can be put any more; getting ends when nothing is left, or with `immediate` at once. */
  shutdown({ immediate = false }: { immediate?: boolean } = {}): void {
    this.#isOver = true;
    if (immediate) this.dropped(this.items.splice(0).length);
    this.#putters.callAll();
    this.#getters.callAll();
  }

  protected wasPut(): void {}
  protected dropped(_count: number): void {}

  // Whoever is called tries again: another may have come first.
  async #putLater(value: T, limit: number): Promise<void> {
    const call = currentCall();
    const deadline = performance.now() + limit;
    do {
      if (!(await this.#putters.wait(deadline - performance.now(), call))) throw full();
    } while (!this.tryPut(value));
  }

  async #getLater(limit: number): Promise<T> {
    const call = currentCall();
    const deadline = performance.now() + limit;
    for (;;) {
      if (!(await this.#getters.wait(deadline - performance.now(), call))) throw empty();
      const found = this.tryGet();
      if (found) return found.value;
    }
  }
}

export class ManagedJoinableQueue<T = any> extends ManagedQueue<T> {
  readonly #joiners = new Waiters();
  #unfinished = 0;

  /** Throws `ERR_MP_RELEASED_TOO_OFTEN` when it is called more often than items were put. */
  taskDone(): void {
    if (this.#unfinished === 0) {
      throw new MultiprocessError('ERR_MP_RELEASED_TOO_OFTEN', 'task_done() called too many times');
    }
    this.#finish(1);
  }

  unfinished(): number {
    return this.#unfinished;
  }

  /** True once every item that was put is done; false when the time was up first. */
  join(timeout?: Timeout): boolean | Promise<boolean> {
    const limit = limitOf(timeout);
    return this.#unfinished === 0 || this.#joiners.wait(limit);
  }

  protected override wasPut(): void {
    this.#unfinished++;
  }

  protected override dropped(count: number): void {
    this.#finish(count);
  }

  #finish(count: number): void {
    this.#unfinished -= count;
    if (this.#unfinished === 0) this.#joiners.callAll();
  }
}

const full = () => new MultiprocessError('ERR_MP_QUEUE_FULL', 'queue is full: nothing was taken within the timeout');
const empty = () => new MultiprocessError('ERR_MP_QUEUE_EMPTY', 'queue is empty: nothing was put within the timeout');
const shutDown = () => new MultiprocessError('ERR_MP_QUEUE_SHUTDOWN', 'queue has been shut down');
