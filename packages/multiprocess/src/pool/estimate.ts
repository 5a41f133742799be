/** How long the tasks of a function take, learned from those that have run: it decides how many travel at once. */

/** Weight of the newest measurement. */
const WEIGHT = 0.2;
/** What the way to the worker and back costs per item even in a large chunk, in ms. */
const OVERHEAD = 0.003;
/** Expected time of what one message carries, in ms: long beside the way to the worker, short beside a user's patience. */
const MESSAGE_DURATION = 2;
/** A worker gets more while it has less than this to do, in ms: then neither it nor the pool waits for the other. */
export const BACKLOG = 10;
/** The same for a second task: it lies ready when the first is done, and a worker that has nothing to do gets it before. */
export const BACKLOG_OF_TWO = 1000;
/** The same when a policy may prefer one that comes later. */
export const BACKLOG_OF_TWO_BY_POLICY = 20;
/** What is worth being given to a worker that has nothing to do, in ms: to be taken back costs a twentieth of it. */
export const WORTH_SHARING = 1;
/** No more tasks than this, or than two messages hold, are read in advance. */
const MAX_AHEAD = 64;
const MESSAGE_BYTES = 256 * 1024;
/** So much may come back for one message, if more than one task is in it: whoever takes the results may be slow. */
const RESULT_BYTES = 4 * 1024 * 1024;
const MAX_ITEMS = 1000;
/** Texts that are remembered: closures are new objects each time, but their text is the same. */
const CACHE_SIZE = 1000;

export class Estimate {
  /** The logarithm of the ms per task; undefined until one has run. */
  #log: number | undefined;
  /** Bytes per input, and per result. */
  #size = 0;
  #resultSize = 0;

  /**
   * The geometric mean of the last ones, in ms: what most tasks take. One that takes a thousand times as long among them, as
   * the largest of many files does, would make the arithmetic mean useless for all that follow.
   */
  get duration(): number | undefined {
    return this.#log === undefined ? undefined : Math.exp(this.#log);
  }

  learnDuration(ms: number): void {
    const log = Math.log(ms + OVERHEAD);
    this.#log = this.#log === undefined ? log : this.#log + WEIGHT * (log - this.#log);
  }

  learnSize(bytes: number): void {
    this.#size += WEIGHT * (bytes - this.#size);
  }

  learnResultSize(bytes: number): void {
    this.#resultSize += WEIGHT * (bytes - this.#resultSize);
  }

  /** How many tasks are worth one message; 1 while nothing is known. */
  get itemsPerMessage(): number {
    const { duration } = this;
    if (duration === undefined) return 1;
    return Math.max(1, Math.floor(Math.min(MESSAGE_DURATION / duration, this.#mostItems, MAX_ITEMS)));
  }

  /** How many tasks keep a worker busy while others come. */
  get itemsAhead(): number {
    const filling = Math.min(BACKLOG / (this.duration ?? BACKLOG), this.#mostItems, MAX_AHEAD);
    return Math.max(2 * this.itemsPerMessage, Math.ceil(filling));
  }

  /** As many as one message holds, and may bring back. */
  get #mostItems(): number {
    return Math.min(MESSAGE_BYTES / Math.max(1, this.#size), RESULT_BYTES / Math.max(1, this.#resultSize));
  }
}

const byFunction = new WeakMap<Function, Estimate>();
const byText = new Map<string, Estimate>();

export function estimateOf(fn: Function): Estimate {
  const known = byFunction.get(fn);
  if (known) return known;
  const text = Function.prototype.toString.call(fn);
  let estimate = byText.get(text);
  if (!estimate) {
    if (byText.size >= CACHE_SIZE) byText.clear();
    estimate = new Estimate();
    byText.set(text, estimate);
  }
  byFunction.set(fn, estimate);
  return estimate;
}
