/**
 * Spinning before sleeping. To sleep and be woken takes some 20 us, and twice that where the event loop is woken; what two processes
 * that answer each other wait for takes one or two. So a wait spins first, for as long as that has lately been enough.
 *
 * How long is learnt by this thread from all of its waits:
 *
 * | what happens                                     | spins                                                      |
 * |--------------------------------------------------|------------------------------------------------------------|
 * | the word changed soon                            | a quarter more: spins that are not needed cost nothing     |
 * | it did not change, or later than a sleeper wakes | a quarter of them                                          |
 * | the sleep was a short one (every nth)            | MOST: perhaps both sides sleep only because the other does |
 *
 * So they grow where most waits are short, and where all are long next to nothing is spent in vain. n doubles
 * each time, until spinning has been worth while again.
 *
 * Whom they wait for needs a processor, too. So no more threads of the realm spin for more than a moment than there are
 * processors but one: each of these takes a place in the realm's header, by its identity, and so the dead hold none.
 */
import { availableParallelism } from 'node:os';
import { STORES_IN_ORDER } from '../platform.ts';
import { isLiving, selfId } from './identity.ts';
import { HEADER } from './layout.ts';
import { words as realmWords } from './realm.ts';

/** 0: pointless, since the waker needs our processor. */
const PLACES = Math.min(availableParallelism() - 1, 64);
/** Of these, a thread tries so many. */
const TRIES = Math.min(PLACES, 4);
/** Without a place, some 1 us: whoever answers a spinner at once may find that it has not left its place yet. */
const MOMENT = PLACES > 0 ? 64 : 0;
/** Some 100 us: as long as the other side needs to come out of its sleep. */
const MOST = PLACES > 0 ? 5000 : 0;
/** Some 25 us: what changes later could as well have been slept for. */
const SOON = 1200;
/** A sleep of which spinning might have saved the better part, in ms. */
const SHORT = 0.15;
/** n of the table above. */
const OFTEN = 8;
const SELDOM = 512;
/** After so many waits in a row that spun, the event loop turns: some ms. */
const BURST = 1000;

let sinceTurn = 0;
let spins = MOST >> 6;
let shortSleeps = 0;
let probeEvery = OFTEN;

// From V8 13.6 on: lets the other thread of this core run.
const pause = (Atomics as { pause?: () => void }).pause ?? (() => {});

/** Spins while the word is `value`, for as long as spinning has lately been enough; whether it has changed. */
export function spinWhile(words: Int32Array, index: number, value: number): boolean {
  let left = spinOn(words, index, value, Math.min(spins, MOMENT));
  if (left === 0 && spins > MOMENT) {
    const place = takePlace();
    if (place === NO_PLACE) return false;
    left = spinOn(words, index, value, spins - MOMENT);
    Atomics.store(realmWords(0), place, 0);
  }
  if (left > 0 && spins - left < SOON) {
    spins = Math.min(MOST, spins + (spins >> 2) + 8);
    probeEvery = OFTEN;
  } else spins >>= 2;
  return left > 0;
}

/** The same before an asynchronous wait; not for ever, because the event loop has others to serve. */
export function spinBetweenTurns(words: Int32Array, index: number, value: number): boolean {
  if (sinceTurn % BURST === 0) setImmediate(() => (sinceTurn = 0));
  return sinceTurn++ < BURST && spinWhile(words, index, value);
}

/** To be told how long a wait lasted, in ms, for which spinning was not enough. */
export function slept(time: number): void {
  if (time >= SHORT || ++shortSleeps < probeEvery) return;
  spins = MOST;
  shortSleeps = 0;
  probeEvery = Math.min(2 * probeEvery, SELDOM);
}

/** At most `times`; how many of them were left when the word changed. */
function spinOn(words: Int32Array, index: number, value: number, times: number): number {
  let left = times;
  while (left > 0 && Atomics.load(words, index) === value) {
    pause();
    left--;
  }
  return left;
}

/**
 * Some 5 us: many times what passes until everybody sees a store that is not atomic. A processor keeps those in a queue of
 * a few dozen, which it empties as fast as it can (Morrison and Afek, "Temporally bounding TSO for fence-free asymmetric
 * synchronization", ASPLOS 2015, build on such a bound).
 */
const STORE_DELAY = STORES_IN_ORDER ? 250 : 0;

/** Whether a word that was `value` is something else after the delay of a store; ends as soon as it is. */
export function changesSoon(words: Int32Array, index: number, value: number): boolean {
  return spinOn(words, index, value, STORE_DELAY) > 0;
}

const NO_PLACE = -1;

/** The index of a place in the realm's header that is ours now. */
function takePlace(): number {
  const header = realmWords(0);
  const self = selfId();
  for (let i = 0; i < TRIES; i++) {
    const place = (HEADER.spinners >> 2) + ((self + i) % PLACES);
    const holder = header[place]!;
    if (holder !== 0 && isLiving(holder)) continue;
    if (Atomics.compareExchange(header, place, holder, self) === holder) return place;
  }
  return NO_PLACE;
}
