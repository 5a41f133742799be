/** Threads: how fast they start, what they take, and that they give it back; beside `new Worker`, processes and CPython. */
import { run as runLeft } from './left.ts';
import { run as runMemory } from './memory.ts';
import { run as runStart } from './start.ts';

export async function run(): Promise<void> {
  await runStart();
  await runMemory();
  await runLeft();
}
