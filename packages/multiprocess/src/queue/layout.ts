/**
 * Queues in shared memory: the words of a queue's cell, and of the chunks in which its messages lie.
 *
 * Two sides work on a queue, each under the guard of a monitor of its own (sync/monitor.ts), each on cache lines of its own:
 * those who put write messages and count them (`puts`), those who get read them and count (`gets`). Both counters run on
 * modulo 2 ** 32; a queue is empty when they are equal.
 *
 * ```
 * word  written by who puts           word  written by who gets           word  by others
 *   0   monitor: guard, head, tail     16   monitor                        32   maxSize, 0: any number
 *   3   puts                           19   gets                           33   maxBytes / 32
 *   4   position when puts is even     20   position when gets is even     34   owner: number as an owner of cells
 *   8   position when puts is odd      24   position when gets is odd      35   options (OPTION)
 *  12   first: the first chunk         28   spare: a chunk to be re-used   36   closing (Closing)
 *  13   knownGets                      29   knownPuts                      37   shared: 1 once another may have it
 *  14   knownUnits                     31   putterWaits
 *  15   getterWaits
 *                                                                          40   monitor of those who join
 *                                                                          43   done: items reported as done
 *                                                                          44   inFlight: deliveries, newest first
 *                                                                          45   turns: times that an item was delivered
 * ```
 *
 * What one side writes for each message is far away for the other one, so each side keeps on its own lines what it needs of the
 * other: `knownGets` and `knownUnits` (what `gets` and the units passed there were when a putter last looked; it looks again when
 * there seems to be no room), `knownPuts` (the same for getters, when there seems to be nothing), and whether somebody may be
 * waiting on the other side: set under that side's guard by who begins to wait there, or has to wait again, cleared under it by a
 * caller that finds nobody, or only such as have been called. All three only trail behind the truth, whoever dies.
 *
 * A position is three words: chunk, byte in it, and how much has passed there so far, in units of 32 bytes. There are two
 * of them, and the counter says by its lowest bit which one holds: who puts writes message and next position, then counts.
 * So one store makes a message, and one store takes it away; a death before it leaves everything as it was.
 *
 * A chunk is a unit of the realm (64 KiB), named by its number, which is offset / 65536, and belongs to the queue's cell (memory: a
 * cell may own others):
 *
 * ```
 *   0  next     the chunk behind this one
 *   8  entries, each aligned to 8 bytes
 * ```
 *
 * | first word | second word                    | then                                                               |
 * |------------|--------------------------------|--------------------------------------------------------------------|
 * | size >= 0  | number of references           | the message; per reference its number and the offset of its cell / 32 |
 * | size >= 0  | the same + SPILLED             | offset / 32 of a cell with the message, 0; references              |
 * | -1         |                                | the next entry is the first of the next chunk                      |
 *
 * A message's cell is the queue's from the beginning, by its first reference. Who has got the message refers to the cell for as
 * long as it uses the message where it lies, or copies it, then drops the queue's reference; if it dies before that, the cell
 * goes with the queue.
 *
 * The references are those that the queue holds to cells named in the message. Who gets the message opens the cells, then
 * drops them.
 *
 * What a death leaves behind:
 *
 * | who dies | when                                     | what is left                                                      |
 * |----------|------------------------------------------|-------------------------------------------------------------------|
 * | who puts | before it counts                         | nothing; perhaps a chunk or a cell that goes with the queue       |
 * | who puts | after that, before it called anyone      | a whole message; those who wait look for themselves now and then  |
 * | who gets | before it counts                         | the message is still there                                        |
 * | who gets | after that                               | the message is gone with it (but see below); perhaps a chunk, a   |
 * |          |                                          | cell or references that go with the queue                         |
 *
 * With `redeliver` who gets leaves a delivery first, a cell in the list `inFlight`:
 *
 * ```
 *   0  next     offset / 32 of the next one, older; 0: none       4  references: how many
 *   1  owner    identity of who has the item                      5  body: offset / 32 of the message's cell; 0: it follows
 *   2  count    what `gets` becomes with this item                6  turn: what `turns` became when the owner got it
 *   3  size     of the message, in bytes                          8  references, then the message
 * ```
 *
 * | delivery                     | means                                        | moved on by                                   |
 * |------------------------------|----------------------------------------------|-----------------------------------------------|
 * | count > gets                 | void: its maker died before it counted       | whoever gets: taken out                       |
 * | owner lives                  | the item is being worked on                  | the owner: `taskDone` takes it out            |
 * | owner is dead                | the item is to be delivered again            | whoever gets: owner                           |
 */
export const QUEUE = {
  putters: 0,
  puts: 3,
  putPositions: 4,
  first: 12,
  knownGets: 13,
  knownUnits: 14,
  getterWaits: 15,
  getters: 16,
  gets: 19,
  getPositions: 20,
  spare: 28,
  knownPuts: 29,
  putterWaits: 31,
  maxSize: 32,
  maxUnits: 33,
  owner: 34,
  options: 35,
  closing: 36,
  shared: 37,
  joiners: 40,
  done: 43,
  inFlight: 44,
  turns: 45,
} as const;
export const QUEUE_SIZE = 192;

export const Kind = { Queue: 0x5101, SimpleQueue: 0x5102, JoinableQueue: 0x5103, Line: 0x5104, End: 0x5105 } as const;

/**
 * Words of a cell that stands for one end of a pipe: who has the end refers to it, so the end is gone when its generation has
 * moved on. Each names the other one by offset / 32 and generation; `shared` is 1 once another process or thread may have it.
 */
export const END = { peer: 0, peerGeneration: 1, shared: 2 } as const;
export const END_SIZE = 32;

export const OPTION = { redeliver: 1, waitForPeers: 2 } as const;

/** Open -> Draining: what is there may still be got. Either -> Closed: nothing may. By whoever shuts the queue down. */
export const Closing = { Open: 0, Draining: 1, Closed: 2 } as const;

export const CHUNK_SIZE = 65536;
export const CHUNK_START = 8;
export const NEXT_CHUNK = -1;
export const ENTRY_HEADER = 8;
export const SPILLED = 0x40000000;
/** A larger message lies in a cell of its own. */
export const MAX_INLINE = 16384;
/** Sizes are counted in units of so many bytes, so that 2 ** 32 of them are more than a realm holds. */
export const UNIT_BITS = 5;
export const UNIT = 2 ** UNIT_BITS;

export const DELIVERY = {
  next: 0,
  owner: 1,
  count: 2,
  size: 3,
  references: 4,
  body: 5,
  turn: 6,
  rest: 8,
} as const;
