import type { Outcome } from './job.ts';
import type { Sink } from './mapping.ts';

/** The outcome of one item, with `settle: true`. */
export type Settled<R> =
  | { status: 'fulfilled'; value: R; index: number }
  | { status: 'rejected'; reason: unknown; index: number };

/**
 * The results of an `imap`, as they are asked for.
 *
 * `next()` rejects for an item that failed, and can be called again for the items after it: a `for await` that ended by
 * such an error can be followed by another one over the same iterator. `return()`, and so `break`, gives up the rest.
 */
export interface ResultIterator<R> extends AsyncIterableIterator<R, undefined, undefined>, AsyncDisposable {
  next(): Promise<IteratorResult<R, undefined>>;
  return(): Promise<IteratorResult<R, undefined>>;
}

type Waiter = PromiseWithResolvers<IteratorResult<unknown, undefined>>;
type Ready = Outcome & { index: number };

const DONE = { done: true, value: undefined } as const;

export interface StreamOptions {
  ordered: boolean;
  /** Yield outcomes, failed ones included. */
  settleEach: boolean;
  /** How many items may be under way or wait for the consumer. */
  window(): number;
  /** The consumer has taken a result: there may be room for more items. */
  onTaken(): void;
  onReturn(): void;
  onEnd(): void;
}

export class ResultStream implements Sink, ResultIterator<unknown> {
  readonly #options: StreamOptions;
  /** Outcomes that nobody has asked for yet, in the order in which they may be given out. */
  readonly #ready: Ready[] = [];
  /** Outcomes that wait for an earlier one. */
  readonly #early = new Map<number, Outcome>();
  readonly #waiters: Waiter[] = [];
  #nextIndex = 0;
  #consumed = 0;
  #end: { error: { reason: unknown } | undefined } | undefined;
  /** The consumer has got an error and has not come back. */
  #hasStumbled = false;
  #isUnbounded = false;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    this.#hasStumbled = false;
    const waiter = Promise.withResolvers<IteratorResult<unknown, undefined>>();
    this.#waiters.push(waiter);
    this.#serve();
    return waiter.promise;
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.#ready.length = 0;
    if (!this.#end) {
      this.#finish(undefined);
      this.#options.onReturn();
    }
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** The pool is being joined: whoever consumes this later finds everything. */
  liftLimit(): void {
    this.#isUnbounded = true;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** The consumer has got an error, and does not wait for more. */
  get isAbandoned(): boolean {
    return this.#hasStumbled;
  }

  mayTake(taken: number): boolean {
    return this.#isUnbounded || taken - this.#consumed < this.#options.window();
  }

  settle(index: number, outcome: Outcome): void {
    if (!this.#options.ordered) this.#ready.push({ ...outcome, index });
    else this.#early.set(index, outcome);
    for (; this.#early.has(this.#nextIndex); this.#nextIndex++) {
      this.#ready.push({ ...this.#early.get(this.#nextIndex)!, index: this.#nextIndex });
      this.#early.delete(this.#nextIndex);
    }
    this.#serve();
  }

  end(_count: number, error: { reason: unknown } | undefined): void {
    this.#finish(error);
  }

  cancel(reason: unknown): void {
    this.#ready.length = 0;
    this.#finish({ reason });
  }

  #finish(error: { reason: unknown } | undefined): void {
    this.#end ??= { error };
    this.#options.onEnd();
    this.#serve();
  }

  #serve(): void {
    let taken = 0;
    while (this.#waiters.length > 0 && this.#ready.length > 0) {
      this.#give(this.#waiters.shift()!, this.#ready.shift()!);
      taken++;
    }
    this.#consumed += taken;
    if (taken > 0) this.#options.onTaken();
    if (!this.#end) return;
    for (const waiter of this.#waiters.splice(0)) {
      const { error } = this.#end;
      this.#end.error = undefined; // an error that ends the whole is reported once
      if (error) waiter.reject(error.reason);
      else waiter.resolve(DONE);
    }
  }

  #give(waiter: Waiter, ready: Ready): void {
    if (this.#options.settleEach) waiter.resolve({ done: false, value: ready });
    else if (ready.status === 'fulfilled') waiter.resolve({ done: false, value: ready.value });
    else {
      this.#hasStumbled = true;
      waiter.reject(ready.reason);
    }
  }
}
