/** What the library keeps account of, and what the kernel does: to be the same before and after. */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryStats, table } from '../../../dist/memory/index.js';
import { hasHosts } from '../../../dist/threading/host.js';

/** Slots of the process table that are not free. */
export const usedSlots = (): number[] => [...table.usedSlots()];

export interface Held {
  slots: number;
  cells: number;
  files: number;
  tasks: number;
}

export function held(): Held {
  return {
    slots: usedSlots().length,
    cells: memoryStats().cells,
    files: readdirSync('/proc/self/fd').length,
    tasks: readdirSync('/proc/self/task').length,
  };
}

/** {@link held}, once no worker rests any more. */
export async function heldInTheEnd(): Promise<Held> {
  while (hasHosts()) await sleep(20);
  return held();
}
