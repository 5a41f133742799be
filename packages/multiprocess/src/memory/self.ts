/** Where this thread stands in the process table. */
import { isMainThread, threadId } from 'node:worker_threads';
import { native } from '../native.ts';
import { SlotKind, SlotState } from './layout.ts';
import { startTimeOf } from './liveness.ts';
import { ensureRealm } from './realm.ts';
import * as table from './table.ts';

let slot = -1;
let life = 0;
const onChange: (() => void)[] = [];

/** Has `forget` called when this thread takes another slot: what was derived from the old one is void. */
export function onSelfChange(forget: () => void): void {
  onChange.push(forget);
}

/**
 * The slot of this thread. A main program gets one together with its realm, a child by {@link setSelfSlot}, a worker
 * thread here, when it first asks; the thread's end frees it.
 */
export function selfSlot(): number {
  if (slot >= 0) return slot;
  ensureRealm();
  slot = isMainThread ? identifyProcess() : claimForThread();
  return slot;
}

/** Takes the slot that the parent claimed for this process; after a fork, in place of the parent's. */
export function setSelfSlot(own: number): void {
  slot = own;
  native.slotSelf(own, true);
  for (let i = 0; i < onChange.length; i++) onChange[i]!(); // an iterator costs each child page faults
}

/** In a worker thread: takes the slot that its starter claimed for it. */
export function setThreadSlot(own: number): void {
  slot = own;
  native.slotSelf(own, false);
  for (const forget of onChange) forget();
}

/**
 * Frees this thread's slot, with the references that it held, and wakes who joins it. The thread goes on, and touches nothing that
 * is shared before it takes another slot by {@link setThreadSlot}.
 */
export function leaveSlot(): void {
  native.doorbellStop();
  life++;
  slot = -1;
  for (const forget of onChange) forget();
  native.slotLeave();
}

/** Counts the slots that this thread has left: what belonged to one of them is gone. */
export const lives = (): number => life;

/** The slot of the process, told which process it is: whoever finds it without that takes the process for dead. */
function identifyProcess(): number {
  const own = native.slotOfProcess();
  if (own < 0) throw new Error('a child of the realm must take its slot by setSelfSlot first');
  if (table.startTime(own) === 0) table.setStartTime(own, startTimeOf('self'));
  if (table.name(own) === '') table.setName(own, 'MainProcess');
  return own;
}

function claimForThread(): number {
  const own = table.claimSlot(identifyProcess()); // the main thread may not have asked for its slot yet
  table.setKind(own, SlotKind.Thread);
  table.setPid(own, process.pid);
  table.setStartTime(own, startTimeOf('self'));
  table.setName(own, `Thread-${threadId}`);
  table.setState(own, SlotState.Running);
  native.slotSelf(own, false);
  return own;
}
