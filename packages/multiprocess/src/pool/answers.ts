/** What a worker says to its pool. Answers wait a little for more of them before the pool is woken. */
import { RingWriter } from '../channel/index.ts';
import { head, type Kind } from './protocol.ts';

/** Answers may wait this long, in ms. */
const WAKE_INTERVAL = 10;

export class Answers {
  readonly #ring: RingWriter;
  #isHeld = false;
  #lastWake = 0;

  constructor(ring: number) {
    this.#ring = new RingWriter(ring);
  }

  /** Whether the pool has not been woken for some of them. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Adds the answer to a task that has ended `now`; undefined: it is there on return. Throws `ERR_MP_NO_MEMORY`. */
  add(kind: Kind, ms: number, now: number, body: readonly Uint8Array[]): Promise<void> | undefined {
    if (!this.#ring.tryWrite(head(kind, 0, ms), ...body)) {
      const message = [head(kind, 0, ms), ...body].map((part) => part.slice()); // others use this memory meanwhile
      return this.#ring.write(...message).then(() => this.#added(now));
    }
    this.#added(now);
    return undefined;
  }

  /** Says something else, at once; waits for room. */
  say(kind: Kind, number = 0, ...body: Uint8Array[]): Promise<void> {
    return this.#ring.write(head(kind, 0, number).slice(), ...body);
  }

  /** The same if there is room. */
  trySay(kind: Kind, number: number, body: Uint8Array): void {
    if (this.#ring.tryWrite(head(kind, 0, number), body)) this.announce();
  }

  /** Wakes the pool if it sleeps. */
  announce(): void {
    this.#isHeld = false;
    this.#lastWake = performance.now();
    this.#ring.wake();
  }

  /** Answers need not wait for a task that waits. One that is only waiting for microtasks is over before. */
  announceSoon(): void {
    if (this.#isHeld) setImmediate(() => this.#isHeld && this.announce());
  }

  #added(now: number): void {
    this.#isHeld = true;
    if (now - this.#lastWake > WAKE_INTERVAL) this.announce();
  }
}
