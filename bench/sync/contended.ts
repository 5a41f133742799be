/** One lock that several processes want: how many get it in a second, and how soon a sleeper has it. */
import { setTimeout } from 'node:timers/promises';
import { Barrier, Lock, Pool, Process, Semaphore } from '../../packages/multiprocess/dist/index.js';
import { amount, rounds } from '../options.ts';
import { compare, median, type Rival, ratio } from '../rivals.ts';
import { figure, printTable } from '../table.ts';
import { python } from './python.ts';

/** So many that starting processes and compiling in them count for little. */
const STORM = 2_000_000;
const PARKED = 1000;
/** Until the compilers are done. */
const WARM_UP = 3000;

export async function run(): Promise<void> {
  for (const processes of [2, 8]) {
    const count = amount(STORM / processes);
    await report(`a storm: ${processes} processes take and release one lock`, 'ns per acquisition', [
      { name: 'Lock', measure: () => storm(processes, count) },
      ...python({ 'CPython Lock': ['storm', processes, count] }),
    ]);
  }
  for (const [holder, busy] of [
    ['worked', 1],
    ['slept', 0],
  ] as const) {
    await report(
      `hand-over: from release(), by a holder that has just ${holder}, to the sleeper that now has the lock`,
      'ns',
      [
        { name: 'Lock, acquireSync', measure: () => parked(true, busy === 1) },
        { name: 'Lock, await acquire', measure: () => parked(false, busy === 1) },
        ...python({ 'CPython Lock': ['parked', amount(PARKED), busy] }),
      ],
    );
  }
}

async function report(title: string, unit: string, rivals: Rival[]): Promise<void> {
  const results = await compare(rivals, rounds(5));
  printTable(
    `${title} (medians)`,
    ['', unit, 'lowest..highest', 'vs CPython'],
    results.map((result) => [
      result.name,
      figure(result.median),
      `${figure(result.lowest)}..${figure(result.highest)}`,
      ratio(results, 'CPython Lock', result),
    ]),
  );
}

async function storm(processes: number, count: number): Promise<number> {
  const [lock, start] = [new Lock(), new Barrier(processes + 1)];
  const work = (shared: Lock, begin: Barrier, turns: number) => {
    begin.waitSync();
    for (let i = 0; i < turns; i++) {
      shared.acquireSync();
      shared.release();
    }
  };
  const workers = Array.from({ length: processes }, () => new Process({ target: work, args: [lock, start, count] }));
  for (const worker of workers) worker.start();
  start.waitSync();
  const begin = process.hrtime.bigint();
  for (const worker of workers) worker.joinSync();
  return Number(process.hrtime.bigint() - begin) / (processes * count);
}

/** The holder lets the other fall asleep, notes the time, and releases; the other notes when it has the lock. */
async function parked(blocking: boolean, busy: boolean): Promise<number> {
  const [lock, turn, done] = [new Lock(), new Semaphore(0), new Semaphore(0)];
  const count = amount(WARM_UP) + amount(PARKED);
  await using pool = new Pool(1);
  const work: Sleeper = blocking ? sleepBlocked : sleepAsync;
  const acquired = pool.apply(work, [lock, turn, done, count]);
  const released: number[] = [];
  for (let i = 0; i < count; i++) {
    lock.acquireSync();
    turn.release();
    // Until it sleeps. Whose caches are cold then shows in the figures.
    if (busy || i < amount(WARM_UP)) for (const end = performance.now() + 0.3; performance.now() < end; );
    else await setTimeout(2);
    released.push(Number(process.hrtime.bigint()));
    lock.release();
    await done.acquire();
  }
  const times = await acquired;
  return median(times.map((time, i) => time - released[i]!).slice(-amount(PARKED)));
}

type Sleeper = (lock: Lock, turn: Semaphore, done: Semaphore, count: number) => number[] | Promise<number[]>;

function sleepBlocked(lock: Lock, turn: Semaphore, done: Semaphore, count: number): number[] {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    turn.acquireSync();
    lock.acquireSync();
    times.push(Number(process.hrtime.bigint()));
    lock.release();
    done.release();
  }
  return times;
}

async function sleepAsync(lock: Lock, turn: Semaphore, done: Semaphore, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    await turn.acquire();
    await lock.acquire();
    times.push(Number(process.hrtime.bigint()));
    lock.release();
    done.release();
  }
  return times;
}
