import type { ItemFunction } from './loadFunction.ts';
import type { Apply, Outcome } from './run.ts';
import { makeTask } from './task.ts';

export interface WorkerOptions {
  processes: number;
  /** Aborted: tasks that run are stopped, too. */
  signal: AbortSignal;
}

/** TEMPORARY: in this process. */
export function applyOnPool(fn: ItemFunction, { signal }: WorkerOptions): Apply {
  const task = makeTask(fn);
  return async function* (inputs): AsyncGenerator<Outcome<string>> {
    let index = 0;
    for await (const input of inputs) {
      if (signal.aborted) return;
      try {
        yield { index, status: 'fulfilled', value: await task(input) };
      } catch (reason) {
        yield { index, status: 'rejected', reason };
      }
      index++;
    }
  };
}
