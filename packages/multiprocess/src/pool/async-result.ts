/** AsyncResult: what `applyAsync` and its like return. CPython: multiprocessing.pool.AsyncResult. */
import { inspect } from 'node:util';
import { MultiprocessError } from '../errors.ts';
import { Future } from '../futures/index.ts';
import type { WaitOptions } from '../timeout.ts';

export interface AsyncCallbacks<R> {
  /** Called with the result once it is there. */
  callback?: ((result: R) => void) | undefined;
  /** Called with the error when there is one. */
  errorCallback?: ((error: unknown) => void) | undefined;
}

/**
 * A result that comes later. Awaitable, as a promise is; unlike one it can be asked how it stands, and an error that nobody
 * asks for goes unnoticed.
 *
 * @example
 * const result = pool.applyAsync(fibonacci, [30]);
 * console.log(result.ready(), await result.get(1000));
 */
export class AsyncResult<R> implements PromiseLike<R> {
  readonly #future = new Future<R>();

  /** @internal Made by pools. */
  constructor(promise: Promise<R>, { callback, errorCallback }: AsyncCallbacks<R> = {}) {
    const future = this.#future;
    promise.then(
      (result) => {
        if (callback) future.addDoneCallback(() => callback(result));
        future.setResult(result);
      },
      (error) => {
        if (errorCallback) future.addDoneCallback(() => errorCallback(error));
        future.setException(error);
      },
    );
  }

  /** Resolves with the result, or rejects with the error; with `ERR_MP_TIMEOUT` when it is not there within `timeout` ms. */
  get(timeout?: number | WaitOptions): Promise<R> {
    return this.#future.result(timeout);
  }

  /** Waits until it is there, or `timeout` ms have passed; whether it is there. */
  async wait(timeout?: number | WaitOptions): Promise<boolean> {
    await this.#future.exception(timeout).catch((error: MultiprocessError) => {
      if (error.code !== 'ERR_MP_TIMEOUT') throw error;
    });
    return this.ready();
  }

  /** Whether it is there. */
  ready(): boolean {
    return this.#future.done();
  }

  /** Whether there was no error. Throws `ERR_MP_INVALID_STATE` before it is ready. */
  successful(): boolean {
    if (!this.ready()) throw new MultiprocessError('ERR_MP_INVALID_STATE', `${this} not ready`);
    return !this.#future.failed;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is awaitable
  then<T = R, E = never>(
    onResult?: ((value: R) => T | PromiseLike<T>) | null,
    onError?: ((reason: any) => E | PromiseLike<E>) | null,
  ): Promise<T | E> {
    return this.#future.then(onResult, onError);
  }

  toString(): string {
    return `<AsyncResult ${this.ready() ? (this.successful() ? 'successful' : 'failed') : 'pending'}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
