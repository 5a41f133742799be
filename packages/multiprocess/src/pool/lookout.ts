/** Keeps the event loop alive while there is something to do, and looks after workers whose tasks take unexpectedly long. */
import { doorbell } from '../memory/index.ts';
import type { Crew } from './crew.ts';
import type { Work } from './work.ts';

/** How often is looked for tasks that wait behind one that takes unexpectedly long, in ms. */
const INTERVAL = 20;

export class Lookout {
  readonly #crew: Crew;
  readonly #work: Work;
  readonly #onLook: () => void;
  #keepAlive: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `onLook` is called every now and then while tasks wait behind others. */
  constructor(crew: Crew, work: Work, onLook: () => void) {
    this.#crew = crew;
    this.#work = work;
    this.#onLook = onLook;
  }

  /** `isActive`: what workers have is to be done; `isBusy`: something else is, too. */
  watch(isActive: boolean, isBusy: boolean): void {
    let isAnyBusy = isBusy;
    let isQueued = false;
    for (const link of this.#crew) {
      isAnyBusy ||= isActive && link.inFlight > 0;
      isQueued ||= link.inFlight > 1 || link.isClogged;
    }
    if (isAnyBusy) this.#keepAlive ??= doorbell.keepAlive();
    else {
      this.#keepAlive?.();
      this.#keepAlive = undefined;
    }
    if (isQueued) this.#timer ??= setInterval(this.#onLook, INTERVAL).unref();
    else {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }

  /** Chunks are made of tasks that used to be short. When one is not, those behind it go to others. */
  relieve(): void {
    const isAnyIdle = [...this.#crew].some((link) => link.isReady && link.inFlight === 0);
    for (const link of this.#crew) {
      const isStuck = link.isStuck();
      if (isStuck && (isAnyIdle || !link.hasChosenChunk)) this.#work.giveBack(link.takeBack());
    }
  }
}
