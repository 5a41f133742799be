/**
 * Deadlock detection: a cycle in the graph of who waits for whom (Coffman, Elphick and Shoshani, "System deadlocks",
 * 1971). Threads that have waited for a while follow the edges from lock to owner and from owner to the locks that it waits
 * for; those who do not wait long pay nothing.
 *
 * A blocked thread will not release anything, so a cycle of blocked threads is certain. A thread that waits asynchronously
 * still runs and might release what it holds: then the cycle must have stood unchanged for a second. It may hold its locks
 * in other functions than the one that waits, so that a thread is never said to wait asynchronously for itself. A wait
 * with a timeout ends by itself: it is in no cycle, and never writes `value`, which says what lock it has seen.
 */
import { IDENTITY_MASK, isLiving, slotOf, table, wordIndex, wordsAt } from '../memory/index.ts';
import { native } from '../native.ts';
import { DeadlockError, type DeadlockLink } from './errors.ts';
import { Kind, OWNED, Parking, RECORD } from './layout.ts';
import type { Urge } from './parking.ts';
import { at, records, usedRecords } from './records.ts';
import { siteOf } from './sites.ts';

/** In ms: how long a cycle of blocked threads, and one with an asynchronous thread has stood before it is reported. */
const BLOCKED = 100;
const ASYNC = 1000;

/**
 * Throws {@link DeadlockError} when the owner of `record` waits in vain for its lock. To be called now and then while it
 * waits. One thread of a cycle is told, the one with the highest slot, unless it does nothing about it.
 */
export function checkDeadlock(record: number, urge: Urge): void {
  if (!isStable(record)) {
    records()[at(record, RECORD.value)] = lockWord(record, OWNED.token);
    urge.changed = urge.waited;
    return;
  }
  const stood = urge.waited - urge.changed;
  if (stood < (isAsync(record) ? ASYNC : BLOCKED)) return;
  const cycle = findCycle(record);
  if (!cycle?.every(isStable)) return;
  const patience = cycle.some(isAsync) ? ASYNC : BLOCKED;
  if (stood < patience) return;
  const slots = cycle.map((link) => slotOf(get(link, RECORD.owner)));
  if (slots[0] === Math.max(...slots) || stood > 5 * patience) throw new DeadlockError(cycle.map(describe));
}

/** The records of a cycle of waits that begins with `start`. */
function findCycle(start: number): number[] | undefined {
  const self = get(start, RECORD.owner);
  const seen = new Set<number>();
  const follow = (record: number): number[] | undefined => {
    const owner = ownerOf(record);
    if (owner === 0 || !isLiving(owner) || (owner === get(record, RECORD.owner) && isAsync(record))) return undefined;
    if (owner === self) return [record];
    if (seen.has(owner)) return undefined;
    seen.add(owner);
    for (const next of usedRecords()) {
      if (get(next, RECORD.owner) !== owner || get(next, RECORD.linked) === 0 || !waitsForLock(next)) continue;
      const rest = follow(next);
      if (rest) return [record, ...rest];
    }
    return undefined;
  };
  return follow(start);
}

/** The lock has not changed hands since the waiting thread looked at it last. */
function isStable(record: number): boolean {
  return get(record, RECORD.value) === lockWord(record, OWNED.token);
}

function describe(record: number): DeadlockLink {
  const slot = slotOf(get(record, RECORD.owner));
  const cell = cellOf(record);
  const kind = native.cellInfo(cell)?.kind === Kind.RLock ? 'RLock' : 'Lock';
  const acquiredAt = siteOf(ownerOf(record), cell);
  return {
    process: table.name(slot),
    pid: table.pid(slot),
    waitsFor: `${kind} 0x${cell.toString(16)}`,
    ...(acquiredAt !== undefined && { acquiredAt }),
  };
}

function waitsForLock(record: number): boolean {
  const kind = native.cellInfo(cellOf(record))?.kind;
  return kind === Kind.Lock || kind === Kind.RLock;
}

const get = (record: number, field: number): number => records()[at(record, field)]!;
const cellOf = (record: number): number => (get(record, RECORD.cell) >>> 0) * 32;
const isAsync = (record: number): boolean => get(record, RECORD.parked) === Parking.Async;
const ownerOf = (record: number): number => lockWord(record, OWNED.owner) & IDENTITY_MASK;

function lockWord(record: number, word: number): number {
  const cell = cellOf(record);
  return Atomics.load(wordsAt(cell), wordIndex(cell) + word);
}
