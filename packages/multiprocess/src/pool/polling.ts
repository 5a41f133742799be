/**
 * Looking for answers in every turn of the event loop, instead of sleeping until a worker rings: to be woken takes 40 us and more, and a
 * small task two. Only while it has lately been worth it, and while a processor is free for it.
 *
 * How long to look is learnt as in memory/spin.ts: a quarter longer after an answer, a half less after looking in vain; when
 * answers come soon after that, the longest time is tried again every few times.
 */
import { availableParallelism } from 'node:os';

/** In ms. */
const LONGEST = 0.2;
const SHORTEST = 0.01;
const PROBE = 8;
const PROCESSORS = availableParallelism();

export interface PollingOptions {
  /** Takes what has come; whether anything had. */
  look(): boolean;
  /** How many workers have something to do. */
  busy(): number;
  /** Workers need not ring from now on. */
  onStart(): void;
  /** They are to ring again; what came meanwhile has to be looked for. */
  onStop(): void;
}

export class Polling {
  readonly #options: PollingOptions;
  #patience = LONGEST;
  #isOn = false;
  /** When something was sent, or came, last. */
  #since = 0;
  #missed = 0;

  constructor(options: PollingOptions) {
    this.#options = options;
  }

  /** Something has been sent. */
  sent(): void {
    this.#since = performance.now();
    if (this.#isOn || this.#patience < SHORTEST || !this.#isWorthIt) return;
    this.#isOn = true;
    this.#options.onStart();
    setImmediate(this.#turn);
  }

  /** A worker has rung. */
  rung(): void {
    const isSoon = performance.now() - this.#since < 2 * LONGEST;
    if (isSoon && this.#missed++ % PROBE === 0) this.#patience = LONGEST;
  }

  readonly #turn = (): void => {
    const now = performance.now();
    const waited = now - this.#since;
    const hasCome = this.#options.look();
    if (hasCome) {
      this.#patience = Math.min(LONGEST, 1.25 * this.#patience + SHORTEST);
      this.#since = now;
    }
    if ((hasCome || waited < this.#patience) && this.#isWorthIt) return void setImmediate(this.#turn);
    if (!hasCome) this.#patience /= 2;
    this.#isOn = false;
    this.#options.onStop();
  };

  /** Somebody works, and leaves a processor to us. */
  get #isWorthIt(): boolean {
    const busy = this.#options.busy();
    return busy > 0 && busy < PROCESSORS;
  }
}
