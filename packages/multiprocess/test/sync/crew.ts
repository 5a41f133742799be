/** The same function in several processes or threads at once: CPython's `Bunch`. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { type Context, dumps, getContext, type Process, type StartMethod } from 'multiprocess';
import { ask } from '../process/support/answer.ts';
import { METHODS } from '../process/support/matrix.ts';

/** Where the members of a crew run: in processes of a start method, or in threads of this one. */
export type Way = StartMethod | 'thread';

export interface Member<R = unknown> {
  /** Ends well, and gives what the function returned. */
  result: Promise<R>;
  /** Ends it wherever it is: SIGKILL, or `worker.terminate()`. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts one member. What it returns must be JSON. */
export function start<A extends unknown[], R>(way: Way, fn: (...args: A) => R, ...args: A): Member<Awaited<R>> {
  return way === 'thread' ? startThread(fn, args) : startProcess(way, fn, args);
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

const WAYS: readonly Way[] = [...METHODS, 'thread'];

/** One test for every start method, and one with threads. */
export function onEachWay(
  title: string,
  body: (given: { way: Way; mp: Context }) => unknown,
  ways: readonly Way[] = WAYS,
): void {
  for (const way of ways) {
    test(`${title} (${way})`, { timeout: 120_000 }, async () => {
      await body({ way, mp: getContext(way === 'thread' ? undefined : way) });
    });
  }
}

function startProcess<A extends unknown[], R>(method: StartMethod, fn: (...args: A) => R, args: A) {
  const { child, result } = ask(method, fn, args);
  const settled = result();
  settled.catch(() => {}); // of a member that is killed nobody asks
  return { result: settled as Promise<Awaited<R>>, kill: () => kill(child) };
}

async function kill(child: Process): Promise<void> {
  child.kill();
  await child.join();
}

/** Objects reach a plain worker by the transport that processes use, too: the API has no threads yet. */
function startThread<A extends unknown[], R>(fn: (...args: A) => R, args: A): Member<Awaited<R>> {
  const worker = new Worker(new URL('fixtures/thread.ts', import.meta.url), {
    workerData: dumps([fn, args]),
    execArgv: ['--no-warnings'],
  });
  const exit = once(worker, 'exit');
  const answer = (async (): Promise<Awaited<R>> => {
    const kept = [fn, args]; // in a message without receiver, cells live as long as the sender's objects
    const [value] = await Promise.race([
      once(worker, 'message'),
      exit.then(() => assert.fail('the thread ended without an answer')),
    ]);
    await exit;
    return kept && (value as Awaited<R>);
  })();
  answer.catch(() => {});
  return {
    result: answer,
    kill: async () => {
      await worker.terminate();
      await exit;
    },
  };
}
