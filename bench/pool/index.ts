/** Pools: how many trivial tasks a second, and how long one takes there and back; beside piscina (threads). */
import { Piscina } from 'piscina';
import { Pool } from '../../packages/multiprocess/dist/index.js';
import { amount, rounds } from '../options.ts';
import { compare, type Rival, ratio } from '../rivals.ts';
import { figure, printTable } from '../table.ts';

const WORKERS = 2;
const BURST = 20_000;
const MAPPED = 200_000;
const TURNS = 2000;
const identity = (x: number) => x;

export async function run(): Promise<void> {
  const pool = new Pool(WORKERS);
  const piscina = new Piscina({
    filename: new URL('./fixtures/identity.mjs', import.meta.url).href,
    minThreads: WORKERS,
    maxThreads: WORKERS,
  });
  try {
    const apply = (i: number) => pool.apply(identity, [i]);
    const task = (i: number) => piscina.run(i);
    await Promise.all([burst(apply), burst(task)]); // until the compilers are done
    await report(`a burst of ${amount(BURST)} trivial tasks`, [
      { name: 'multiprocess map', measure: () => mapped(pool) },
      { name: 'multiprocess apply', measure: () => burst(apply) },
      { name: 'piscina run', measure: () => burst(task) },
    ]);
    await report('one trivial task after another', [
      { name: 'multiprocess apply', measure: () => turns(apply) },
      { name: 'piscina run', measure: () => turns(task) },
    ]);
  } finally {
    pool.close();
    await Promise.all([pool.join(), piscina.close()]);
  }
}

async function report(title: string, rivals: Rival[]): Promise<void> {
  const results = await compare(rivals, rounds(7));
  printTable(
    `${title}, ${WORKERS} workers (medians)`,
    ['', 'us per task', 'lowest..highest', 'per second', 'vs piscina'],
    results.map((result) => [
      result.name,
      figure(result.median),
      `${figure(result.lowest)}..${figure(result.highest)}`,
      figure(1e6 / result.median),
      ratio(results, 'piscina run', result),
    ]),
  );
}

/** Microseconds per task, all of them submitted at once. */
async function burst(submit: (i: number) => Promise<unknown>): Promise<number> {
  const count = amount(BURST);
  const begin = performance.now();
  await Promise.all(Array.from({ length: count }, (_, i) => submit(i)));
  return ((performance.now() - begin) * 1000) / count;
}

async function mapped(pool: Pool): Promise<number> {
  const count = amount(MAPPED);
  const inputs = Array.from({ length: count }, (_, i) => i);
  const begin = performance.now();
  await pool.map(identity, inputs);
  return ((performance.now() - begin) * 1000) / count;
}

/** Microseconds per task, each submitted when the one before it is done. */
async function turns(submit: (i: number) => Promise<unknown>): Promise<number> {
  const count = amount(TURNS);
  const begin = performance.now();
  for (let i = 0; i < count; i++) await submit(i);
  return ((performance.now() - begin) * 1000) / count;
}
