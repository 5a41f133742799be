/**
 * Doorbells: how a process of the realm wakes another one's event loop. Rings carry nothing: whoever hears one looks at
 * the shared words that it waits for.
 */
import { native } from '../native.ts';
import { SLOT, slotWord } from './layout.ts';
import { words } from './realm.ts';
import { onSelfChange, selfSlot } from './self.ts';

// States of the word behind the count: native/wait/bell.h.
const AWAKE = 0;
const BLOCKED = 3;
/** A bit of those in which a ring has to wake. */
const SLEEPS = 1;

const subscribers = new Set<() => void>();
let startedFor = -1; // our slot; in a forked child it is still the parent's
let keepers = 0;
onSelfChange(() => {
  startedFor = -1;
});

/**
 * Calls `onRing` after each batch of rings for this thread's slot; starts the doorbell with the first subscriber. Look
 * at the state you wait for once after subscribing: an earlier ring is not repeated. Does not keep the event loop
 * alive. An error that `onRing` throws is an uncaught exception, and keeps nobody else from hearing the ring.
 *
 * @returns a function that ends the subscription
 */
export function subscribe(onRing: () => void): () => void {
  start();
  const entry = () => onRing(); // the same function may subscribe twice
  subscribers.add(entry);
  return () => void subscribers.delete(entry);
}

/** Keeps the event loop alive until the returned function is called. Counted; calling that twice changes nothing. */
export function keepAlive(): () => void {
  start();
  if (keepers++ === 0) native.doorbellRef(true);
  const keeper = startedFor;
  let kept = true;
  return () => {
    if (!kept || keeper !== startedFor) return;
    kept = false;
    if (--keepers === 0) native.doorbellRef(false);
  };
}

/** Wakes the event loop of a slot, or the thread that blocks in {@link block}. A system call only when it sleeps. */
export function ring(slot: number): void {
  const at = slotWord(slot, SLOT.doorbell);
  const table = words(0);
  Atomics.add(table, at, 1);
  if ((Atomics.load(table, at + 1) & SLEEPS) !== 0) native.doorbellWake(slot);
}

/** How often this thread's slot has been rung. */
export const rings = (): number => Atomics.load(words(0), slotWord(selfSlot(), SLOT.doorbell));

/** Blocks this thread for up to `timeout` ms while it has not been rung more often than `heard`. */
export function block(heard: number, timeout: number): void {
  const at = slotWord(selfSlot(), SLOT.doorbell);
  Atomics.store(words(0), at + 1, BLOCKED);
  native.futexWait(at << 2, heard, timeout);
  Atomics.store(words(0), at + 1, AWAKE);
}

/**
 * In a forked child: forgets the parent's subscribers. Happens by itself at the first use after the child has taken its
 * slot.
 */
export function afterFork(): void {
  subscribers.clear();
  startedFor = -1;
  keepers = 0;
}

function start(): void {
  const slot = selfSlot();
  if (startedFor === slot) return;
  afterFork();
  native.doorbellStart(slot, ringAll);
  startedFor = slot;
}

function ringAll(): void {
  for (const onRing of [...subscribers]) {
    try {
      onRing();
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }
}
