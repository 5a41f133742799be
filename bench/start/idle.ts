/** Forked children that only wait. */
import { getContext, type Process } from 'multiprocess';

const forkserver = getContext('forkserver');

export function startIdle(count: number): Process[] {
  return Array.from({ length: count }, () => {
    const child = new forkserver.Process({ target: () => void setInterval(() => {}, 2 ** 30) });
    child.start();
    return child;
  });
}

export async function endAll(children: readonly Process<any>[]): Promise<void> {
  for (const child of children) child.terminate();
  await Promise.all(children.map((child) => child.join()));
  for (const child of children) child.close();
}
