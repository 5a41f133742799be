/** Future: the result of a call that somebody else runs. CPython: concurrent.futures.Future. */
import { inspect } from 'node:util';
import { MultiprocessError } from '../errors.ts';
import { limited, type WaitOptions, waitOptions } from '../timeout.ts';
import { registerUnsendable } from '../transport/index.ts';

/**
 * | state     | means                                   | moved on by                                                     |
 * |-----------|-----------------------------------------|-----------------------------------------------------------------|
 * | pending   | not begun: it can still be cancelled    | `cancel`: cancelled. Who runs it: running, or finished at once  |
 * | running   | a worker has begun it                   | who runs it: finished                                           |
 * | cancelled | it will not run                         | nobody                                                          |
 * | finished  | result or exception are final           | nobody                                                          |
 */
export type FutureState = 'pending' | 'running' | 'cancelled' | 'finished';

const NOBODY_TO_ASK = () => true;

/**
 * What will come of a call. Awaitable: `await future` is `await future.result()`. A future that fails and that nobody asks
 * says nothing, as in Python.
 *
 * @example
 * const future = executor.submit(fibonacci, 30);
 * future.addDoneCallback((done) => console.log(String(done)));
 * console.log(await future);
 */
export class Future<T = unknown> implements PromiseLike<T> {
  #state: FutureState = 'pending';
  #result: T | undefined;
  #exception: unknown;
  #hasFailed = false;
  #callbacks: ((future: Future<T>) => void)[] = [];
  #canceller = NOBODY_TO_ASK;
  #promise: Promise<T> | undefined;

  /** Cancels the call unless it has begun or is done; whether it is cancelled now. */
  cancel(): boolean {
    if (this.#state === 'running' || this.#state === 'finished') return false;
    if (this.#state === 'cancelled') return true;
    if (!this.#canceller()) return false;
    this.#end('cancelled');
    return true;
  }

  cancelled(): boolean {
    return this.#state === 'cancelled';
  }

  /** True while it is being run. */
  running(): boolean {
    return this.#state === 'running';
  }

  /** True once it is finished or cancelled. */
  done(): boolean {
    return this.#state === 'finished' || this.#state === 'cancelled';
  }

  /** @internal */
  get state(): FutureState {
    return this.#state;
  }

  /** Done, and not with a result. @internal */
  get failed(): boolean {
    return this.#state === 'cancelled' || this.#hasFailed;
  }

  /**
   * Resolves with the result, or rejects with what the call threw. Rejects with `ERR_MP_CANCELLED` when the future was
   * cancelled, or by `signal`, and with `ERR_MP_TIMEOUT` when it is not done within `timeout` ms; then it goes on.
   */
  result(timeout?: number | WaitOptions): Promise<T> {
    return timeout === undefined ? this.#asPromise() : this.#whenDone(timeout).then(() => this.#asPromise());
  }

  /** Resolves with what the call threw, or undefined. Rejects as {@link result} when there is neither. */
  async exception(timeout?: number | WaitOptions): Promise<unknown> {
    await this.#whenDone(timeout);
    return this.#exception;
  }

  /**
   * Calls `callback(future)` once it is done, at once if it is. Callbacks are called in the order in which they were added;
   * what one throws is emitted as a warning, and keeps none from being called.
   */
  addDoneCallback(callback: (future: Future<T>) => void): void {
    if (this.done()) this.#call(callback);
    else this.#callbacks.push(callback);
  }

  /** As {@link addDoneCallback}; what it returns takes the callback back. @internal */
  watch(callback: () => void): () => void {
    const entry = () => callback();
    this.addDoneCallback(entry);
    return () => {
      const at = this.#callbacks.indexOf(entry);
      if (at >= 0) this.#callbacks.splice(at, 1);
    };
  }

  // biome-ignore lint/suspicious/noThenProperty: a future is awaitable
  then<R = T, E = never>(
    onResult?: ((value: T) => R | PromiseLike<R>) | null,
    onError?: ((reason: any) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    return this.#asPromise().then(onResult, onError);
  }

  /** Who runs the call is about to begin: false when it was cancelled, and must not. Throws when it has begun already. */
  setRunningOrNotifyCancel(): boolean {
    if (this.#state === 'cancelled') return false;
    if (this.#state !== 'pending') throw this.#invalid('Future in unexpected state');
    this.#state = 'running';
    return true;
  }

  /** Ends it with a result. Throws `ERR_MP_INVALID_STATE` when it is done. */
  setResult(result: T): void {
    this.#checkOpen();
    this.#result = result;
    this.#end('finished');
  }

  /** Ends it with what was thrown. Throws `ERR_MP_INVALID_STATE` when it is done. */
  setException(exception: unknown): void {
    this.#checkOpen();
    this.#exception = exception;
    this.#hasFailed = true;
    this.#end('finished');
  }

  /** Takes the call back from who is to run it; false: it has begun. @internal */
  set canceller(canceller: () => boolean) {
    this.#canceller = canceller;
  }

  /** As Python prints it: `<Future state=finished returned number>`. */
  toString(): string {
    if (this.#state !== 'finished') return `<Future state=${this.#state}>`;
    if (this.#hasFailed) return `<Future state=finished raised ${nameOf(this.#exception)}>`;
    return `<Future state=finished returned ${nameOf(this.#result)}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #checkOpen(): void {
    if (this.done()) throw this.#invalid(`${this.#state.toUpperCase()}: ${this}`);
  }

  #invalid(message: string): MultiprocessError {
    return new MultiprocessError('ERR_MP_INVALID_STATE', message);
  }

  #end(state: 'cancelled' | 'finished'): void {
    this.#state = state;
    this.#canceller = NOBODY_TO_ASK; // it knows the arguments of the call
    for (const callback of this.#callbacks.splice(0)) this.#call(callback);
  }

  #call(callback: (future: Future<T>) => void): void {
    try {
      callback(this);
    } catch (error) {
      process.emitWarning(`exception calling callback for ${this}: ${inspect(error)}`, { code: 'MP_FUTURE_CALLBACK' });
    }
  }

  /** Made when somebody asks: only then a failure that nobody handles is told. */
  #asPromise(): Promise<T> {
    this.#promise ??= new Promise((resolve, reject) => {
      this.addDoneCallback(() => {
        if (this.#state === 'cancelled') reject(wasCancelled());
        else if (this.#hasFailed) reject(this.#exception);
        else resolve(this.#result as T);
      });
    });
    return this.#promise;
  }

  async #whenDone(timeout: number | WaitOptions | undefined): Promise<void> {
    await settled(this, waitOptions(timeout));
    if (this.#state === 'cancelled') throw wasCancelled();
  }
}

/** Resolves once a future is done. Rejects with `ERR_MP_TIMEOUT` or `ERR_MP_CANCELLED`. */
async function settled(future: Future<any>, options: WaitOptions): Promise<void> {
  if (future.done()) return;
  const late = () => {
    throw new MultiprocessError('ERR_MP_TIMEOUT', `the future was not done within ${options.timeout} ms`);
  };
  await limited<void>(options, late, ({ resolve, ends }) => ends.push(future.watch(resolve)));
}

const wasCancelled = () => new MultiprocessError('ERR_MP_CANCELLED', 'the future was cancelled');

const nameOf = (value: unknown): string =>
  (typeof value === 'object' && value !== null && value.constructor?.name) || typeof value;

registerUnsendable(Future, 'and the call behind it runs for this process', 'send its result');
