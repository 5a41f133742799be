/**
 * A ring in realm memory: bytes from one writer to one reader, as a wire format.
 *
 * ```
 *    0  head         reader   how far it has read         } a cache line of the reader's
 *    4  writerState  both     see below                   }
 *   64  tail         writer   up to where messages are whole } a cache line of the writer's
 *   68  readerState  both     see below                      }
 *  128  readerSlot   reader   whose doorbell the writer rings
 *  132  writerSlot   writer   whose doorbell the reader rings
 *  136  closed       writer   1: nothing more will come
 *  144  spill        writer   u32 low, u32 high, u32 generation of the cell that is being handed over; 0: none
 *  256  data         65536 bytes
 * ```
 *
 * `head` and `tail` count bytes modulo 2 ** 32; the ring is empty when they are equal. Between them lie entries, each
 * aligned to 8 bytes and in one piece:
 *
 * | first word | then                                | means                                            |
 * |------------|-------------------------------------|--------------------------------------------------|
 * | size >= 0  | the bytes, padded                   | a message                                        |
 * | Spilled    | u32 size, low, high, reference      | a message in a cell of its own, at that offset   |
 * | Skip       |                                     | the rest up to the end of `data` is not used     |
 *
 * | readerState | means                                     | moved on by                                           |
 * |-------------|-------------------------------------------|-------------------------------------------------------|
 * | Awake       | it will look at `tail` before it sleeps   | the reader: Asleep or Parked, then it looks once more |
 * | Asleep      | its event loop waits for its doorbell     | the writer: Awake, then it rings                      |
 * | Parked      | its thread sleeps on this word            | the writer: Awake, then a futex wake; time-out: reader|
 *
 * `writerState` knows Awake and Asleep (waits for room); the reader moves it on in the same way.
 *
 * A spilled message is handed over with a reference (memory's bookkeeping of who needs a cell):
 *
 * ```
 *   writer   1 allocate, fill   2 spill = cell   3 reference for the reader   4 tail moves   5 drop own   6 spill = 0
 *   reader                               7 take or copy (memory/copies.ts), head moves   8 drop the reference
 * ```
 *
 * What a death leaves behind, step by step:
 *
 * | who dies   | when                              | what is left                                                     |
 * |------------|-----------------------------------|------------------------------------------------------------------|
 * | the writer | before `tail` moved               | nothing: bytes beyond `tail` are nobody's                        |
 * | the writer | after that, before it woke anyone | a whole message; who notices the death looks into the ring       |
 * | the writer | in 1, 2                           | the cell has only the writer's reference: swept with its slot    |
 * | the writer | after 3, before 4                 | a reference of the reader's, named by `spill`: `recover` drops it|
 * | the writer | after 4                           | a whole message; the writer's own reference is swept             |
 * | the reader | before 7                          | its references are swept with its slot, and so the cells freed   |
 * | the reader | between 7 and 8                   | the same                                                         |
 */
export const RING = {
  head: 0,
  writerState: 4,
  tail: 64,
  readerState: 68,
  readerSlot: 128,
  writerSlot: 132,
  closed: 136,
  spillLow: 144,
  spillHigh: 148,
  spillGeneration: 152,
  data: 256,
} as const;

/** Bytes of `data`; a power of two, because positions wrap at 2 ** 32. */
export const CAPACITY = 65536;
export const RING_SIZE = RING.data + CAPACITY;
/** Larger messages spill. Twice an entry of this size fits into `ROOM`: one may be preceded by almost as much skipped. */
export const MAX_INLINE = CAPACITY / 4 - 16;
/** A writer that waits is woken when this much is free, not at every message: any entry fits then. */
export const ROOM = CAPACITY / 2;

export const ENTRY_ALIGNMENT = 8;
export const ENTRY_HEADER = 4;
export const SPILLED = -2;
export const SPILLED_SIZE = 24;
export const SKIP = -1;

export const EndState = { Awake: 0, Asleep: 1, Parked: 2 } as const;
