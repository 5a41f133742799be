/** Waiting for a shared object in its queue: the same for all kinds, for threads that block and for those that do not. */
import { doorbell, onSelfChange, selfSlot, slept, slotOf, spinWhile } from '../memory/index.ts';
import { native } from '../native.ts';
import { cancelled, onAbort, type WaitOptions } from '../timeout.ts';
import { Parking, RECORD, State } from './layout.ts';
import type { Monitor } from './monitor.ts';
import { at, claimRecord, records, releaseRecord, stateOffset } from './records.ts';

/** How a kind waits. */
export interface Wait<T> {
  readonly monitor: Monitor;
  /** Spins a little if another attempt would now be in vain. */
  spin?(): unknown;
  /**
   * Called with the guard held. The result; undefined: not yet, and `record` stands in the queue, Waiting or Starving. An
   * error ends the wait.
   */
  attempt(record: number, urge: Urge): T | undefined;
  /** After the first attempt, without the guard: whether the next one is due before anybody calls. */
  isDue?(): boolean;
}

export interface Urge {
  /** It has been called and overtaken for longer than is fair. */
  starving: boolean;
  /** Nobody has called it for a while: perhaps somebody died. */
  polling: boolean;
  /** Since the wait began, in ms. */
  waited: number;
  /** It has a timeout, and so ends by itself. */
  readonly limited: boolean;
  /** When, counted as `waited`, the awaited object was last seen to change (deadlock.ts). */
  changed: number;
  /** There will be no other attempt: without a result the record leaves the queue. */
  last: boolean;
}

/** Beyond this a waiter that is overtaken again and again gets what is free reserved (as in Go's sync.Mutex). In ms. */
const UNFAIR = 1;
/** Waiters look for themselves after so many ms, then less and less often: a call may have died with its caller. */
const FIRST_POLL = 20;
const SLOWEST_POLL = 200;

/** Blocks the thread until there is a result; undefined when `timeout` ms have passed. */
export function waitSync<T>(wait: Wait<T>, timeout = Number.POSITIVE_INFINITY): T | undefined {
  const record = claimRecord(wait.monitor.cell);
  const urge = patient(timeout);
  urge.last = timeout <= 0;
  try {
    let result = attempt(wait, record, urge);
    if (result === undefined && !urge.last && wait.isDue?.()) result = attempt(wait, record, urge);
    const began = performance.now();
    for (let nextPoll = FIRST_POLL; result === undefined && !urge.last; result = attempt(wait, record, urge)) {
      urge.polling = !blockUntilCalled(record, Math.min(timeout - urge.waited, nextPoll));
      if (urge.polling) nextPoll = Math.min(2 * nextPoll, SLOWEST_POLL);
      else wait.spin?.(); // overtaken on the way here: soon free again, probably
      urge.waited = performance.now() - began;
      urge.starving = urge.waited > UNFAIR;
      urge.last = urge.waited >= timeout;
    }
    return result;
  } finally {
    releaseRecord(record);
  }
}

const pending = new Map<number, (polling: boolean) => void>();
let pendingOf = -1;
let poller: NodeJS.Timeout | undefined;

onSelfChange(() => {
  pendingOf = -1;
  stopPolling();
});

/**
 * Resolves with the result, or with undefined when the time is up. Rejects with `ERR_MP_CANCELLED`, having given back by
 * `undo` what it got at the last moment. What cannot be undone, such as having been notified, comes before cancelling.
 */
