/**
 * Tasks that are to run no longer, because their time is up or they are cancelled: what waits behind one goes to others, it
 * is asked to end by itself, and costs its worker the life if it does not.
 */
import type { Crew } from './crew.ts';
import { Deadlines } from './deadlines.ts';
import type { Item } from './job.ts';
import type { WorkerLink } from './link.ts';
import type { Work } from './work.ts';

/** A cancelled task that still runs after this long costs its worker the life, in ms. */
const CANCEL_GRACE = 500;

export interface StoppingOptions {
  crew: Crew;
  work: Work;
  /** Reads what a worker has said: the task may have ended meanwhile. */
  receive(link: WorkerLink): void;
  /** The time of a task is up. */
  onExpiry(item: Item): void;
}

export class Stopping {
  readonly #options: StoppingOptions;
  readonly #deadlines = new Deadlines((link, item) => this.#expired(link, item));

  constructor(options: StoppingOptions) {
    this.#options = options;
  }

  /** A worker begins a task; undefined: it has none. */
  begin(link: WorkerLink, item: Item | undefined): void {
    this.#deadlines.begin(link, item);
  }

  stop(link: WorkerLink, item: Item): void {
    this.#options.work.giveBack(link.takeBack());
    if (link.first !== item) return;
    link.cancelRunning();
    setTimeout(() => this.#killIfRunning(link, item), CANCEL_GRACE).unref();
  }

  /** No task has a deadline any more. */
  clear(): void {
    this.#deadlines.clear();
  }

  #expired(link: WorkerLink, item: Item): void {
    const { crew, receive, onExpiry } = this.#options;
    receive(link);
    if (link.first !== item || !crew.has(link)) return;
    onExpiry(item);
    this.stop(link, item);
  }

  #killIfRunning(link: WorkerLink, item: Item): void {
    const { crew, work, receive } = this.#options;
    if (!crew.has(link)) return;
    receive(link);
    if (link.running !== item) return;
    work.giveBack(link.takeBack()); // from here on it starts nothing else
    link.host.kill();
  }
}
