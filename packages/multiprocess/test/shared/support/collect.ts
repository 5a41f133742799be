/** Collecting garbage, so that what depends on it can be looked at. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { memoryStats } from '../../../dist/memory/index.js';
import type { MemoryStats } from '../../../dist/native.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects garbage and lets finalizers run until `done` says so; false when it does not. */
export async function collectUntil(done: () => boolean): Promise<boolean> {
  for (let i = 0; i < 100 && !done(); i++) await collectOnce();
  return done();
}

/** Collects what there is to collect. */
export async function settle(): Promise<MemoryStats> {
  for (let i = 0; i < 10; i++) await collectOnce();
  return memoryStats();
}

async function collectOnce(): Promise<void> {
  collect();
  await new Promise((resolve) => setImmediate(resolve));
}
