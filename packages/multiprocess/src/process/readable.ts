/** Waiting for file descriptors to become readable: sentinels, for example. */
import { native } from '../native.ts';
import { cancelled, checkTimeout, limited, type WaitOptions } from '../timeout.ts';

/** Resolves to the readable ones, in input order; [] when the timeout passed first. */
export async function awaitReadable(fds: readonly number[], options: WaitOptions): Promise<number[]> {
  const { timeout = Infinity, signal } = options;
  if (signal?.aborted) throw cancelled(signal);
  const ready = native.fdPoll([...fds], 0);
  if (ready.length > 0 || timeout <= 0) return ready;
  await limited(options, NOTHING, ({ resolve, ends }) => {
    for (const fd of fds) {
      const watch = native.fdWatch(fd, resolve);
      ends.push(() => native.fdUnwatch(watch));
    }
  });
  return native.fdPoll([...fds], 0);
}

const NOTHING = () => {};

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
