/**
 * Spinning before sleeping. To sleep and be woken takes some 20 us, and 60 where the event loop is woken; what two processes
 * that answer each other wait for takes one or two. So a wait spins first, for as long as that has lately been enough.
 *
 * How long is learnt by this thread from all of its waits:
 *
 * | what happens                                    | spins                                                      |
 * |-------------------------------------------------|------------------------------------------------------------|
 * | the word changed                                | a quarter more: spins that are not needed cost nothing     |
 * | it did not change                               | a half less                                                |
 * | then the sleep was a short one (every PROBE-th) | MOST: perhaps both sides sleep only because the other does |
 *
 * So they grow where three of four waits are short, and where all are long next to nothing is spent in vain.
 */
import { availableParallelism } from 'node:os';

const CAN = availableParallelism() > 1; // pointless where the waker needs our core
/** Some 100 us: as long as the other side needs to come out of its sleep. */
const MOST = CAN ? 5000 : 0;
/** A sleep of which spinning might have saved the better part, in ms. */
const SHORT = 0.15;
const PROBE = 8;
/** After so many waits in a row that spun, the event loop turns: some ms. */
const BURST = 1000;

let sinceTurn = 0;
let spins = MOST >> 6;
let shortSleeps = 0;

// From V8 13.6 on: lets the other thread of this core run.
const pause = (Atomics as { pause?: () => void }).pause ?? (() => {});

/** Spins while the word is `value`, for as long as spinning has lately been enough; whether it has changed. */
export function spinWhile(words: Int32Array, index: number, value: number): boolean {
  for (let i = 0; i < spins; i++) {
    if (Atomics.load(words, index) === value) {
      pause();
      continue;
    }
    spins = Math.min(MOST, spins + (spins >> 2) + 8);
    return true;
  }
  spins >>= 1;
  return false;
}

/** The same before an asynchronous wait; not for ever, because the event loop has others to serve. */
export function spinBetweenTurns(words: Int32Array, index: number, value: number): boolean {
  if (sinceTurn % BURST === 0) setImmediate(() => (sinceTurn = 0));
  return sinceTurn++ < BURST && spinWhile(words, index, value);
}

/** To be told how long a wait lasted, in ms, for which spinning was not enough. */
export function slept(time: number): void {
  if (time < SHORT && shortSleeps++ % PROBE === 0) spins = MOST;
}
