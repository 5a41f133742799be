/** Waiting for several futures. CPython: concurrent.futures.wait, as_completed. */
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { cancelled, type WaitOptions, waitOptions } from '../timeout.ts';
import { Future } from './future.ts';

export const FIRST_COMPLETED = 'FIRST_COMPLETED';
export const FIRST_EXCEPTION = 'FIRST_EXCEPTION';
export const ALL_COMPLETED = 'ALL_COMPLETED';
const CONDITIONS = [ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION] as const;

export interface WaitFuturesOptions extends WaitOptions {
  /** When to return: FIRST_EXCEPTION also when all are done. A cancelled future is no exception. @default ALL_COMPLETED */
  returnWhen?: (typeof CONDITIONS)[number];
}

/**
 * Waits until futures are done, or `timeout` ms have passed; resolves with those that are and those that are not, each once.
 * Rejects with `ERR_MP_CANCELLED` by the `signal`, and with `ERR_MP_INVALID_ARG`.
 *
 * @example
 * const { done } = await waitFutures(futures, { returnWhen: FIRST_COMPLETED });
 */
export async function waitFutures<F extends Future<any>>(
  futures: Iterable<F>,
  { returnWhen = ALL_COMPLETED, ...rest }: WaitFuturesOptions = {},
): Promise<{ done: Set<F>; notDone: Set<F> }> {
  if (!CONDITIONS.includes(returnWhen)) {
    throw new MultiprocessError(
      'ERR_MP_INVALID_ARG',
      `Invalid return condition: '${returnWhen}'; accepted are ${CONDITIONS.join(', ')}`,
    );
  }
  const { timeout = Infinity, signal } = waitOptions(rest);
  const all = checked(futures);
  const isOver = () => {
    const done = [...all].filter((future) => future.done());
    if (returnWhen === FIRST_COMPLETED && done.length > 0) return true;
    if (returnWhen === FIRST_EXCEPTION && done.some((future) => future.failed && !future.cancelled())) return true;
    return done.length === all.size;
  };
  if (signal?.aborted) throw cancelled(signal);
  if (!isOver() && timeout > 0) await changed(all, isOver, timeout, signal);
  const done = new Set([...all].filter((future) => future.done()));
  return { done, notDone: new Set([...all].filter((future) => !done.has(future))) };
}

/**
 * Gives each future once, as soon as it is done, those that are done first. Throws `ERR_MP_TIMEOUT` when they are not all
 * done `timeout` ms after the first was asked for.
 *
 * @example
 * for await (const future of asCompleted(futures)) console.log(await future);
 */
export async function* asCompleted<F extends Future<any>>(
  futures: Iterable<F>,
  timeout?: number | WaitOptions,
): AsyncGenerator<F, void, undefined> {
  const { timeout: limit = Infinity, signal } = waitOptions(timeout);
  const deadline = performance.now() + limit;
  const all = checked(futures);
  const ready: F[] = [];
  let wake = () => {};
  const unwatch = [...all].map((future) =>
    future.watch(() => {
      ready.push(future);
      wake();
    }),
  );
  try {
    for (let given = 0; given < all.size; given++) {
      if (ready.length === 0) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await within(promise, deadline - performance.now(), signal);
      }
      const next = ready.shift();
      if (next === undefined) {
        const message = `${all.size - given} (of ${all.size}) futures unfinished`;
        throw new MultiprocessError('ERR_MP_TIMEOUT', message);
      }
      yield next;
    }
  } finally {
    for (const end of unwatch) end();
  }
}

/** Resolves when `isOver` after one of them was done, or when the time is up. */
async function changed(
  all: Set<Future<any>>,
  isOver: () => boolean,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const unwatch = [...all].map((future) => future.watch(() => isOver() && resolve()));
  try {
    await within(promise, timeout, signal);
  } finally {
    for (const end of unwatch) end();
  }
}

/** Resolves with the promise or when the time is up. Rejects by the signal. */
function within(promise: Promise<void>, timeout: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = timeout < 2 ** 31 ? setTimeout(() => end(resolve), timeout) : undefined;
    const abort = () => end(() => reject(cancelled(signal!)));
    const end = (how: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      how();
    };
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    void promise.then(() => end(resolve));
  });
}

function checked<F extends Future<any>>(futures: Iterable<F>): Set<F> {
  if (typeof (futures as Iterable<F> | undefined)?.[Symbol.iterator] !== 'function') {
    throw invalidArgument('futures', 'an iterable of futures', futures);
  }
  const all = new Set(futures);
  for (const one of all) if (!(one instanceof Future)) throw invalidArgument('futures', 'an iterable of futures', one);
  return all;
}
