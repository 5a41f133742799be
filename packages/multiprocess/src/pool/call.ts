/** A job of one item: `apply`, or a call of an executor. */
import type { Future } from '../futures/index.ts';
import { dumps } from '../transport/index.ts';
import { estimateOf } from './estimate.ts';
import { type Item, Job, nameOf, newItem, type Outcome } from './job.ts';
import { arePrimitive, type Program, sharedProgram } from './program.ts';
import type { Terms } from './terms.ts';

/** Who gets the outcome of a call. */
export interface Receiver {
  /** A worker is about to run it. */
  begin(): void;
  settle(outcome: Outcome): void;
  /** It will not be run to its end. `isOrdered`: by the user, who need not be told by an unhandled rejection. */
  cancel(reason: unknown, isOrdered: boolean): void;
}

const NOTHING: readonly unknown[] = [];

export class Call extends Job {
  readonly estimate;
  override readonly program: Program | undefined;
  readonly #fn: Function;
  readonly #kind: string;
  /** The only argument, the arguments, or the encoded function and arguments. */
  readonly #input: unknown;
  readonly #receiver: Receiver;
  isExhausted = false;
  #hasSettled = false;

  /** What the message was made of: shared objects in it must live until a worker has them. */
  readonly sent: readonly unknown[];

  /** Throws `ERR_MP_CAPTURE`. */
  constructor(
    caller: Function,
    fn: Function,
    args: readonly unknown[],
    terms: Terms,
    receiver: Receiver,
    kind = 'apply',
  ) {
    super(caller, fn, terms);
    this.estimate = estimateOf(fn);
    this.#fn = fn;
    this.#kind = kind;
    this.#receiver = receiver;
    this.program = arePrimitive(args) ? sharedProgram(fn, args.length) : undefined;
    this.sent = this.program && !this.program.isStarred ? NOTHING : [...args];
    if (!this.program) this.#input = dumps([fn, this.sent], { root: nameOf(fn) });
    else this.#input = this.program.isStarred ? this.sent : args[0];
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
    return newItem(this, 0, this.#input);
  }

  override begin(): void {
    this.#receiver.begin();
  }

  settle(_item: Item, outcome: Outcome): boolean {
    this.#hasSettled = true;
    this.#receiver.settle(outcome);
    return true;
  }

  endIfComplete(): boolean {
    return this.#hasSettled;
  }

  cancel(reason: unknown, isOrdered: boolean): void {
    if (this.isCancelled || this.#hasSettled) return;
    this.isCancelled = true;
    this.isExhausted = true;
    this.#receiver.cancel(reason, isOrdered);
  }

  describe(): string {
    return `${this.#kind}(${nameOf(this.#fn)})`;
  }
}

/** A receiver behind a promise. */
export class PromiseReceiver implements Receiver {
  readonly promise: Promise<unknown>;
  #resolve!: (value: unknown) => void;
  #reject!: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  begin(): void {}

  settle(outcome: Outcome): void {
    if (outcome.status === 'fulfilled') this.#resolve(outcome.value);
    else this.#reject(outcome.reason);
  }

  cancel(reason: unknown, isOrdered: boolean): void {
    if (isOrdered) this.promise.catch(() => {});
    this.#reject(reason);
  }
}

/** A receiver behind a future. */
export class FutureReceiver implements Receiver {
  readonly #future: Future<any>;

  constructor(future: Future<any>) {
    this.#future = future;
  }

  begin(): void {
    if (!this.#future.running() && !this.#future.done()) this.#future.setRunningOrNotifyCancel();
  }

  settle(outcome: Outcome): void {
    if (this.#future.done()) return;
    if (outcome.status === 'fulfilled') this.#future.setResult(outcome.value);
    else this.#future.setException(outcome.reason);
  }

  /** No reason: the future itself takes the call back, and is cancelled next. */
  cancel(reason: unknown): void {
    if (reason !== undefined && !this.#future.done()) this.#future.setException(reason);
  }
}
