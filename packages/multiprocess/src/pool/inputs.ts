/** The inputs of a map, read one by one: from a sync or an async iterable, not further ahead than they are needed. */

/** Inputs of an async iterable that are fetched before workers ask for them. */
const PREFETCH = 16;

export class Inputs {
  /** How many there are in all, when the iterable says so. */
  readonly total: number | undefined;
  /** What the iterable threw; it has ended by that. */
  error: { reason: unknown } | undefined;
  #sync: Iterator<unknown> | undefined;
  #async: AsyncIterator<unknown> | undefined;
  readonly #fetched: unknown[] = [];
  readonly #onArrival: () => void;
  #isFetching = false;
  #hasEnded = false;

  /** `onArrival`: an async iterable has an input, or has ended. */
  constructor(iterable: Iterable<unknown> | AsyncIterable<unknown>, onArrival: () => void) {
    this.#onArrival = onArrival;
    this.total = sizeOf(iterable);
    if (Symbol.asyncIterator in iterable) this.#async = iterable[Symbol.asyncIterator]();
    else this.#sync = iterable[Symbol.iterator]();
  }

  /** Whether `next` may have an input now. */
  get isReady(): boolean {
    return this.#fetched.length > 0 || (this.#sync !== undefined && !this.#hasEnded);
  }

  get hasEnded(): boolean {
    return this.#hasEnded && this.#fetched.length === 0;
  }

  /** The next input, if there is one now. */
  next(): { value: unknown } | undefined {
    if (this.#fetched.length === 0 && this.#sync) return this.#read(this.#sync);
    const value = this.#fetched.length > 0 ? { value: this.#fetched.shift() } : undefined;
    this.fetch();
    return value;
  }

  /** Finds out whether there is another input, as far as that can be done at once. */
  peek(): void {
    if (this.#fetched.length > 0 || !this.#sync) return;
    const next = this.#read(this.#sync);
    if (next) this.#fetched.push(next.value);
  }

  /** Begins to fetch from an async iterable. */
  fetch(): void {
    if (!this.#async || this.#isFetching || this.#hasEnded || this.#fetched.length >= PREFETCH) return;
    this.#isFetching = true;
    void this.#fetchNext(this.#async);
  }

  /** Reads no further. */
  stop(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#fetched.length = 0;
    try {
      // An async generator that is just fetching returns when it has; nobody waits for that.
      Promise.resolve((this.#sync ?? this.#async)?.return?.()).catch(() => {});
    } catch {
      // what an abandoned iterable throws is of no interest
    }
  }

  #read(iterator: Iterator<unknown>): { value: unknown } | undefined {
    if (this.#hasEnded) return undefined;
    try {
      const { done, value } = iterator.next();
      if (!done) return { value };
    } catch (reason) {
      this.error = { reason };
    }
    this.#hasEnded = true;
    return undefined;
  }

  async #fetchNext(iterator: AsyncIterator<unknown>): Promise<void> {
    try {
      const { done, value } = await iterator.next();
      if (this.#hasEnded) return;
      if (done) this.#hasEnded = true;
      else this.#fetched.push(value);
    } catch (reason) {
      if (this.#hasEnded) return;
      this.error = { reason };
      this.#hasEnded = true;
    }
    this.#isFetching = false;
    this.#onArrival();
    this.fetch();
  }
}

/** Where an iterable of our own says how many it will give. */
export const SIZE = Symbol('size');

/** How many an iterable will give, when it says so. */
export function sizeOf(iterable: object): number | undefined {
  if (Array.isArray(iterable) || ArrayBuffer.isView(iterable)) return (iterable as unknown[]).length;
  if (iterable instanceof Set || iterable instanceof Map) return iterable.size;
  return (iterable as { [SIZE]?: number })[SIZE];
}
