/**
 * Doorbells: how a process of the realm wakes another one's event loop. Rings carry nothing: whoever hears one looks at
 * the shared words that it waits for.
 */
import { native } from '../native.ts';
import { SLOT, SLOT_SIZE, SLOTS_OFFSET } from './layout.ts';
import { words } from './realm.ts';
import { onSelfChange, selfSlot } from './self.ts';

const subscribers = new Set<() => void>();
let startedFor = -1; // our slot; in a forked child it is still the parent's, who has the native thread
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

/** Whether this thread's doorbell has been started: it is a handle of the event loop then. */
export const isStarted = (): boolean => startedFor >= 0;

/** Wakes the event loop of a slot. A system call only when its doorbell thread sleeps. */
export function ring(slot: number): void {
  const at = (SLOTS_OFFSET + slot * SLOT_SIZE + SLOT.doorbell) >> 2;
  const table = words(0);
  Atomics.add(table, at, 1);
  if (Atomics.load(table, at + 1) !== 0) native.futexWake(at << 2, 0x7fffffff);
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
