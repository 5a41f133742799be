/** ProcessPoolExecutor and ThreadPoolExecutor. CPython: concurrent.futures. */
import { Process, processCpuCount } from '../process/index.ts';
import { Executor } from './executor.ts';
import type { ExecutorOptions } from './executor-options.ts';
import { processHosts, threadHosts } from './host.ts';
import type { Initializer } from './options.ts';

let count = 0;

/**
 * Runs calls in worker processes, and gives futures for them.
 *
 * Workers are started as calls come. Whatever happens to one, every future is done in the end: a worker that ends takes only the
 * call along that it was running (`ERR_MP_WORKER_DIED`), and is replaced. (CPython breaks the executor then.)
 *
 * @example
 * await using executor = new ProcessPoolExecutor({ maxWorkers: 4 });
 * const futures = files.map((file) => executor.submit(compress, file));
 * for await (const future of asCompleted(futures)) console.log(await future.result());
 */
export class ProcessPoolExecutor<I extends Initializer = Initializer> extends Executor {
  /** Throws `ERR_MP_INVALID_ARG`, and `ERR_MP_CAPTURE` when the initializer cannot be sent. */
  constructor(options: ExecutorOptions<I> = {}, /** @internal */ idleTimeout?: number) {
    super(options, processCpuCount(), processHosts(options?.context?.Process ?? Process), idleTimeout);
  }
}

/**
 * Runs calls in worker threads of this process, and gives futures for them. Each thread has a heap of its own, as every thread of
 * Node.js: calls and results are sent as to a process.
 *
 * @example
 * await using executor = new ThreadPoolExecutor();
 * const sizes = await Promise.all(urls.map((url) => executor.submit(measure, url)));
 */
export class ThreadPoolExecutor<I extends Initializer = Initializer> extends Executor {
  /** Throws `ERR_MP_INVALID_ARG`, and `ERR_MP_CAPTURE` when the initializer cannot be sent. */
  constructor(options: ExecutorOptions<I> = {}) {
    const prefix = options?.threadNamePrefix || `ThreadPoolExecutor-${++count}`;
    super(options, Math.min(32, processCpuCount() + 4), threadHosts(prefix));
  }
}
