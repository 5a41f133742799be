/**
 * The realm's shared memory, as a wire format: every offset in one place. Twin of native/layout.h.
 *
 * ```
 *        0  header        magic, version, sizes, zygote, start requests
 *     1024  allocator     its lists (native/shm/allocator)
 *     4096  process table 4096 slots of 256 bytes
 *  2097152  heap          cells, to the end of the realm
 * ```
 */

export const MAGIC = 0x4d505231;
export const LAYOUT_VERSION = 1;
export const REALM_SIZE = 64 * 2 ** 30;
export const SLOT_COUNT = 4096;
export const SLOTS_OFFSET = 4096;
export const SLOT_SIZE = 256;
export const HEAP_OFFSET = 2 * 2 ** 20;

/** Byte offsets in the realm's header. */
export const HEADER = {
  magic: 0,
  layoutVersion: 4,
  size: 8,
  slotCount: 16,
  slotHighWater: 20,
  forkVerdict: 24,
  zygote: 28,
  requests: 32,
  mainSlot: 36,
  realmId: 40,
  keeper: 44,
  broker: 48,
  spinners: 56,
  allocator: 1024,
} as const;

/** Byte offsets in a slot of the process table. */
export const SLOT = {
  state: 0,
  pid: 4,
  startTime: 8,
  parent: 16,
  generation: 20,
  kind: 24,
  flags: 28,
  doorbell: 32,
  doorbellSleeper: 36,
  exitStatus: 40,
  nextRequest: 44,
  payload: 48,
  payloadSize: 56,
  waitsFor: 64,
  holds: 72,
  error: 80,
  leaveCode: 84,
  sentSignal: 88,
  nativeId: 92,
  name: 96,
  doorbellName: 160,
  forZygote: 168,
} as const;
export const SLOT_NAME_SIZE = 64;
/** The index of a word of a slot, among the words of the realm's first window. */
export const slotWord = (slot: number, field: number): number => (SLOTS_OFFSET + slot * SLOT_SIZE + field) >> 2;
/** Where nobody is meant: the parent of main and of an orphan. */
export const NO_SLOT = 0xffffffff;

/**
 * Life of a process slot.
 *
 * | state         | means                                   | moved on by                                             |
 * |---------------|-----------------------------------------|---------------------------------------------------------|
 * | Free          | nobody's                                | a parent claims it (compare-and-swap)                   |
 * | Claimed       | its parent fills it in                  | the parent: Requested (fork), Bootstrapping (spawn)     |
 * | Requested     | waits for the zygote                    | the zygote: Bootstrapping, or Failed (errno in `error`) |
 * | Bootstrapping | the process exists, user code is loaded | the child: Running                                      |
 * | Running       | the target runs                         | the reaper (zygote, or parent of a spawned child): Ended|
 * | Ended         | `exitStatus` is final                   | the parent, once it has read it: Free                   |
 * | Failed        | the start failed                        | the parent: Free                                        |
 *
 * Death: a child that dies in Bootstrapping or Running is reaped to Ended. A parent that dies leaves slots behind: the
 * zygote frees those it had Claimed, and those of its children when they end.
 */
export const SlotState = {
  Free: 0,
  Claimed: 1,
  Requested: 2,
  Bootstrapping: 3,
  Running: 4,
  Ended: 5,
  Failed: 6,
} as const;
export type SlotState = (typeof SlotState)[keyof typeof SlotState];

export const SlotKind = { Main: 1, Process: 2, Thread: 3, Zygote: 4, Keeper: 5 } as const;
export type SlotKind = (typeof SlotKind)[keyof typeof SlotKind];

export const SlotFlag = { TerminateWithParent: 1, Spawned: 2 } as const;

/**
 * `HEADER.forkVerdict`. Unsafe is final: something in this program does not survive a fork(2), so it spawns.
 *
 * `HEADER.zygote` is the zygote's slot + 1, set by compare-and-swap by whoever starts it, and taken back to 0 by whoever
 * finds it dead. Its slot goes Claimed -> Bootstrapping (loading the preloads) -> Running (forking) -> Ended.
 *
 * `HEADER.keeper` is the slot + 1 of the process that removes files at the realm's end (native/segment/keeper.h), set
 * once, by compare-and-swap. The slot has no parent and stays Running: it owns the list of files, also between the
 * death of a keeper and the start of the next one.
 *
 * `HEADER.broker`: 64 bits, the number in the address at which the last keeper that was started holds descriptors in flight
 * (native/descriptor/descriptor.h).
 *
 * `HEADER.spinners`: 64 words, the identities of threads that spin (spin.ts); 0, or one that has ended: free.
 */
export const ForkVerdict = { Unknown: 0, Unsafe: 1 } as const;

/**
 * Records: what a thread leaves at a shared object, as its place in the queue or its account of permits. They outlive the
 * thread, so that nothing in a queue ever points at memory that is somebody else's (sync/records.ts). Word 0 of record 0
 * counts the records ever used.
 */
export const RECORDS_OFFSET = 96 * 2 ** 20;
export const RECORD_SIZE = 32;
export const RECORD_COUNT = 2 ** 18;
