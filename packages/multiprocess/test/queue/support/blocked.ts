/** Who waits at a queue, as its memory says. */
import type { Queue } from 'multiprocess';
import { until } from '../../process/support/procfs.ts';

export type Side = 'putters' | 'getters' | 'joiners';

interface Lines {
  line: Record<Side, { monitor: { run<T>(body: () => T): T; queue(): number[] } }>;
}

/** How many wait on a side, in all processes and threads. */
export function blocked(queue: Queue, side: Side): number {
  const { monitor } = (queue as unknown as Lines).line[side];
  return monitor.run(() => monitor.queue().length);
}

/** Resolves once `n` wait there. */
export async function untilBlocked(queue: Queue, side: Side, n: number): Promise<void> {
  await until(`${n} of the ${side} to wait`, () => blocked(queue, side) === n);
}
