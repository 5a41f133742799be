/**
 * One long run of a pool whose workers are killed at random moments: by various signals, while they start, idle, read, run,
 * answer or are replaced. What each task has done stands in shared memory, and is compared with what the pool says of it.
 */
import { readdirSync } from 'node:fs';
import { Pool, SharedArray, WorkerDiedError } from 'multiprocess';
import { memoryStats, table } from '../../../dist/memory/index.js';
import { allProcesses, openFiles } from '../../process/support/procfs.ts';
import { collectUntil } from '../../shared/support/collect.ts';

export interface Totals {
  kills: number;
  tasks: number;
  /** Killed while they ran. */
  lost: number;
  pids: number;
}

const SIGNALS = ['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGSEGV', 'SIGABRT'] as const;
/** Longest time between two kills, in ms. */
const PAUSE = 40;
/** Tasks are numbered up to here; then from 0 again. */
const NUMBERS = 1 << 20;
/** In the ledger: how often a task has begun, and how often it has settled. */
type Ledger = SharedArray<'u8'>;

/** Runs until so many workers have been killed. Returns what was wrong. */
export async function killWorkers(
  kills: number,
  random: () => number,
  totals: Totals,
  onKill: () => void = () => {},
): Promise<string[]> {
  const failures: string[] = [];
  const begun: Ledger = new SharedArray('u8', NUMBERS);
  const warmUp = new Pool(1); // what is made once stays
  await warmUp.apply(Math.abs, [1]);
  await warmUp[Symbol.asyncDispose]();
  const before = standing();
  await run(kills, random, totals, begun, failures, onKill);
  const isBack = () => Object.entries(standing()).every(([name, count]) => count <= before[name as keyof Standing]);
  if (!(await collectUntil(isBack))) {
    failures.push(`left behind: ${JSON.stringify(before)} -> ${JSON.stringify(standing())}`);
  }
  return failures;
}

async function run(
  kills: number,
  random: () => number,
  totals: Totals,
  begun: Ledger,
  failures: string[],
  onKill: () => void,
): Promise<void> {
  const pool = new Pool(3, { maxTasksPerChild: 200 });
  const pids = new Set<number>();
  const settled = new Uint8Array(NUMBERS);
  let isOver = false;
  function* inputs() {
    while (!isOver) yield totals.tasks++ % NUMBERS;
  }
  const killing = (async () => {
    for (let left = kills; left > 0; ) {
      await new Promise((resolve) => setTimeout(resolve, random() * PAUSE));
      const now = pool.stats().pids;
      for (const pid of now) pids.add(pid);
      if (!kill(now[Math.floor(random() * now.length)], SIGNALS[Math.floor(random() * SIGNALS.length)]!)) continue;
      totals.kills++;
      left--;
      onKill();
    }
    isOver = true;
  })();
  const work = (number: number) => {
    begun[number]!++;
    if (number % 5 === 1) return new Promise((resolve) => setTimeout(resolve, number % 4, number));
    if (number % 97 === 2) return { number, text: 'x'.repeat(200_000) };
    if (number % 11 === 3) throw new RangeError(`of ${number}`);
    return number;
  };
  const results = pool.imapUnordered(work, inputs(), { settle: true });
  const judge = (number: number, outcome: PromiseSettledResult<unknown>) => {
    const wrong = verdict(number, outcome, begun[number]!);
    if (++settled[number]! > 1) failures.push(`task ${number} has settled twice`);
    if (wrong) failures.push(`task ${number}: ${wrong}`);
    if (outcome.status === 'rejected' && outcome.reason instanceof WorkerDiedError) totals.lost++;
    begun[number] = settled[number] = 0; // for the next task of this number
  };
  for await (const outcome of results) {
    judge(outcome.index % NUMBERS, outcome);
    if (failures.length >= 20) isOver = true;
  }
  await killing;
  if (pool.stats().deaths > totals.kills) failures.push(`${pool.stats().deaths} deaths by ${totals.kills} kills`);
  const last = await pool.map((x: number) => x, [1, 2, 3]);
  if (last.join() !== '1,2,3') failures.push(`afterwards: ${last}`);
  pool.close();
  await pool.join();
  totals.pids = pids.size;
}

/** What is wrong with an outcome, if anything. */
function verdict(number: number, outcome: PromiseSettledResult<unknown>, begun: number): string | undefined {
  if (begun > 1) return `has begun ${begun} times`;
  if (outcome.status === 'rejected') {
    if (outcome.reason instanceof WorkerDiedError) return undefined;
    return number % 11 === 3 && outcome.reason.message === `of ${number}` ? undefined : String(outcome.reason);
  }
  const { value } = outcome as { value: any };
  if (begun === 0) return 'has a result and has not begun';
  return value === number || (value?.number === number && value.text.length === 200_000) ? undefined : `gave ${value}`;
}

/** Whether there was such a process. */
function kill(pid: number | undefined, signal: NodeJS.Signals): boolean {
  try {
    return pid !== undefined && process.kill(pid, signal);
  } catch {
    return false;
  }
}

interface Standing {
  cells: number;
  references: number;
  slots: number;
  files: number;
  children: number;
  segments: number;
}

/** What must be as it was. */
function standing(): Standing {
  const { cells, references } = memoryStats();
  return {
    cells,
    references,
    slots: [...table.usedSlots()].length,
    files: openFiles().length,
    children: allProcesses().filter(({ parent }) => parent === process.pid).length,
    segments: readdirSync('/dev/shm').filter((name) => name.includes(String(process.pid))).length,
  };
}
