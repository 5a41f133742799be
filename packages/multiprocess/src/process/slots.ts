/** Slots of the process table, as the start methods use them. */
import { NO_SLOT, type SlotKind, SlotState, selfSlot, table } from '../memory/index.ts';
import { native } from '../native.ts';

/** Takes a slot for a child of this process. Throws `ERR_MP_NO_MEMORY` when the table is full. */
export function claimFor(kind: SlotKind, name: string): number {
  const slot = table.claimSlot(selfSlot());
  table.setKind(slot, kind);
  table.setName(slot, name);
  return slot;
}

/** Makes a slot whose start failed ready for another try. */
export function reclaim(slot: number): void {
  table.setPid(slot, 0);
  table.setState(slot, SlotState.Claimed);
}

/** Whether the process of a slot runs; for one that is only about to be born, whether its parent does. */
export function isSlotAlive(slot: number): boolean {
  const state = table.state(slot);
  if (state === SlotState.Free || state === SlotState.Ended || state === SlotState.Failed) return false;
  if (table.pid(slot) > 0) return isAlive(slot);
  const parent = table.parent(slot);
  return parent !== NO_SLOT && isAlive(parent);
}

const isAlive = (slot: number): boolean => native.processStartTime(table.pid(slot)) === table.startTime(slot);
