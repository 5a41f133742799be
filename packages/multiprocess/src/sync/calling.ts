/** Calling as many of a queue as can go on. */
import { isLiving } from '../memory/index.ts';
import { RECORD, State } from './layout.ts';
import type { Monitor } from './monitor.ts';
import { mark } from './parking.ts';
import { at, records } from './records.ts';

/** `value` of the record of one who only wants to know, and takes nothing: it is called besides the others. */
export const WATCHER = 2;

/**
 * Marks the first `count` living waiters of a queue; those that were not marked before are to be called, without the guard,
 * which is held now. Who was marked by an earlier call may still be on its way, so it counts.
 */
export function markFirst(monitor: Monitor, count: number): number[] {
  const called: number[] = [];
  const table = records();
  for (let record = monitor.first(), next = 0; record !== 0 && count > 0; record = next) {
    next = table[at(record, RECORD.next)]!;
    if (!isLiving(table[at(record, RECORD.owner)]!)) {
      monitor.drop(record);
      continue;
    }
    if (table[at(record, RECORD.value)] !== WATCHER) count--;
    if (table[at(record, RECORD.state)] === State.Woken) continue;
    mark(record, State.Woken);
    called.push(record);
  }
  return called;
}
