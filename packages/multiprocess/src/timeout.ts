/** The `timeout` argument that everything that waits takes, in its two forms. */
import { invalidArgument, MultiprocessError } from './errors.ts';
import { checkNames } from './options.ts';

export interface WaitOptions {
  /** Longest wait in ms; undefined or Infinity: no limit, 0 or less: do not wait. */
  timeout?: number;
  /** Ends the wait with `ERR_MP_CANCELLED`. */
  signal?: AbortSignal;
}

/** Both forms as one; throws `ERR_MP_INVALID_ARG`. */
export function waitOptions(timeout: number | WaitOptions | undefined): WaitOptions {
  if (typeof timeout !== 'object') {
    checkTimeout(timeout);
    return { timeout };
  }
  if (timeout === null) throw invalidArgument('timeout', 'milliseconds or { timeout, signal }', timeout);
  checkNames(timeout, ['timeout', 'signal']);
  checkTimeout(timeout.timeout);
  if (timeout.signal !== undefined && !(timeout.signal instanceof AbortSignal)) {
    throw invalidArgument('signal', 'an AbortSignal', timeout.signal);
  }
  return timeout;
}

/**
 * The limit of a wait that blocks the thread. A signal cannot come while it does, so that only one that has come already
 * ends the wait; throws `ERR_MP_CANCELLED` for that.
 */
export function blockingTimeout(timeout: number | WaitOptions | undefined): number | undefined {
  const { timeout: limit, signal } = waitOptions(timeout);
  if (signal?.aborted) throw cancelled(signal);
  return limit;
}

export function checkTimeout(timeout: unknown): asserts timeout is number | undefined {
  if (timeout !== undefined && (typeof timeout !== 'number' || Number.isNaN(timeout))) {
    throw invalidArgument('timeout', 'a number of milliseconds', timeout);
  }
}

/** What is waited for, seen from where it happens. */
export interface Wait<T> {
  resolve(value: T): void;
  reject(reason: unknown): void;
  /** Each is called once, when the wait is over, however it is: to stop listening. */
  readonly ends: (() => void)[];
}

/**
 * A wait with its limits: `begin` listens for what is waited for; `late` makes the result, or throws the error, when the time is
 * up first. Rejects with `ERR_MP_CANCELLED` by the signal, and with what `begin` throws.
 */
export function limited<T>(
  { timeout = Infinity, signal }: WaitOptions,
  late: () => T,
  begin: (wait: Wait<T>) => void,
): Promise<T> {
  if (signal?.aborted) return Promise.reject(cancelled(signal));
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const ends: (() => void)[] = [];
  let isOver = false;
  const settle = (act: () => void) => {
    if (isOver) return;
    isOver = true;
    for (const end of ends.splice(0)) end();
    try {
      act();
    } catch (error) {
      reject(error);
    }
  };
  if (timeout < 2 ** 31) {
    const timer = setTimeout(() => settle(() => resolve(late())), Math.max(0, timeout));
    ends.push(() => clearTimeout(timer));
  }
  if (signal) ends.push(onAbort(signal, () => settle(() => reject(cancelled(signal)))));
  const wait: Wait<T> = {
    resolve: (value) => settle(() => resolve(value)),
    reject: (reason) => settle(() => reject(reason)),
    ends,
  };
  try {
    begin(wait);
  } catch (error) {
    wait.reject(error);
  }
  if (isOver) for (const end of ends.splice(0)) end(); // those that came after it was over
  return promise;
}

/** Calls `act` when the signal is aborted, until what is returned is called. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  signal.addEventListener('abort', act, { once: true });
  return () => signal.removeEventListener('abort', act);
}

export function cancelled(signal: AbortSignal): MultiprocessError {
  return new MultiprocessError('ERR_MP_CANCELLED', 'the wait was cancelled', { cause: signal.reason });
}
