/** Pools of two workers: bursts, turns, large values, cold starts, speed-up, growth; beside Node's pools and CPython's. */
import { printGoals } from '../goals.ts';
import { runParts } from '../parts.ts';
import { cold } from './cold.ts';
import { growth } from './growth.ts';
import { array, buffers } from './large.ts';
import { burst, map, turns } from './small.ts';
import { speedup } from './speedup.ts';

export async function run(): Promise<void> {
  await runParts({ burst, map, turns, cold, buffers, array, speedup, growth });
  printGoals();
}