export function waitAsync<T>(
  wait: Wait<T>,
  { timeout = Number.POSITIVE_INFINITY, signal }: WaitOptions,
  undo?: (result: T) => void,
): Promise<T | undefined> {
  if (signal?.aborted) return Promise.reject(cancelled(signal));
  const record = claimRecord(wait.monitor.cell);
  const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
  const began = performance.now();
  const urge = patient(timeout);
  const ends: (() => void)[] = [];

  let isSettled = false;
  const settle = (how: () => void) => {
    isSettled = true;
    for (const end of ends) end();
    releaseRecord(record);
    how();
  };
  const look = (polling: boolean, last = false) => {
    const waited = performance.now() - began;
    if (ends.length > 0) slept(waited);
    Object.assign(urge, { waited, starving: waited > UNFAIR, polling, last });
    try {
      const result = attempt(wait, record, urge);
      if (result !== undefined || last) settle(() => resolve(result));
    } catch (error) {
      settle(() => reject(error));
    }
  };
  const cancel = () => {
    let result: T | undefined;
    try {
      Object.assign(urge, { waited: 0, starving: false, polling: true, last: true });
      result = attempt(wait, record, urge);
    } catch {} // that it is cancelled says more
    const stands = result !== undefined && !undo;
    settle(() => (stands ? resolve(result) : reject(cancelled(signal as AbortSignal))));
    if (result !== undefined) undo?.(result);
  };

  Atomics.store(records(), at(record, RECORD.parked), Parking.Async);
  look(false, timeout <= 0);
  if (!isSettled && wait.isDue?.()) look(false);
  if (isSettled) return promise;
  ends.push(listen(record, look));
  if (timeout < 2 ** 31) {
    const timer = setTimeout(look, timeout, true, true);
    ends.push(() => clearTimeout(timer));
  }
  if (signal) ends.push(onAbort(signal, cancel));
  return promise;
}

const patient = (timeout: number): Urge => ({
  starving: false,
  polling: false,
  waited: 0,
  limited: timeout < Number.POSITIVE_INFINITY,
  changed: 0,
  last: false,
});

/** Tries with the guard held. The record leaves the queue with the result, with an error, and after the last attempt. */
function attempt<T>(wait: Wait<T>, record: number, urge: Urge): T | undefined {
  const { monitor } = wait;
  let stays = false;
  monitor.enter();
  try {
    const result = wait.attempt(record, urge);
    stays = result === undefined && !urge.last;
    return result;
  } finally {
    if (!stays && monitor.isQueued(record)) monitor.remove(record);
    monitor.exit();
  }
}

/** Marks a record so that its owner will find it changed. Under the guard; then, without it, {@link call} the owner. */
export function mark(record: number, state: number): void {
  Atomics.store(records(), at(record, RECORD.state), state);
}

/** Wakes the owner of a marked record. No system call unless it sleeps. The record may be somebody else's by now: then that wait looks once more than it had to. */
export function call(record: number): void {
  const table = records();
  const parked = Atomics.load(table, at(record, RECORD.parked));
  if (parked === Parking.Blocked) native.futexWake(stateOffset(record), 1);
  if (parked !== Parking.Async) return;
  const slot = slotOf(table[at(record, RECORD.owner)]!);
  if (slot === selfSlot()) queueMicrotask(() => pending.get(record)?.(false));
  else if (slot >= 0) doorbell.ring(slot);
}

const isCalled = (state: number) => state >= State.Woken;

function blockUntilCalled(record: number, timeout: number): boolean {
  const table = records();
  const state = at(record, RECORD.state);
  const before = Atomics.load(table, state);
  if (isCalled(before) || spinWhile(table, state, before)) return true;
  Atomics.store(table, at(record, RECORD.parked), Parking.Blocked);
  const began = performance.now();
  native.futexWait(stateOffset(record), before, timeout);
  slept(performance.now() - began);
  Atomics.store(table, at(record, RECORD.parked), Parking.Awake);
  return isCalled(Atomics.load(table, state));
}

/** Has `look` called when the owner of `record`, this thread, is called. Keeps the event loop alive meanwhile. */
function listen(record: number, look: (polling: boolean) => void): () => void {
  if (pendingOf !== selfSlot()) {
    pending.clear(); // a forked child has a copy of its parent's
    pendingOf = selfSlot();
    doorbell.subscribe(lookAtCalled);
    stopPolling();
  }
  poller ??= setInterval(pollAll, FIRST_POLL * 2).unref();
  pending.set(record, look);
  const rest = doorbell.keepAlive();
  if (isCalled(Atomics.load(records(), at(record, RECORD.state)))) queueMicrotask(lookAtCalled); // before we listened
  return () => {
    pending.delete(record);
    rest();
    if (pending.size === 0) stopPolling();
  };
}

/** Node.js keeps the place of a timer that is cleared while it is unreferenced, until its time has come: a thread would not look idle. */
function stopPolling(): void {
  if (!poller) return;
  clearInterval(poller.ref());
  poller = undefined;
}

function lookAtCalled(): void {
  const table = records();
  for (const [record, look] of [...pending]) if (isCalled(Atomics.load(table, at(record, RECORD.state)))) look(false);
}

function pollAll(): void {
  for (const look of [...pending.values()]) look(true);
}
