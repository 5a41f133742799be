/** Runs functions where shared values are used: in processes of either start method, in threads, and in threads of processes. */
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { getContext } from 'multiprocess';
import { dumps } from '../../../dist/transport/index.js';

type Run = <A extends readonly any[]>(target: (...args: A) => unknown, args: A) => Promise<void>;

const inProcess =
  (method: 'forkserver' | 'spawn'): Run =>
  async (target, args) => {
    const { Process } = getContext(method);
    const child = new Process({ target: target as (...given: any[]) => unknown, args: args as never });
    child.start();
    await child.join();
    if (child.exitCode !== 0) throw new Error(`a child of ${method} ended with ${child.exitCode}`);
  };

/** Keeps what it sends until the thread has ended: a thread has no slot before it asks for one. */
const inThread: Run = async (target, args) => {
  const worker = new Worker(new URL('thread.ts', import.meta.url), { workerData: dumps([target, args]) });
  const [code] = await once(worker, 'exit');
  if (code !== 0) throw new Error(`a thread ended with ${code}`);
};

export const PLACES: Record<string, Run> = {
  forkserver: inProcess('forkserver'),
  spawn: inProcess('spawn'),
  thread: inThread,
};

/** One case for every place. */
export function everywhere(title: string, body: (run: Run) => Promise<void>): void {
  for (const [place, run] of Object.entries(PLACES)) test(`${title} (${place})`, () => body(run));
}

/** Code and message of what `act` throws. */
export function failure(act: () => unknown): { code: string; message: string } {
  try {
    act();
  } catch (error) {
    return { code: (error as { code: string }).code, message: (error as Error).message };
  }
  return { code: 'nothing', message: 'nothing was thrown' };
}
