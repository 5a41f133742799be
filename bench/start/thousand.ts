/** A thousand children alive at once. */
import { activeChildren } from 'multiprocess';
import { kernelChildrenOf, kernelParentOf, memoryOf, untilAsleep } from '../memory.ts';
import { amount } from '../options.ts';
import { figure, megabytes, printTable } from '../table.ts';
import { endAll, startIdle } from './idle.ts';

export async function run(): Promise<void> {
  const count = amount(1000);
  let begin = performance.now();
  const children = startIdle(count);
  const started = performance.now() - begin;

  const pids = children.map((child) => child.pid!);
  await untilAsleep(pids);
  const asleep = performance.now() - begin;
  const total = pids.reduce((sum, pid) => sum + memoryOf(pid).pss, 0);
  const zygote = kernelParentOf(pids[0]!);

  begin = performance.now();
  await endAll(children);
  const ended = performance.now() - begin;
  const left = new Set([...kernelChildrenOf(zygote), ...activeChildren().map((child) => child.pid)]).size;

  printTable(
    `${count} children alive at once`,
    ['', ''],
    [
      ['all started', `${figure(started)} ms`],
      ['per child', `${figure(started / count)} ms`],
      ['all idle', `${figure(asleep)} ms`],
      ['memory of all, sum of PSS', `${megabytes(total)} MB`],
      ['per child', `${megabytes(total / count)} MB`],
      ['all terminated and joined', `${figure(ended)} ms`],
      ['left over', String(left)],
    ],
  );
  if (left > 0) throw new Error(`${left} children are still there after they were joined`);
}
