/** The workers of a pool: how many there are, how they come and go. */
import type { MultiprocessError } from '../errors.ts';
import { brokenPool } from './errors.ts';
import { type LinkOptions, WorkerLink } from './link.ts';

/** A start that the operating system refuses is tried again after this long, in ms, while other workers live. */
const RETRY_INTERVAL = 100;
/** So many workers in a row may be killed before they are ready; then the pool gives up. */
const MAX_STILLBIRTHS = 8;

export class Crew implements Iterable<WorkerLink> {
  /** How many workers there are to be. */
  size: number;
  /** Workers that have ended without having been told to. */
  deaths = 0;
  readonly #options: LinkOptions;
  readonly #links = new Set<WorkerLink>();
  readonly #onRetry: () => void;
  #stillbirths = 0;
  #retry: NodeJS.Timeout | undefined;

  /** `onRetry`: a worker that could not be started may be tried again. */
  constructor(size: number, options: LinkOptions, onRetry: () => void) {
    this.size = size;
    this.#options = options;
    this.#onRetry = onRetry;
  }

  get count(): number {
    return this.#links.size;
  }

  /** How many have something to do. */
  get busy(): number {
    let busy = 0;
    for (const link of this.#links) if (link.inFlight > 0) busy++;
    return busy;
  }

  [Symbol.iterator](): SetIterator<WorkerLink> {
    return this.#links.values();
  }

  has(link: WorkerLink): boolean {
    return this.#links.has(link);
  }

  /**
   * Starts workers until `wanted` of them, or all, are free for new work. Throws what starting throws when not one is
   * left; while others live, the rest is tried again a little later.
   */
  fill(wanted: number): void {
    let free = 0;
    if (wanted < this.size) for (const link of this.#links) free += link.inFlight === 0 && !link.isLeaving ? 1 : 0;
    for (; this.#links.size < this.size && free < wanted && !this.#retry; free++) {
      try {
        this.#links.add(new WorkerLink(this.#options));
      } catch (error) {
        if (this.#links.size === 0) throw error;
        this.#retry = setTimeout(() => {
          this.#retry = undefined;
          this.#onRetry();
        }, RETRY_INTERVAL).unref();
      }
    }
  }

  /** Starts all of them, or none: throws what `Process.start()` throws. */
  fillOrFail(): void {
    try {
      while (this.#links.size < this.size) this.#links.add(new WorkerLink(this.#options));
    } catch (error) {
      this.terminate();
      throw error;
    }
  }

  /** The worker with the least to do among those that can take something. */
  freest(): WorkerLink | undefined {
    let freest: WorkerLink | undefined;
    for (const link of this.#links) {
      if ((freest === undefined || link.backlog < freest.backlog) && link.canTake) freest = link;
    }
    return freest;
  }

  ready(link: WorkerLink): void {
    link.isReady = true;
    this.#stillbirths = 0;
  }

  /** A worker has ended. Returns the error that breaks the pool, if starting others makes no sense. */
  ended(link: WorkerLink): MultiprocessError | undefined {
    this.#links.delete(link);
    if (link.isLeaving) return undefined;
    this.deaths++;
    if (link.isReady) return undefined;
    const { name, pid, exitCode, signalCode } = link.host;
    const worker = `worker ${name} (pid ${pid})`;
    if (!signalCode) return brokenPool(`${worker} ended with exit code ${exitCode} before it had run its initializer`);
    if (++this.#stillbirths < MAX_STILLBIRTHS) return undefined;
    return brokenPool(
      `${MAX_STILLBIRTHS} workers in a row were ended by signals before they were ready; last ${worker}, by ${signalCode}`,
    );
  }

  /** Has the workers beyond `size` end once they have done what they have, idle ones first. */
  shrink(): void {
    const staying = [...this.#links].filter((link) => !link.isLeaving).sort((a, b) => b.inFlight - a.inFlight);
    for (const link of staying.slice(this.size)) this.#dismiss(link);
  }

  /** Has workers end that have had nothing to do for `limit` ms. */
  dismissIdle(limit: number): void {
    const now = performance.now();
    for (const link of this.#links) if (link.isIdle && now - link.idleSince >= limit) this.#dismiss(link);
  }

  #dismiss(link: WorkerLink): void {
    link.stop();
    if (link.inFlight === 0) link.expectEnd();
  }

  /** Has every worker end once it has done what it has. */
  stop(): void {
    for (const link of this.#links) this.#dismiss(link);
  }

  terminate(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): void {
    clearTimeout(this.#retry);
    for (const link of this.#links) link.terminate(signal);
  }
}
