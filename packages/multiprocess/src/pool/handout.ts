/** Hands out what there is to do: starts the workers that it needs, and sends batches to those that have least. */
import type { Crew } from './crew.ts';
import { WORTH_SHARING } from './estimate.ts';
import type { Item } from './job.ts';
import type { WorkerLink } from './link.ts';
import type { Work } from './work.ts';

export interface HandoutOptions {
  crew: Crew;
  work: Work;
  /** Workers are started when there is something to do for them, and no idle one. */
  isLazy: boolean;
  /** A worker that had nothing to do gets a task. */
  onBegin(link: WorkerLink): void;
  /** An item cannot be sent. */
  onRefusal(item: Item, reason: unknown): void;
  /** No worker can be started, and there is none. */
  onNoWorker(cause: Error): void;
}

export class Handout {
  readonly #options: HandoutOptions;

  constructor(options: HandoutOptions) {
    this.#options = options;
  }

  /** As much as the workers should have now; whether that was anything. */
  run(): boolean {
    this.#refill();
    const written = new Set<WorkerLink>();
    this.#sendTo(written);
    if (this.#share()) this.#sendTo(written);
    for (const link of written) link.wake();
    return written.size > 0;
  }

  #sendTo(written: Set<WorkerLink>): void {
    const { crew } = this.#options;
    for (let link = crew.freest(); link; link = crew.freest()) {
      if (!this.#sendBatch(link)) break;
      written.add(link);
    }
  }

  /** A worker that has nothing to do may have what waits for the one that has most; whether there was anything. */
  #share(): boolean {
    const { crew, work } = this.#options;
    let isAnyIdle = false;
    let busiest: WorkerLink | undefined;
    for (const link of crew) {
      isAnyIdle ||= link.isIdle && link.canTake;
      if (link.waiting > (busiest?.waiting ?? WORTH_SHARING)) busiest = link;
    }
    if (!isAnyIdle || !busiest) return false;
    work.giveBack(busiest.takeBack());
    return true;
  }

  #refill(): void {
    const { crew, work, isLazy, onNoWorker } = this.#options;
    if (!work.isReady) return;
    try {
      crew.fill(isLazy ? work.wanted(crew.size) : crew.size);
    } catch (cause) {
      onNoWorker(cause as Error);
    }
  }

  /** False: there is nothing for this worker, and so for none. */
  #sendBatch(link: WorkerLink): boolean {
    const { work, onBegin, onRefusal } = this.#options;
    const items = work.nextBatch(link);
    if (items.length === 0) return false;
    try {
      const wasIdle = link.inFlight === 0;
      if (link.send(items)) {
        if (wasIdle) onBegin(link);
        return true;
      }
      work.giveBack(items);
      return false;
    } catch (reason) {
      if (items.length === 1) onRefusal(items[0]!, reason);
      else {
        for (const item of items) item.isAlone = true;
        work.giveBack(items);
      }
      return true;
    }
  }
}
