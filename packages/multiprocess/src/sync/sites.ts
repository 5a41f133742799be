/**
 * Where locks were acquired, for deadlock reports: kept only if the environment says `MP_TRACE_LOCKS=1`, since a stack
 * trace costs a hundred times what a lock does.
 *
 * Each thread has a cell for it (`holds` in its slot) of 16 entries of 256 bytes; with more locks held, the rest are not
 * known.
 *
 * ```
 *   0  u32  offset / 32 of the lock's cell; 0: the entry is free
 *   4  u8   length of the text
 *   5       text, UTF-8
 * ```
 */
import { LIBRARY } from '../location.ts';
import { allocate, bytesAt, selfSlot, slotOf, table, wordIndex, wordsAt } from '../memory/index.ts';

/** Whether acquisitions are recorded. */
export const TRACING = process.env.MP_TRACE_LOCKS === '1';

const ENTRIES = 16;
const ENTRY = 256;
const TEXT = 5;

/** Notes that this thread has just acquired the lock at `cell`, with the first line of the stack outside this library. */
export function noteAcquired(cell: number): void {
  const entry = find(cellOf(selfSlot(), true), 0);
  if (entry === 0) return;
  const bytes = bytesAt(entry, ENTRY);
  const { written } = new TextEncoder().encodeInto(callSite(), bytes.subarray(TEXT));
  bytes[4] = written;
  setKey(entry, cell / 32);
}

/** Notes that this thread does not hold the lock any more. */
export function noteReleased(cell: number): void {
  const entry = find(cellOf(selfSlot(), false), cell / 32);
  if (entry !== 0) setKey(entry, 0);
}

/** Where the thread `owner` acquired the lock at `cell`, as `file:///app.ts:3:9`; undefined: not known. */
export function siteOf(owner: number, cell: number): string | undefined {
  const entry = find(cellOf(slotOf(owner), false), cell / 32);
  if (entry === 0) return undefined;
  const bytes = bytesAt(entry, ENTRY);
  return new TextDecoder().decode(bytes.subarray(TEXT, TEXT + bytes[4]!));
}

function cellOf(slot: number, make: boolean): number {
  const cell = table.holds(slot);
  if (cell !== 0 || !make) return cell;
  const made = allocate(ENTRIES * ENTRY, slot);
  table.setHolds(slot, made);
  return made;
}

/** Offset of the entry with this key; 0: none. */
function find(cell: number, key: number): number {
  if (cell === 0) return 0;
  for (let entry = cell; entry < cell + ENTRIES * ENTRY; entry += ENTRY) {
    if (wordsAt(entry)[wordIndex(entry)] === key) return entry;
  }
  return 0;
}

function setKey(entry: number, key: number): void {
  wordsAt(entry)[wordIndex(entry)] = key;
}

function callSite(): string {
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  const frame = frames.find((line) => !line.includes(LIBRARY.href)) ?? '';
  return frame
    .trim()
    .replace(/^at /, '')
    .replace(/^.*\((.*)\)$/, '$1');
}
