/** Forked children that only wait. */
import { Process, setStartMethod } from 'multiprocess';

export function startIdle(count: number): Process[] {
  setStartMethod('forkserver', { force: true });
  return Array.from({ length: count }, () => {
    const child = new Process({ target: () => void setInterval(() => {}, 2 ** 30) });
    child.start();
    return child;
  });
}

export async function endAll(children: readonly Process<any>[]): Promise<void> {
  for (const child of children) child.terminate();
  await Promise.all(children.map((child) => child.join()));
  for (const child of children) child.close();
}
