/** Forked children that only wait. */
import { readFileSync } from 'node:fs';
import { getContext, type Process } from 'multiprocess';

const forkserver = getContext('forkserver');

export function startIdle(count: number): Process[] {
  return Array.from({ length: count }, () => {
    const child = new forkserver.Process({ target: () => void setInterval(() => {}, 2 ** 30) });
    child.start();
    return child;
  });
}

/** Until the zygote is warm: children before that are dearer. */
export async function untilWarm(): Promise<void> {
  for (let isWarm = false; !isWarm; ) {
    const [child] = startIdle(1) as [Process];
    isWarm = readFileSync(`/proc/${child.pid}/maps`, 'latin1').includes('mp-template');
    await endAll([child]);
  }
}

export async function endAll(children: readonly Process<any>[]): Promise<void> {
  for (const child of children) child.terminate();
  await Promise.all(children.map((child) => child.join()));
  for (const child of children) child.close();
}
