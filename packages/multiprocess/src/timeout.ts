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

export function cancelled(signal: AbortSignal): MultiprocessError {
  return new MultiprocessError('ERR_MP_CANCELLED', 'the wait was cancelled', { cause: signal.reason });
}
