/** What there is to do: jobs in the order of their arrival, and items that came back. */
import { Chain } from './chain.ts';
import { BACKLOG, BACKLOG_OF_TWO, BACKLOG_OF_TWO_BY_POLICY } from './estimate.ts';
import { Fifo } from './fifo.ts';
import { Heap } from './heap.ts';
import type { Item, Job } from './job.ts';
import type { Policy, PolicyTask } from './policy.ts';
import type { Program } from './program.ts';

/** The worker that is to get a batch. */
export interface Taker {
  readonly inFlight: number;
  /** Expected time for what it has, in ms. */
  readonly backlog: number;
  /** How many tasks it may still get. */
  readonly quota: number;
}

export class Work {
  readonly #workers: number;
  /** Jobs that have not ended. */
  readonly #jobs = new Chain<Job>();
  /** Those that have not given out all their items. */
  readonly #queue: Fifo<Job> | Heap<Job>;
  readonly #policy: Policy | undefined;
  readonly #backlogOfTwo: number;
  /** Items to be sent again, before any other. */
  #returned: Item[] = [];

  /** `policy`: undefined for first in, first out. */
  constructor(workers: number, policy: Policy | undefined) {
    this.#workers = workers;
    this.#policy = policy;
    this.#backlogOfTwo = policy ? BACKLOG_OF_TWO_BY_POLICY : BACKLOG_OF_TWO;
    this.#queue = policy ? new Heap<Job>() : new Fifo<Job>();
  }

  get isDone(): boolean {
    return this.#jobs.isEmpty;
  }

  get jobs(): Iterable<Job> {
    return this.#jobs;
  }

  /** Whether a batch can be had now. */
  get isReady(): boolean {
    if (this.#returned.length > 0) return true;
    for (const job of this.#queue) if (job.isReady) return true;
    return false;
  }

  /** Items that wait for a worker, as far as they are known. */
  get waiting(): number {
    let count = this.#returned.length;
    for (const job of this.#queue) count += job.remaining ?? 0;
    return count;
  }

  /** Workers that could do something now; not counted beyond `limit`. */
  wanted(limit: number): number {
    let count = this.#returned.length;
    for (const job of this.#queue) {
      if (count >= limit) break;
      if (job.isReady) count += job.remaining ?? limit;
    }
    return count;
  }

  add(job: Job): void {
    this.#jobs.add(job);
    this.#enqueue(job, 0);
  }

  /** Items of one job for one message; [] when there are none for this worker now. */
  nextBatch(taker: Taker): Item[] {
    if (this.#returned.length > 0) return this.#nextReturned(taker);
    while (this.#queue.front?.isExhausted) this.#queue.shift();
    for (const job of this.#queue) {
      if (!job.isReady) continue; // its inputs come later, or its consumer is slow
      const items = this.#take(job, taker);
      if (items.length > 0 || job.isReady) return this.#reordered(job, items);
    }
    return [];
  }

  /** Puts items that have not been started in front of everything else. */
  giveBack(items: readonly Item[]): void {
    this.#returned = [...items, ...this.#returned].filter(({ job, isSettled }) => !job.isCancelled && !isSettled);
  }

  /** Forgets a job that has ended; whether it was known. */
  remove(job: Job): boolean {
    if (!this.#jobs.delete(job)) return false;
    job.onEnd?.();
    if (job.isCancelled) {
      this.#queue.remove(job);
      this.#returned = this.#returned.filter((item) => item.job !== job);
    }
    return true;
  }

  /** With a policy, what is left of a job may have to wait for others now. */
  #reordered(job: Job, items: Item[]): Item[] {
    if (this.#policy && items.length > 0) {
      const key = this.#queue.remove(job) ?? 0;
      this.#policy.took?.(this.#describe(job, items.length), key);
      if (!job.isExhausted) this.#enqueue(job, items.length);
    }
    return items;
  }

  #enqueue(job: Job, taken: number): void {
    this.#queue.push(job, this.#policy?.key(this.#describe(job, taken)) ?? 0);
  }

  #describe({ terms, estimate, arrived }: Job, taken: number): PolicyTask {
    const { priority, submitter, cost = estimate.duration } = terms;
    return { priority, submitter, cost, arrived, taken };
  }

  #take(job: Job, taker: Taker): Item[] {
    const items: Item[] = [];
    const limit = this.#limit(job, taker);
    while (items.length < limit) {
      const item = job.take();
      if (!item) break;
      items.push(item);
    }
    if (job.program?.isShared) this.#join(items, job.program, limit);
    return items;
  }

  /** Calls of the same function that come next go along. */
  #join(items: Item[], program: Program, limit: number): void {
    while (items.length < limit) {
      while (this.#queue.front?.isExhausted) this.#queue.shift();
      const next = this.#queue.front;
      if (next?.program !== program || next.terms.timeout < Number.POSITIVE_INFINITY) return;
      items.push(next.take()!);
    }
  }

  #nextReturned(taker: Taker): Item[] {
    const { job, isAlone } = this.#returned[0]!;
    const limit = isAlone ? Math.min(1, this.#limit(job, taker)) : this.#limit(job, taker);
    let length = 0;
    while (length < limit && this.#returned[length]?.job === job && (length === 0 || !this.#returned[length]!.isAlone))
      length++;
    return this.#returned.splice(0, length);
  }

  /** How many items of a job this worker may get at once; 0: it has enough to do. */
  #limit(job: Job, { inFlight, backlog, quota }: Taker): number {
    const { estimate, chunkSize } = job;
    const remaining = job.program?.isShared ? this.#queue.size : job.remaining;
    const duration = estimate.duration ?? Number.POSITIVE_INFINITY;
    if (inFlight > 0 && backlog + duration > (inFlight === 1 ? this.#backlogOfTwo : BACKLOG)) return 0;
    if (!job.program || (job.program.isShared && this.#policy)) return 1;
    if (job.terms.timeout < Number.POSITIVE_INFINITY && chunkSize === undefined) return 1; // a clock of its own
    if (chunkSize !== undefined) return Math.min(chunkSize, quota);
    let limit = Math.min(estimate.itemsPerMessage, quota);
    // Towards the end the chunks get smaller, so that all workers are done at about the same time.
    if (remaining !== undefined) limit = Math.min(limit, Math.ceil((remaining + 1) / (2 * this.#workers)));
    return Math.max(1, limit);
  }
}
