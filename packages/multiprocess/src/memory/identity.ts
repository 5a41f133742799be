/**
 * Identities: a process or thread of the realm in 30 bits, for the word of a lock.
 *
 * ```
 *   bits  0-12  slot + 1
 *   bits 13-29  low bits of the slot's generation: a dead owner is not mistaken for the next user of its slot
 * ```
 */
import { native } from '../native.ts';
import { actAs, actor } from './instructions.ts';
import { SLOT, SlotState, slotWord } from './layout.ts';
import { words } from './realm.ts';
import { onSelfChange, selfSlot } from './self.ts';
import * as table from './table.ts';

const SLOT_BITS = 13;
export const IDENTITY_MASK = 2 ** 30 - 1;

onSelfChange(() => {
  if (actor !== 0) actAs(0); // what is not written costs a forked child no copy of a page
});

/** This thread's identity, never 0. */
export function selfId(): number {
  return actor !== 0 ? actor : identify();
}

export function idOf(slot: number): number {
  return ((slot + 1) | (words(0)[slotWord(slot, SLOT.generation)]! << SLOT_BITS)) & IDENTITY_MASK;
}

export function slotOf(id: number): number {
  return (id & (2 ** SLOT_BITS - 1)) - 1;
}

/**
 * False once the process or thread has ended, as far as the process table knows: at once for one that left or was reaped,
 * which is what happens to all but those whose own parent and zygote were killed with them. `ask` asks the kernel, too.
 */
export function isLiving(id: number, ask = false): boolean {
  const slot = slotOf(id);
  const state = words(0)[slotWord(slot, SLOT.state)]!; // cheaper than by the table: waiters look again and again
  if (idOf(slot) !== id || state === SlotState.Free || state >= SlotState.Ended) return false;
  const pid = ask ? table.pid(slot) : 0;
  return pid === 0 || native.processStartTime(pid) === table.startTime(slot);
}

function identify(): number {
  actAs(idOf(selfSlot()));
  return actor;
}
