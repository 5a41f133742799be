/** Keeps the event loop alive while there is something to do, and looks after workers whose tasks take unexpectedly long. */
import { doorbell } from '../memory/index.ts';
import type { Crew } from './crew.ts';
import type { WorkerLink } from './link.ts';
import type { Work } from './work.ts';

/** How often is looked for tasks that wait for room, and, at most, for those behind one that takes unexpectedly long, in ms. */
const INTERVAL = 20;
/** How often, at least, for the latter. */
const LONGEST_INTERVAL = 100;
/** How often while a worker has nothing to do. */
const IDLE_INTERVAL = 2;

export class Lookout {
  readonly #crew: Crew;
  readonly #work: Work;
  readonly #onLook: () => void;
  #keepAlive: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Of the timer, in ms. */
  #interval = 0;

  /** `onLook` is called every now and then while tasks wait behind others, or for room. */
  constructor(crew: Crew, work: Work, onLook: () => void) {
    this.#crew = crew;
    this.#work = work;
    this.#onLook = onLook;
  }

  /** `isActive`: what workers have is to be done; `isBusy`: something else is, too. */
  watch(isActive: boolean, isBusy: boolean): void {
    let isAnyBusy = isBusy;
    let interval = Number.POSITIVE_INFINITY;
    let isAnyIdle = false;
    for (const link of this.#crew) {
      isAnyBusy ||= isActive && link.inFlight > 0;
      isAnyIdle ||= link.isIdle;
      if (link.isClogged) interval = INTERVAL;
      else if (link.inFlight > 1) interval = Math.min(interval, LONGEST_INTERVAL, patience(link));
    }
    if (isAnyBusy) this.#keepAlive ??= doorbell.keepAlive();
    else {
      this.#keepAlive?.();
      this.#keepAlive = undefined;
    }
    if (interval < Number.POSITIVE_INFINITY) this.#lookWithin(isAnyIdle ? IDLE_INTERVAL : interval);
    else this.#stopLooking();
  }

  /**
   * Chunks are made of tasks that used to be short. When one is not, those behind it go to a worker that has nothing to do;
   * when it takes much longer than it used to, also to others: these may be busy for ever.
   */
  relieve(): void {
    const isAnyIdle = [...this.#crew].some((link) => link.isIdle);
    for (const link of this.#crew) {
      const ms = link.stuckFor();
      if (ms > 0 && (isAnyIdle || ms > patience(link))) this.#work.giveBack(link.takeBack());
    }
  }

  #lookWithin(interval: number): void {
    if (this.#timer && this.#interval <= interval) return;
    clearTimeout(this.#timer);
    this.#interval = interval;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#onLook();
    }, interval).unref();
  }

  #stopLooking(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** How long the first task of a worker may keep others waiting, in ms. */
const patience = (link: WorkerLink) => INTERVAL + 2 * link.first!.expected;
