/** JoinableQueue: a queue that knows when everything that was put is done. CPython: multiprocessing.queues.JoinableQueue. */
import { MultiprocessError } from '../errors.ts';
import { waitAsync, waitSync } from '../sync/internal.ts';
import { blockingTimeout, type WaitOptions, waitOptions } from '../timeout.ts';
import { registerKnown } from '../transport/index.ts';
import { Closing, Kind, QUEUE } from './layout.ts';
import type { JoinableQueueOptions } from './options.ts';
import { Queue } from './queue.ts';
import { registerQueue } from './travel.ts';

/**
 * A queue whose consumers say `taskDone()` for each item they got; `join()` waits until all items are done.
 *
 * With `redeliver`, an item counts as got only with its `taskDone()`: when a consumer dies first, it is delivered again, to
 * whoever gets next. Items may then be worked on twice, but none is lost. A thread's `taskDone()` is for the oldest item that
 * it has got.
 *
 * @example
 * const jobs = new JoinableQueue<string>({ redeliver: true });
 * const work = async () => { for await (const job of jobs) { await handle(job); jobs.taskDone(); } };
 * for (let i = 0; i < 4; i++) new Process({ target: work, daemon: true }).start();
 * await jobs.putMany(names);
 * await jobs.join();
 */
export class JoinableQueue<T = any> extends Queue<T> {
  /** Throws `ERR_MP_INVALID_ARG`, `ERR_MP_NO_MEMORY`. */
  constructor(options?: number | JoinableQueueOptions) {
    super(options, Kind.JoinableQueue);
  }

  /**
   * An item that was got is done. Throws `ERR_MP_RELEASED_TOO_OFTEN` when it is called more often than items were put; with
   * `redeliver`, when this thread has no item that is not done.
   */
  taskDone(): void {
    const line = this.use();
    const { store, deliveries, joiners } = line;
    const finished = deliveries
      ? line.getters.monitor.run(() => deliveries.finish())
      : joiners.monitor.run(() => {
          if (this.unfinished() <= 0) return false;
          store.set(QUEUE.done, store.get(QUEUE.done) + 1);
          return true;
        });
    if (!finished) throw new MultiprocessError('ERR_MP_RELEASED_TOO_OFTEN', 'task_done() called too many times');
    line.announceEnd();
    if (joiners.isAwaited && this.unfinished() === 0) joiners.callAll();
  }

  /** How many items have been put and are not done. */
  unfinished(): number {
    const line = this.use();
    const { store, deliveries, getters } = line;
    if (deliveries) {
      const isClosed = line.closing === Closing.Closed;
      return getters.monitor.run(() => (isClosed ? deliveries.sizeOfLiving : store.size + deliveries.size));
    }
    return (store.get(QUEUE.puts) - store.get(QUEUE.done)) | 0;
  }

  /**
   * Resolves with true once every item that was put is done, with false when `timeout` ms have passed. After
   * `shutdown({ immediate: true })` items that were dropped count as done. Rejects with `ERR_MP_CANCELLED`.
   */
  async join(timeout?: number | WaitOptions): Promise<boolean> {
    const options = waitOptions(timeout);
    return (await this.during(waitAsync(this.#joining(), options))) === true;
  }

  /** As {@link join}, blocking this thread. */
  joinSync(timeout?: number | WaitOptions): boolean {
    return waitSync(this.#joining(), blockingTimeout(timeout)) === true;
  }

  override shutdown({ immediate = false }: { immediate?: boolean } = {}): void {
    const line = this.use();
    const { store, joiners } = line;
    const dropped = line.shutDown(immediate ? Closing.Closed : Closing.Draining);
    if (!line.deliveries && dropped > 0) {
      joiners.monitor.run(() => store.set(QUEUE.done, store.get(QUEUE.done) + dropped));
    }
    joiners.callAll();
  }

  #joining() {
    return this.use().joiners.watching(() => this.unfinished() === 0);
  }
}

registerQueue(JoinableQueue, 'JoinableQueue', Kind.JoinableQueue);
registerKnown('JoinableQueue', JoinableQueue);
