/** The process table: one slot per process or thread of the realm. The state table stands in layout.ts. */
import { MultiprocessError } from '../errors.ts';
import { native } from '../native.ts';
import {
  HEADER,
  NO_SLOT,
  SLOT,
  SLOT_COUNT,
  SLOT_NAME_SIZE,
  SLOT_SIZE,
  SLOTS_OFFSET,
  type SlotKind,
  SlotState,
  slotWord,
} from './layout.ts';
import { bytesAt, longIndex, longsAt, words } from './realm.ts';

const HIGH_WATER = HEADER.slotHighWater >> 2;

/** Byte offset of a slot's word in the realm, for waiting on it. */
export function fieldOffset(slot: number, field: keyof typeof SLOT): number {
  return SLOTS_OFFSET + slot * SLOT_SIZE + SLOT[field];
}

/**
 * Takes a free slot (state Claimed) for a child of `parent` and clears it. Throws `ERR_MP_NO_MEMORY` when all 4096 are
 * in use.
 */
export function claimSlot(parent: number): number {
  const slot = claimUsed() ?? claimFresh();
  if (slot === undefined) {
    throw new MultiprocessError(
      'ERR_MP_NO_MEMORY',
      `all ${SLOT_COUNT} slots of the process table are in use: join or close processes that have ended`,
    );
  }
  clear(slot);
  store(slot, 'parent', parent);
  return slot;
}

/** Gives a slot back, with the memory that only it referred to. Its generation moves on, so that references to its last user are known as stale. */
export function releaseSlot(slot: number): void {
  native.cellSweep(slot);
  store(slot, 'doorbellSleeper', 0);
  store(slot, 'pid', 0);
  Atomics.add(words(0), index(slot, 'generation'), 1);
  store(slot, 'state', SlotState.Free);
}

/** Every slot that is not free, in order. */
export function* usedSlots(): Generator<number, void, undefined> {
  for (let slot = 0; slot < Atomics.load(words(0), HIGH_WATER); slot++) {
    if (state(slot) !== SlotState.Free) yield slot;
  }
}

export const state = (slot: number) => load(slot, 'state') as SlotState;

/** Moves a slot on and wakes whoever waits for that. */
export function setState(slot: number, value: SlotState): void {
  store(slot, 'state', value);
  native.futexWake(fieldOffset(slot, 'state'), 0x7fffffff);
}

/** Moves a slot from one state to another; false when it was in neither's hands any more. */
export function moveState(slot: number, from: SlotState, to: SlotState): boolean {
  if (Atomics.compareExchange(words(0), index(slot, 'state'), from, to) !== from) return false;
  native.futexWake(fieldOffset(slot, 'state'), 0x7fffffff);
  return true;
}

export const pid = (slot: number) => load(slot, 'pid');
export const setPid = (slot: number, value: number) => store(slot, 'pid', value);
/** Slot of the logical parent; {@link NO_SLOT} in main and in orphans. */
export const parent = (slot: number) => load(slot, 'parent') >>> 0;
export const setParent = (slot: number, value: number) => store(slot, 'parent', value);
/** Counts the users that a slot has had. */
export const generation = (slot: number) => load(slot, 'generation') >>> 0;
export const kind = (slot: number) => load(slot, 'kind') as SlotKind;
export const setKind = (slot: number, value: SlotKind) => store(slot, 'kind', value);
export const flags = (slot: number) => load(slot, 'flags');
export const setFlags = (slot: number, value: number) => store(slot, 'flags', value);
/** Exit code, or minus the signal; final in state Ended. */
export const exitStatus = (slot: number) => load(slot, 'exitStatus');
export const setExitStatus = (slot: number, value: number) => store(slot, 'exitStatus', value);
/** errno of a start that failed. */
export const error = (slot: number) => load(slot, 'error');
export const setError = (slot: number, value: number) => store(slot, 'error', value);
export const leaveCode = (slot: number) => load(slot, 'leaveCode');
export const setLeaveCode = (slot: number, value: number) => store(slot, 'leaveCode', value);
export const sentSignal = (slot: number) => load(slot, 'sentSignal');
export const setSentSignal = (slot: number, value: number) => store(slot, 'sentSignal', value);
/** Clock ticks after boot. */
export const startTime = (slot: number) => loadLong(slot, 'startTime');
export const setStartTime = (slot: number, ticks: number) => storeLong(slot, 'startTime', ticks);
/** Of a thread: the kernel's id of it. */
export const nativeId = (slot: number) => load(slot, 'nativeId');
export const setNativeId = (slot: number, value: number) => store(slot, 'nativeId', value);
/** Identity of the zygote that may fork it; 0: any. */
export const setForZygote = (slot: number, id: number) => store(slot, 'forZygote', id);
/** Offset of the object that the process waits for; 0 for none. */
export const waitsFor = (slot: number) => loadLong(slot, 'waitsFor');
export const setWaitsFor = (slot: number, offset: number) => storeLong(slot, 'waitsFor', offset);
/** Offset of the first object that the process holds; 0 for none. */
export const holds = (slot: number) => loadLong(slot, 'holds');
export const setHolds = (slot: number, offset: number) => storeLong(slot, 'holds', offset);

