/** One lock that several processes want all the time. */
import { Barrier, Lock, Process } from '../../packages/multiprocess/dist/index.js';
import { amount } from '../options.ts';
import { python } from './python.ts';
import { report } from './report.ts';

/** So many that starting processes and compiling in them count for little. */
const STORM = 2_000_000;

export async function run(): Promise<void> {
  for (const processes of [2, 8]) {
    const count = amount(STORM / processes);
    await report(`a storm: ${processes} processes take and release one lock`, 'ns per acquisition', [
      { name: 'Lock', measure: () => storm(processes, count) },
      ...python({ 'CPython Lock': ['storm', processes, count] }),
    ]);
  }
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
