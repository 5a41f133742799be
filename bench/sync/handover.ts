/**
 * How soon a sleeper has the lock that is released, beside CPython, and beside the system calls alone in C: what is left of the way
 * is the kernel's. Most of it is to wake up a processor that has nothing to do; so all of it is measured again on one processor.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Lock, Pool, Semaphore } from '../../packages/multiprocess/dist/index.js';
import { addGoal } from '../goals.ts';
import { amount, options, rounds } from '../options.ts';
import { median, type Rival } from '../rivals.ts';
import { figure } from '../table.ts';
import { python } from './python.ts';
import { ROUNDS, report } from './report.ts';

const PARKED = 1000;
/** Until the compilers are done. */
const WARM_UP = 3000;
/** The goal, in ns. */
const MOST = 15_000;
const FUTEX = 'futex(2) alone, in C';

export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-handover-'));
  try {
    await measure(compiled(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
  if (availableParallelism() === 1) return;
  const again = [process.argv[1]!, 'sync', '--only', 'handover', '--rounds', String(rounds(ROUNDS))];
  if (options.quick) again.push('--quick');
  const { error, status } = spawnSync('taskset', ['-c', '0', process.execPath, ...again], { stdio: 'inherit' });
  if (error) console.log(`\nnot measured on one processor: taskset(1): ${error.message}`);
  else if (status !== 0) throw new Error(`the benchmark on one processor ended with ${status}`);
}

async function measure(futex: (busy: boolean) => Rival[]): Promise<void> {
  const where = availableParallelism() === 1 ? 'on one processor' : 'on all processors';
  for (const [holder, busy] of [
    ['worked', true],
    ['slept', false],
  ] as const) {
    const results = await report(
      `hand-over ${where}: from release(), by a holder that has just ${holder}, to the sleeper that now has the lock`,
      'ns',
      [
        { name: 'Lock, acquireSync', measure: () => parked(true, busy) },
        { name: 'Lock, await acquire', measure: () => parked(false, busy) },
        ...python({ 'CPython Lock': ['parked', amount(PARKED), Number(busy)] }),
        ...futex(busy),
      ],
    );
    const ours = results[0]!.median;
    const alone = results.find(({ name }) => name === FUTEX);
    const floor = alone ? `; ${FUTEX}: ${figure(alone.median)}` : '';
    addGoal(ours <= MOST, `hand-over ${where}, holder ${holder}: ${figure(ours)} ns; at most ${MOST}${floor}`);
  }
}

/** The same in C; nothing without a compiler. */
function compiled(folder: string): (busy: boolean) => Rival[] {
  const binary = path.join(folder, 'futex');
  const source = fileURLToPath(new URL('./fixtures/futex.c', import.meta.url));
  if (spawnSync('cc', ['-O2', '-o', binary, source], { stdio: 'inherit' }).status !== 0) {
    console.log(`\n${FUTEX}, is skipped: cc(1) does not compile it`);
    return () => [];
  }
  const late = async (busy: boolean) => {
    const { stdout } = await promisify(execFile)(binary, [String(amount(PARKED)), busy ? '1' : '0']);
    return Number(stdout);
  };
  return (busy) => [{ name: FUTEX, measure: () => late(busy) }];
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
