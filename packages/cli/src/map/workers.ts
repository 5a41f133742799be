import { Pool } from 'multiprocess';
import type { ItemFunction } from './loadFunction.ts';
import { redirectPrints } from './redirectPrints.ts';
import type { Apply } from './run.ts';
import { makeTask } from './task.ts';

/** How long running items may go on after a stop, in ms. */
const STOP_GRACE = 1000;

export interface WorkerOptions {
  processes: number;
  /** Longest time that an item may run, in ms. */
  timeout: number | undefined;
  /** How often an item that failed is run again. */
  retries: number | undefined;
  /** Aborted: what runs may end, but not for long. */
  signal: AbortSignal;
}

/** Applies the function in worker processes; none is left when the outcomes end. */
export function applyOnPool(fn: ItemFunction, { processes, signal, ...terms }: WorkerOptions): Apply {
  return async function* (inputs) {
    const pool = new Pool(processes, { initializer: redirectPrints });
    let timer: NodeJS.Timeout | undefined;
    signal.addEventListener('abort', () => {
      timer = setTimeout(() => pool.terminate(), STOP_GRACE);
    });
    try {
      yield* pool.imapUnordered(makeTask(fn), inputs, { settle: true, ...terms });
      pool.close();
    } finally {
      clearTimeout(timer);
      pool.terminate();
      await pool.join();
    }
  };
}
