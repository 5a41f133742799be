/**
 * Synchronisation objects in shared memory: every word of every cell. A cell is 8 words of 32 bits. The first three are
 * its monitor (monitor.ts); what the others mean depends on the kind.
 *
 * ```
 * word   all      Lock, RLock    Semaphore    Condition   Event   Barrier
 *   0    guard
 *   1    head
 *   2    tail
 *   3             owner          available    -           isSet   state
 *   4             token, low     base         -           -       parties
 *   5             token, high    initial      -           -       actor
 *   6             depth          accounts     -           -       round
 *   7             abandoned      -            -           -       -
 * ```
 */
export const CELL_SIZE = 32;

/** What handles to the cells say (memory/handle.ts). RLock has a kind of its own, though its cell is that of Lock. */
export const Kind = {
  Lock: 0x5301,
  RLock: 0x5302,
  Semaphore: 0x5303,
  BoundedSemaphore: 0x5307,
  Condition: 0x5304,
  Event: 0x5305,
  Barrier: 0x5306,
} as const;

/** Words of a cell's monitor. */
export const MONITOR = {
  /** Identity of who changes the cell; 0: nobody. */
  guard: 0,
  /** First and last record of the queue; 0: none. */
  head: 1,
  tail: 2,
} as const;

/**
 * Words of a lock's cell, and the bits of its owner word besides the owner's identity.
 *
 * | owner word | means                     | moved on by                                                                   |
 * |------------|---------------------------|-------------------------------------------------------------------------------|
 * | 0          | free                      | anybody: owner                                                                |
 * | RESERVED   | free, and kept for the    | that one, any waiter that has slept for a while, and anybody when it is dead: |
 * |            | first in the queue        | owner                                                                         |
 * | owner      | held                      | the owner: 0 while the queue is empty; with the guard: 0 or RESERVED. For a   |
 * |            |                           | Lock anybody, with the guard: 0 or RESERVED                                   |
 *
 * Every move is a compare-and-swap, but for the owner's while the queue is empty, which is a store: after it he looks at
 * the queue again, and calls the first. A plain store may be seen later than that look, so who joins the queue looks at the
 * owner word until such stores are seen (`changesSoon`), before he sleeps.
 *
 * Death: an owner that does not live is replaced by whoever wants the lock, like a free lock; it is then abandoned until it
 * is released.
 *
 * Depth is how often the owner of an RLock has it, and 1 for a Lock; it means nothing while nobody owns it. Owner, token, depth and
 * abandoned lie as `takeAt` and `giveAt` want them (OWNER in memory/instructions.ts).
 */
export const OWNED = {
  owner: 3,
  token: 4,
  depth: 6,
  abandoned: 7,
  RESERVED: 0x40000000,
} as const;

/**
 * Words of a semaphore's cell. Every thread that uses it has an account in a record: how often it acquired more than it
 * released (`value`). The guard is held for every change.
 *
 * available = base - all balances, so that storing a balance is what acquires or releases; who takes over the guard of the
 * dead calculates `available` again. An account of the dead is closed in steps that may be repeated: what base will be
 * goes to the record (`state`), then `parked` = 1, then base, then the record leaves the list.
 *
 * The permits that a dead thread held come back, as far as the semaphore had them when it was made: available and held
 * permits together never grow beyond the initial value. A semaphore that counts events (acquired here, released there)
 * begins with 0 and so gets none back that never was a permit.
 */
export const SEMAPHORE = { available: 3, base: 4, initial: 5, accounts: 6 } as const;

/** Word of an event's cell: 1 when it is set. Set with the guard, together with releasing the queue; taken back without. */
export const EVENT = { isSet: 3 } as const;

/**
 * Words of a barrier's cell. Who waits stands in the queue, `value` being its arrival index; who arrives while the action
 * of a round runs has index -1 until the next round begins.
 *
 * | state   | means                          | moved on by                                                              |
 * |---------|--------------------------------|--------------------------------------------------------------------------|
 * | Filling | threads arrive                 | the last to arrive: Acting. Time-out, cancelling, a dead waiter, abort:  |
 * |         |                                | Broken                                                                   |
 * | Acting  | the last runs the action       | that thread: Filling. Its death, an action that fails, abort: Broken     |
 * | Broken  | every wait fails               | reset: Filling                                                           |
 */
export const BARRIER = { state: 3, parties: 4, actor: 5, round: 6 } as const;
export const BarrierState = { Filling: 0, Acting: 1, Broken: 2 } as const;

/**
 * A record: a thread's place in the queue of a cell, or its account with a semaphore.
 *
 * | word    | meaning                                                                                        |
 * |---------|------------------------------------------------------------------------------------------------|
 * | owner   | identity of the thread whose record it is; 0: free, as is one whose owner is dead if unlinked  |
 * | state   | below; the futex on which a thread parks                                                       |
 * | next    | the record behind it in the queue; 0: none                                                     |
 * | linked  | 1 from before it is linked until after it is unlinked                                          |
 * | cell    | offset / 32 of the cell that it belongs to, and that cell's generation                         |
 * | value   | the kind's own: arrival index at a barrier, balance of an account, 1 for who starves at a      |
 * |         | semaphore                                                                                      |
 * | parked  | Parking below                                                                                  |
 */
export const RECORD = { owner: 0, state: 1, next: 2, linked: 3, cell: 4, generation: 5, value: 6, parked: 7 } as const;

/**
 * States of a waiting record. All moves are made by who holds the guard of its cell.
 *
 * | state    | means                                                    | moves on to                                    |
 * |----------|----------------------------------------------------------|------------------------------------------------|
 * | Idle     | not in a queue                                           | Waiting: its owner queues up                   |
 * | Waiting  | in the queue, asleep                                     | Woken (who makes room), Released, Idle (leaves)|
 * | Starving | as Waiting, and has been overtaken for too long: what    | as Waiting                                     |
 * |          | becomes free is kept for it while it is the first        |                                                |
 * | Woken    | in the queue, called to try again                        | Idle (got it), Waiting or Starving (did not)   |
 * | Released | taken out of the queue by another: the wait is over      | Idle                                           |
 * | Broken   | as Released, and the barrier is broken                   | Idle                                           |
 *
 * Death: the owner of a record may die in any state. Whoever next looks for the first of the queue drops the record; a
 * call (Woken) that it did not live to answer is made good by the others, who look for themselves now and then.
 */
export const State = { Idle: 0, Waiting: 1, Starving: 2, Woken: 3, Released: 4, Broken: 5 } as const;

/** How to wake the owner of a record: not at all (it is running), by the futex, or by its slot's doorbell. */
export const Parking = { Awake: 0, Blocked: 1, Async: 2 } as const;
