/** What CPython's cases of pools have in common, whether the pool is here or behind a manager's proxy. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { collectUntil } from '../shared/support/collect.ts';

export const sqr = (x: number, wait = 0) => (wait > 0 ? delay(wait, x * x) : x * x);
export const range = (n: number) => Array.from({ length: n }, (_, i) => i);
export const squares = (n: number) => range(n).map((i) => i * i);

interface Maps {
  map<T, R>(fn: (item: T) => R, inputs: readonly T[]): Promise<Awaited<R>[]>;
}

export async function releasesTaskRefs(pool: Maps): Promise<void> {
  let collected = 0;
  const registry = new FinalizationRegistry(() => collected++);
  const runTasks = async () => {
    const inputs: object[] = range(10).map((i) => ({ i }));
    const results = await pool.map((one: object) => one, inputs);
    for (const one of [...inputs, ...results]) registry.register(one, undefined);
  };
  await runTasks();
  assert.ok(await collectUntil(() => collected === 20), 'tasks and results are forgotten');
}