/** What the process is to run: bytes in a cell. */
export function payload(slot: number): { offset: number; size: number } {
  return { offset: loadLong(slot, 'payload'), size: loadLong(slot, 'payloadSize') };
}

export function setPayload(slot: number, offset: number, size: number): void {
  storeLong(slot, 'payload', offset);
  storeLong(slot, 'payloadSize', size);
}

export function name(slot: number): string {
  const bytes = Buffer.from(bytesAt(fieldOffset(slot, 'name'), SLOT_NAME_SIZE));
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? SLOT_NAME_SIZE : end);
}

/** Keeps 64 bytes of the name in UTF-8, cut between two characters. */
export function setName(slot: number, value: string): void {
  const bytes = bytesAt(fieldOffset(slot, 'name'), SLOT_NAME_SIZE);
  const { written } = new TextEncoder().encodeInto(value, bytes); // stops before a character that does not fit
  bytes.fill(0, written);
}

function claimUsed(): number | undefined {
  const highWater = Atomics.load(words(0), HIGH_WATER);
  for (let slot = 0; slot < highWater; slot++) {
    if (tryClaim(slot)) return slot;
  }
  return undefined;
}

function claimFresh(): number | undefined {
  for (;;) {
    const slot = Atomics.load(words(0), HIGH_WATER);
    if (slot >= SLOT_COUNT) return claimUsed();
    if (Atomics.compareExchange(words(0), HIGH_WATER, slot, slot + 1) === slot && tryClaim(slot)) return slot;
  }
}

function tryClaim(slot: number): boolean {
  const at = index(slot, 'state');
  return (
    Atomics.load(words(0), at) === SlotState.Free &&
    Atomics.compareExchange(words(0), at, SlotState.Free, SlotState.Claimed) === SlotState.Free
  );
}

// What is left of the last user; state and generation are not the user's.
function clear(slot: number): void {
  const first = index(slot, 'state');
  for (let at = first + 1; at < first + (SLOT_SIZE >> 2); at++) {
    if (at !== index(slot, 'generation')) Atomics.store(words(0), at, 0);
  }
}

function index(slot: number, field: keyof typeof SLOT): number {
  return slotWord(slot, SLOT[field]);
}

function load(slot: number, field: keyof typeof SLOT): number {
  return Atomics.load(words(0), index(slot, field));
}

function store(slot: number, field: keyof typeof SLOT, value: number): void {
  Atomics.store(words(0), index(slot, field), value | 0);
}

function loadLong(slot: number, field: keyof typeof SLOT): number {
  const offset = fieldOffset(slot, field);
  return Number(Atomics.load(longsAt(offset), longIndex(offset)));
}

function storeLong(slot: number, field: keyof typeof SLOT, value: number): void {
  const offset = fieldOffset(slot, field);
  Atomics.store(longsAt(offset), longIndex(offset), BigInt(value));
}

export { NO_SLOT };
