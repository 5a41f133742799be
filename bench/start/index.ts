/** Processes: how fast they start, how little memory they take, how many there can be. */
import { run as runBreakdown } from './breakdown.ts';
import { run as runEmpty } from './empty.ts';
import { run as runMemory } from './memory.ts';
import { run as runPreload } from './preload.ts';
import { run as runThousand } from './thousand.ts';

export async function run(): Promise<void> {
  await runEmpty();
  await runBreakdown();
  await runMemory();
  await runThousand();
  await runPreload();
}
