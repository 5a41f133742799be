/** The clocks of tasks with a timeout: one for each worker, for the task that it runs. */
import type { Item } from './job.ts';
import type { WorkerLink } from './link.ts';

export class Deadlines {
  readonly #timers = new Map<WorkerLink, NodeJS.Timeout>();
  readonly #onExpiry: (link: WorkerLink, item: Item) => void;

  constructor(onExpiry: (link: WorkerLink, item: Item) => void) {
    this.#onExpiry = onExpiry;
  }

  /** A worker begins a task; undefined: it has none. The one before is over. */
  begin(link: WorkerLink, item: Item | undefined): void {
    if (this.#timers.size > 0) {
      clearTimeout(this.#timers.get(link));
      this.#timers.delete(link);
    }
    const timeout = item?.job.terms.timeout ?? Number.POSITIVE_INFINITY;
    if (!item || timeout >= 2 ** 31) return;
    this.#timers.set(
      link,
      setTimeout(() => this.#onExpiry(link, item), timeout),
    );
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
