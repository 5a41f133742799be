/** Who waits for a shared object, as its memory says. */
import { Monitor } from '../../dist/sync/monitor.js';
import { until } from '../process/support/procfs.ts';

/** How many wait for it, in all processes and threads. */
export function waiting(object: object): number {
  const { cell } = object as { cell: { offset: number } };
  const monitor = new Monitor(cell.offset);
  return monitor.run(() => monitor.queue().length);
}

/** Resolves once `n` wait for it. */
export async function queued(object: object, n: number): Promise<void> {
  await until(`${n} to wait for ${object}`, () => waiting(object) === n);
}
