/** Queue and SimpleQueue. CPython: multiprocessing.queues, queue.Queue (for `shutdown`). */
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { blockingTimeout, type WaitOptions, waitOptions } from '../timeout.ts';
import { registerKnown } from '../transport/index.ts';
import { checkPut, MessageQueue } from './base.ts';
import { Closing, Kind } from './layout.ts';
import { encode } from './message.ts';
import { checkQueueOptions, type QueueOptions, UNLIMITED } from './options.ts';
import { registerQueue } from './travel.ts';
import { open, openSync } from './value.ts';

/**
 * A queue without limits but memory: any number of processes and threads put, any number get; what one of them has put is
 * got in that order.
 *
 * @example
 * const results = new SimpleQueue<number>();
 * new Process({ target: () => results.putSync(42) }).start();
 * console.log(await results.get());
 */
export class SimpleQueue<T = any> extends MessageQueue<T> {
  constructor() {
    super(Kind.SimpleQueue, UNLIMITED);
  }
}

/**
 * A queue in shared memory. Any number of processes and threads put values, and get them, each once. What can be sent can
 * be put: functions, errors, locks and queues included. A value is written by `put` itself: no thread feeds a pipe behind
 * the scenes, so a process may end at once, whatever is in the queue.
 *
 * @example
 * const jobs = new Queue<string>({ maxSize: 100 });
 * for (let i = 0; i < 4; i++) new Process({ target: async () => { for await (const job of jobs) work(job); } }).start();
 * for (const name of names) await jobs.put(name); // waits while 100 are there
 * jobs.shutdown();
 */
export class Queue<T = any> extends MessageQueue<T> {
  /** Throws `ERR_MP_INVALID_ARG`, `ERR_MP_NO_MEMORY`. */
  constructor(options?: number | QueueOptions, kind: number = Kind.Queue) {
    super(kind, checkQueueOptions(options, kind === Kind.JoinableQueue));
  }

  /** Puts a value without waiting; throws `ERR_MP_QUEUE_FULL` where that is not possible. */
  putNowait(value: T): void {
    if (!this.tryPut(value)) throw new MultiprocessError('ERR_MP_QUEUE_FULL', 'queue is full');
  }

  /** Takes a value without waiting; throws `ERR_MP_QUEUE_EMPTY` where there is none. */
  getNowait(): T {
    const found = this.tryGet();
    if (!found) throw new MultiprocessError('ERR_MP_QUEUE_EMPTY', 'queue is empty');
    return found.value;
  }

  /**
   * Puts all values in order, and calls those who wait for them once at the end. Others may put theirs in between, and so may
   * calls of this thread that do not wait for this one. What was put before an error stays. `timeout` is for the wait for
   * each of them. Throws as `put` does.
   */
  async putMany(values: Iterable<T>, timeout?: number | WaitOptions): Promise<void> {
    const options = waitOptions(timeout);
    const line = this.use();
    try {
      for (const value of values) {
        const message = encode(value, this.use().store.owner);
        if (line.tryPutInTurn(message, true)) continue;
        line.announce();
        checkPut(await this.during(line.put(message, options)));
      }
    } finally {
      if (!this.closed) line.announce();
    }
  }

  /** As {@link putMany}, blocking this thread while there is no room. */
  putManySync(values: Iterable<T>, timeout?: number | WaitOptions): void {
    const limit = blockingTimeout(timeout);
    const line = this.use();
    try {
      for (const value of values) {
        const message = encode(value, this.use().store.owner);
        if (line.tryPut(message, true)) continue;
        line.announce();
        checkPut(line.putSync(message, limit));
      }
    } finally {
      if (!this.closed) line.announce();
    }
  }

  /**
   * Waits for a value, then takes all that are there, up to `max`, in order. Throws as `get` does; when one of them cannot be
   * rebuilt here, those that were taken with it are lost.
   */
  async getMany(max: number, timeout?: number | WaitOptions): Promise<T[]> {
    checkMax(max);
    const first = await this.get(timeout);
    const rest = this.#more(max - 1, open<T>);
    return Promise.all([first, ...rest]);
  }

  /** As {@link getMany}, blocking this thread while there is nothing. */
  getManySync(max: number, timeout?: number | WaitOptions): T[] {
    checkMax(max);
    const values = [this.getSync(timeout)];
    return values.concat(this.#more(max - 1, openSync<T>));
  }

  /** How many values are in the queue. */
  size(): number {
    return this.use().store.size;
  }

  /** True while as many values are there as may be, or as many bytes. */
  isFull(): boolean {
    return !this.use().store.hasRoom(0);
  }

  /**
   * Ends the queue for all processes and threads: putting throws `ERR_MP_QUEUE_SHUTDOWN`, and so does getting once what is
   * there has been got. With `immediate` that is dropped, and getting throws at once. CPython: `queue.Queue.shutdown` (3.13).
   */
  shutdown({ immediate = false }: { immediate?: boolean } = {}): void {
    this.use().shutDown(immediate ? Closing.Closed : Closing.Draining);
  }

  #more<R>(max: number, read: (message: any) => R): R[] {
    const { line } = this; // even if it has been closed meanwhile: then there is nothing to take
    const found: R[] = [];
    if (this.closed) return found;
    try {
      while (found.length < max) {
        const message = line.take(true);
        if (!message) break;
        found.push(read(message));
      }
    } finally {
      line.makeRoom();
    }
    return found;
  }
}

function checkMax(max: number): void {
  if (!(typeof max === 'number' && max >= 1)) throw invalidArgument('max', 'a number of at least 1', max);
}

registerQueue(SimpleQueue, 'SimpleQueue', Kind.SimpleQueue);
registerQueue(Queue, 'Queue', Kind.Queue);
registerKnown('SimpleQueue', SimpleQueue);
registerKnown('Queue', Queue);
