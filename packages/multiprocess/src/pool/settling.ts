/** How items end: with an answer, or with a failure, unless they may be run once more. */
import { loads } from '../transport/index.ts';
import { taskEnded, taskRetried } from './events.ts';
import { type Item, type Job, newItem, type Outcome } from './job.ts';
import { outcomeOf } from './outcome.ts';
import type { Message } from './protocol.ts';
import type { Tally } from './stats.ts';
import { delayOf } from './terms.ts';

export interface SettlingOptions {
  tally: Tally;
  /** A job has got the outcome of its last item. */
  onComplete(job: Job): void;
  /** The user's `onProgress` has thrown. */
  onError(job: Job, error: unknown): void;
  /** An item is to be run once more, now. */
  onRetry(item: Item): void;
  /** An answer that had to wait for modules has been read. */
  onDecoded(): void;
}

export class Settling {
  readonly #options: SettlingOptions;
  /** Answers that wait for modules to be imported. */
  #decoding = 0;
  /** Items that wait for their next attempt. */
  readonly #retries = new Set<NodeJS.Timeout>();
  #hasGivenUp = false;

  constructor(options: SettlingOptions) {
    this.#options = options;
  }

  /** Whether outcomes or attempts are still to come that no worker has. */
  get isBusy(): boolean {
    return this.#decoding > 0 || this.#retries.size > 0;
  }

  /** A worker has answered. */
  answer(item: Item, message: Message): void {
    const outcome = outcomeOf(item, message);
    if (outcome instanceof Promise) void this.#settleLater(item, outcome);
    else this.settle(item, outcome);
  }

  settle(item: Item, outcome: Outcome): void {
    const { job } = item;
    const { tally, onComplete, onError } = this.#options;
    if (job.isCancelled || item.isSettled) return;
    item.isSettled = true;
    if (outcome.status === 'fulfilled') tally.completed++;
    else if (this.#retry(item, outcome.reason)) return;
    else tally.failed++;
    taskEnded(item, outcome);
    try {
      if (job.settle(item, outcome)) onComplete(job);
    } catch (error) {
      onError(job, error);
    }
  }

  /** A task has said how far it is. */
  report(item: Item, { number, body }: Message): void {
    if (item.job.isCancelled || item.isSettled) return;
    void loads(body).then((detail) => {
      try {
        item.job.progress(item, number, detail);
      } catch (error) {
        this.#options.onError(item.job, error);
      }
    });
  }

  /** Nothing is tried again from here on. */
  giveUp(): void {
    this.#hasGivenUp = true;
    for (const timer of this.#retries) clearTimeout(timer);
    this.#retries.clear();
  }

  async #settleLater(item: Item, outcome: Promise<Outcome>): Promise<void> {
    this.#decoding++;
    this.settle(item, await outcome);
    this.#decoding--;
    this.#options.onDecoded();
  }

  /** Has a task that failed run once more, if it may; whether it will be. */
  #retry(item: Item, reason: unknown): boolean {
    const { job, index, input, attempt } = item;
    const { retries } = job.terms;
    if (attempt >= retries.max || this.#hasGivenUp) return false;
    this.#options.tally.retried++;
    taskRetried(item, reason);
    const again = newItem(job, index, input, attempt + 1);
    const timer = setTimeout(
      () => {
        this.#retries.delete(timer);
        this.#options.onRetry(again);
      },
      delayOf(retries, attempt + 1),
    );
    this.#retries.add(timer);
    return true;
  }
}
