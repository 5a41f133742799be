/** Who waits for a shared object, as its memory says. */
import { RECORD } from '../../dist/sync/layout.js';
import { at, records, usedRecords } from '../../dist/sync/records.js';
import { until } from '../process/support/procfs.ts';

/** How many wait for it, in all processes and threads; those who have an account with a semaphore count, too. */
export function waiting(object: object): number {
  const { cell } = object as { cell: { offset: number } };
  const table = records();
  const isLinked = (record: number) =>
    (table[at(record, RECORD.cell)]! >>> 0) * 32 === cell.offset && table[at(record, RECORD.linked)] === 1;
  return [...usedRecords()].filter(isLinked).length;
}

/** Resolves once `n` wait for it. */
export async function queued(object: object, n: number): Promise<void> {
  await until(`${n} to wait for ${object}`, () => waiting(object) === n);
}
