/** Waiting for file descriptors to become readable: sentinels, for example. */
import { type FdWatch, native } from '../native.ts';
import { cancelled, checkTimeout, type WaitOptions } from '../timeout.ts';

/** Resolves to the readable ones, in input order; [] when the timeout passed first. */
export function awaitReadable(fds: readonly number[], { timeout = Infinity, signal }: WaitOptions): Promise<number[]> {
  if (signal?.aborted) return Promise.reject(cancelled(signal));
  const ready = native.fdPoll([...fds], 0);
  if (ready.length > 0 || timeout <= 0) return Promise.resolve(ready);
  return new Promise((resolve, reject) => {
    const watches: FdWatch[] = [];
    const timer = timeout < 2 ** 31 ? setTimeout(() => settle(() => resolve([])), timeout) : undefined;
    const onAbort = () => settle(() => reject(cancelled(signal!)));
    signal?.addEventListener('abort', onAbort);
    try {
      for (const fd of fds) watches.push(native.fdWatch(fd, () => settle(() => resolve(native.fdPoll([...fds], 0)))));
    } catch (error) {
      settle(() => reject(error));
    }
    function settle(act: () => void): void {
      for (const watch of watches) native.fdUnwatch(watch);
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      act();
    }
  });
}

/** `awaitReadable` that blocks the thread. */
export function awaitReadableSync(fds: readonly number[], timeout?: number): number[] {
  checkTimeout(timeout);
  const limit = timeout === undefined || timeout === Infinity ? -1 : Math.max(0, timeout);
  const deadline = performance.now() + limit;
  for (;;) {
    // A signal cuts a poll short: go on with what is left.
    const ready = native.fdPoll([...fds], limit < 0 ? -1 : Math.max(0, deadline - performance.now()));
    if (ready.length > 0 || (limit >= 0 && performance.now() >= deadline)) return ready;
  }
}
