/** Synchronisation: free, contended, parked; beside CPython, and the locks that Node users have. */
import { printGoals } from '../goals.ts';
import { runParts } from '../parts.ts';
import { run as contended } from './contended.ts';
import { run as handover } from './handover.ts';
import { run as rings } from './rings.ts';
import { run as uncontended } from './uncontended.ts';

export async function run(): Promise<void> {
  await runParts({ uncontended, contended, handover, rings });
  printGoals();
}
