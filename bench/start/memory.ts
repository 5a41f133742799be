/** What an idle child costs in memory. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { kernelParentOf, type Memory, memoryOf, untilAsleep } from '../memory.ts';
import { options } from '../options.ts';
import { median } from '../rivals.ts';
import { megabytes, printTable } from '../table.ts';
import { endAll, startIdle, untilWarm } from './idle.ts';

const STAY_IDLE = new URL('./fixtures/stay-idle.js', import.meta.url);
/** The project's promise, in MB of PSS per child. */
const GOAL = 4;

export async function run(): Promise<void> {
  await untilWarm();
  const rows: string[][] = [];
  for (const count of options.quick ? [1, 10] : [1, 10, 100]) rows.push(await forked(count));
  // Not 100 of these: they would take gigabytes.
  for (const count of options.quick ? [1] : [1, 10]) rows.push(await childProcesses(count));
  printTable(
    `memory of an idle child, MB (medians; goal: at most ${GOAL} MB of PSS)`,
    ['', 'children', 'private', 'PSS', 'zygote, once: private', 'PSS'],
    rows,
  );
}

async function forked(count: number): Promise<string[]> {
  const children = startIdle(count);
  const pids = children.map((child) => child.pid!);
  await untilAsleep(pids);
  const zygote = memoryOf(kernelParentOf(pids[0]!));
  const cells = row('multiprocess forkserver', pids.map(memoryOf));
  await endAll(children);
  return [...cells, megabytes(zygote.private), megabytes(zygote.pss)];
}

async function childProcesses(count: number): Promise<string[]> {
  const children: ChildProcess[] = [];
  for (let i = 0; i < count; i++) children.push(fork(STAY_IDLE));
  const pids = children.map((child) => child.pid!);
  await untilAsleep(pids, 1000);
  const cells = row('child_process.fork', pids.map(memoryOf));
  for (const child of children) {
    child.kill();
    await once(child, 'exit');
  }
  return [...cells, '-', '-'];
}

function row(name: string, all: Memory[]): string[] {
  const of = (key: keyof Memory) => megabytes(median(all.map((memory) => memory[key])));
  return [name, String(all.length), of('private'), of('pss')];
}
