/** The same function in several processes or threads at once: CPython's `Bunch`. */
import { test } from 'node:test';
import { type Context, getContext } from 'multiprocess';
import { ask } from '../process/support/answer.ts';
import { WAYS, type Way } from '../process/support/matrix.ts';

export type { Way };

export interface Member<R = unknown> {
  /** Ends well, and gives what the function returned. */
  result: Promise<R>;
  /** Ends it wherever it is: `kill()` of a process or a thread. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts one member. What it returns must be JSON. */
export function start<A extends unknown[], R>(way: Way, fn: (...args: A) => R, ...args: A): Member<Awaited<R>> {
  const { child, result } = ask(way, fn, args);
  const settled = result();
  settled.catch(() => {}); // of a member that is killed nobody asks
  const kill = async () => {
    child.kill();
    await child.join();
  };
  return { result: settled, kill };
}

/** Starts `n`; resolves with what they return. */
export function crew<A extends unknown[], R>(
  way: Way,
  n: number,
  fn: (...args: A) => R,
  ...args: A
): Promise<Awaited<R>[]> {
  return Promise.all(Array.from({ length: n }, () => start(way, fn, ...args).result));
}

/** One test for every start method, and one with threads. */
export function onEachWay(
  title: string,
  body: (given: { way: Way; mp: Context }) => unknown,
  ways: readonly Way[] = WAYS,
): void {
  for (const way of ways) {
    test(`${title} (${way})`, { timeout: 120_000 }, async () => {
      await body({ way, mp: getContext(way) });
    });
  }
}
