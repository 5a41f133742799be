/** ThreadPool: a pool whose workers are threads. CPython: multiprocessing.pool.ThreadPool. */
import { type StartHost, threadHosts } from './host.ts';
import type { PoolOptions } from './options.ts';
import { Pool } from './pool.ts';

let count = 0;

/**
 * A {@link Pool} whose workers are threads of this process: they start without a new process, and share its memory limit and its
 * fate, so that a native crash or a full heap takes everything along. Each has a heap of its own, as every thread of Node.js.
 *
 * @example
 * await using pool = new ThreadPool(4);
 * const sizes = await pool.map(inflate, archives);
 */
export class ThreadPool extends Pool {
  /** Starts `threads` workers, by default as many as `processCpuCount()`. Throws `ERR_MP_INVALID_ARG`, `ERR_MP_CAPTURE`. */
  constructor(threads?: number | null, options: Omit<PoolOptions<any>, 'context'> = {}) {
    super(threads, options);
  }

  protected override startHost(): StartHost {
    return threadHosts(`ThreadPool-${++count}`);
  }
}
