import { dumps } from '../transport/index.ts';
import { estimateOf } from './estimate.ts';
import { type Item, Job, nameOf, type Outcome } from './job.ts';

/** `apply`: a job of one item. */
export class Call extends Job {
  readonly estimate;
  readonly isStarred = false;
  readonly promise: Promise<unknown>;
  readonly #fn: Function;
  readonly #message: Uint8Array;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (reason: unknown) => void;
  isExhausted = false;
  #hasSettled = false;

  /** What the message was made of: shared objects in it must live until a worker has them. */
  readonly sent: readonly unknown[];

  constructor(caller: Function, fn: Function, args: readonly unknown[]) {
    super(caller);
    this.estimate = estimateOf(fn);
    this.#fn = fn;
    this.sent = args;
    this.#message = dumps([fn, args], { root: nameOf(fn) });
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.promise = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get isReady(): boolean {
    return !this.isExhausted;
  }

  get remaining(): number {
    return this.isExhausted ? 0 : 1;
  }

  take(): Item | undefined {
    if (this.isExhausted) return undefined;
    this.isExhausted = true;
    return { job: this, index: 0, input: this.#message, isAlone: false, wasBatched: false };
  }

  settle(_item: Item, outcome: Outcome): boolean {
    if (outcome.status === 'fulfilled') this.#resolve(outcome.value);
    else this.#reject(outcome.reason);
    this.#hasSettled = true;
    return true;
  }

  endIfComplete(): boolean {
    return this.#hasSettled;
  }

  cancel(reason: unknown, isOrdered: boolean): void {
    this.isCancelled = true;
    this.isExhausted = true;
    if (isOrdered) this.promise.catch(() => {});
    this.#reject(reason);
  }

  describe(): string {
    return `apply(${nameOf(this.#fn)})`;
  }
}
