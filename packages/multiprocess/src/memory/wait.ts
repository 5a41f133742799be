/** Waiting for a word of shared memory: blocking the thread, or not. */
import { MultiprocessError } from '../errors.ts';
import { native } from '../native.ts';
import { checkTimeout, limited, type WaitOptions } from '../timeout.ts';
import * as doorbell from './doorbell.ts';
import { wordIndex, wordsAt } from './realm.ts';
import { spinWhile } from './spin.ts';

/**
 * Blocks this thread while the word at `offset` is `expected`, at most `timeoutMs`. 'ok' may be spurious: look at the
 * word again. Spins for as long as spinning has lately been enough, then parks.
 */
export function waitWordSync(
  offset: number,
  expected: number,
  timeoutMs = Number.POSITIVE_INFINITY,
): 'ok' | 'not-equal' | 'timed-out' {
  const words = wordsAt(offset);
  const index = wordIndex(offset);
  if (Atomics.load(words, index) !== expected) return 'not-equal';
  if (timeoutMs > 0 && spinWhile(words, index, expected)) return 'ok';
  return native.futexWait(offset, expected, timeoutMs);
}

/** Wakes up to `count` threads that block on the word at `offset`; how many there were. Costs a system call. */
export function wakeWord(offset: number, count = 0x7fffffff): number {
  return native.futexWake(offset, count);
}

/**
 * Resolves with the value of the word at `offset` as soon as `predicate` accepts it. Looks at once, and after each ring
 * of this thread's doorbell: whoever changes the word must ring it. Keeps the event loop alive meanwhile.
 *
 * Rejects with `ERR_MP_TIMEOUT`, or `ERR_MP_CANCELLED` whose cause is the signal's reason.
 */
export function waitWord(
  offset: number,
  predicate: (value: number) => boolean,
  { timeout, signal }: WaitOptions = {},
): Promise<number> {
  checkTimeout(timeout);
  const late = (): never => {
    throw new MultiprocessError('ERR_MP_TIMEOUT', `nothing happened for ${timeout} ms`);
  };
  return limited<number>({ timeout, signal }, late, ({ resolve, reject, ends }) => {
    const look = () => {
      try {
        const value = Atomics.load(wordsAt(offset), wordIndex(offset));
        if (predicate(value)) resolve(value);
      } catch (error) {
        reject(error);
      }
    };
    ends.push(doorbell.subscribe(look), doorbell.keepAlive());
    look();
  });
}
