/** How long the past weighs in the rate, in ms: long enough to be calm, short enough to notice a change. */
const HORIZON = 8000;

/** Items per second as of late: an exponential average over time that starts without bias. */
export class RecentRate {
  #lastTime: number;
  #lastCount = 0;
  #weighted = 0;
  #weight = 0;

  constructor(now: number) {
    this.#lastTime = now;
  }

  /** Takes note of the count so far; gives the rate. */
  update(now: number, count: number): number {
    const elapsed = now - this.#lastTime;
    if (elapsed > 0) {
      const fade = Math.exp(-elapsed / HORIZON);
      this.#weighted = this.#weighted * fade + ((count - this.#lastCount) / elapsed) * (1 - fade);
      this.#weight = this.#weight * fade + (1 - fade);
      this.#lastTime = now;
      this.#lastCount = count;
    }
    return this.#weight > 0 ? (this.#weighted / this.#weight) * 1000 : 0;
  }
}
