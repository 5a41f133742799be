/** The pool of records (layout.ts): taken and given back by the threads whose places they are. */
import { MultiprocessError } from '../errors.ts';
import { isLiving, RECORD_COUNT, RECORD_SIZE, RECORDS_OFFSET, selfId, wordsAt } from '../memory/index.ts';
import { native } from '../native.ts';
import { RECORD } from './layout.ts';

const WORDS = RECORD_SIZE / 4;
const HIGH_WATER = 0;
/** With more than so many records in use, those left at cells that are gone are worth looking for. */
const FEW = 1024;

let table: Int32Array | undefined;

/** The words of all records; record n begins at n * 8. */
export function records(): Int32Array {
  table ??= wordsAt(RECORDS_OFFSET);
  return table;
}

export const at = (record: number, field: number) => record * WORDS + field;
const offsetOf = (record: number, field: number) => RECORDS_OFFSET + at(record, field) * 4;
export const stateOffset = (record: number) => offsetOf(record, RECORD.state);
export const valueOffset = (record: number) => offsetOf(record, RECORD.value);

/** Records of this thread that it does not use just now. */
let spare: number[] = [];
let spareOf = 0;
let cursor = 0;

/** A record of this thread for a cell; the rest of it is 0. Throws `ERR_MP_NO_MEMORY`. */
export function claimRecord({ offset, generation }: { offset: number; generation: number }): number {
  const self = selfId();
  if (spareOf !== self) {
    spare = []; // a forked child has a copy of its parent's
    spareOf = self;
  }
  const record = spare.pop() ?? claimFresh(self);
  const table = records();
  table[at(record, RECORD.cell)] = offset / 32;
  table[at(record, RECORD.generation)] = generation;
  return record;
}

/** Gives back an unlinked record of this thread. */
export function releaseRecord(record: number): void {
  clear(record);
  if (spareOf === selfId() && spare.length < 64) spare.push(record);
  else Atomics.store(records(), at(record, RECORD.owner), 0);
}

/**
 * Frees the record of a dead thread, which no queue leads to any more. Once it is not linked others may claim it, so that
 * from then on it is touched only if it is still that of the dead. Who claims a record clears it.
 */
export function disposeRecord(record: number): void {
  const table = records();
  const owner = table[at(record, RECORD.owner)]!;
  Atomics.store(table, at(record, RECORD.linked), 0);
  Atomics.compareExchange(table, at(record, RECORD.owner), owner, 0);
}

/** Every record in use. */
export function* usedRecords(): Generator<number, void, undefined> {
  const table = records();
  const end = Atomics.load(table, HIGH_WATER);
  for (let record = 1; record <= end; record++) if (table[at(record, RECORD.owner)] !== 0) yield record;
}

function claimFresh(self: number): number {
  const table = records();
  for (;;) {
    const used = Atomics.load(table, HIGH_WATER);
    for (let n = Math.min(used, 64); n > 0; n--) {
      cursor = (cursor % used) + 1;
      if (tryClaim(cursor, self, used > FEW)) return cursor;
    }
    if (used >= RECORD_COUNT - 1) break;
    if (Atomics.compareExchange(table, HIGH_WATER, used, used + 1) === used && tryClaim(used + 1, self, false)) {
      return used + 1;
    }
  }
  for (let n = RECORD_COUNT; n > 0; n--) {
    cursor = (cursor % (RECORD_COUNT - 1)) + 1; // onwards: what was in use a moment ago still is
    if (tryClaim(cursor, self, true)) return cursor;
  }
  throw new MultiprocessError('ERR_MP_NO_MEMORY', `all ${RECORD_COUNT} records of waiting threads are in use`);
}

function tryClaim(record: number, self: number, thorough: boolean): boolean {
  const table = records();
  const owner = Atomics.load(table, at(record, RECORD.owner));
  if (owner !== 0 && !isForgotten(record, owner, thorough)) return false;
  if (Atomics.compareExchange(table, at(record, RECORD.owner), owner, self) !== owner) return false;
  clear(record);
  return true;
}

/** In use by nobody: its owner is dead and no queue leads to it, or the cell with that queue is gone. */
function isForgotten(record: number, owner: number, thorough: boolean): boolean {
  const table = records();
  if (table[at(record, RECORD.linked)] === 0) return !isLiving(owner);
  if (!thorough) return false;
  const cell = (table[at(record, RECORD.cell)]! >>> 0) * 32;
  return native.cellGeneration(cell) !== table[at(record, RECORD.generation)]! >>> 0;
}

function clear(record: number): void {
  const words = records();
  for (let i = at(record, RECORD.state); i < at(record + 1, 0); i++) words[i] = 0;
}
