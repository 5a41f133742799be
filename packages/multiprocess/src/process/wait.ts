/** Waiting for whichever of several things comes first. CPython: multiprocessing.connection.wait. */
import { invalidArgument } from '../errors.ts';
import { checkTimeout, type WaitOptions, waitOptions } from '../timeout.ts';
import { awaitEnd, awaitEndSync } from './family.ts';
import { Process } from './process.ts';
import { awaitReadable, awaitReadableSync } from './readable.ts';
import { type ProcessState, stateOf } from './state.ts';

/** What `wait` accepts: processes, and sentinels or other file descriptors that become readable. */
export type Waitable = Process<any> | number;

/**
 * Waits until at least one of `objects` is ready; resolves to all that are, in input order.
 * [] when `timeout` (ms) passed first. A process is ready when it has ended.
 *
 * @example
 * const [first] = await wait([a, b]);
 */
export async function wait<T extends Waitable>(objects: Iterable<T>, timeout?: number | WaitOptions): Promise<T[]> {
  const items = [...objects];
  const fds = items.map(descriptorOf);
  const options = waitOptions(timeout);
  const ready = pick(items, fds, items.length === 0 ? [] : await awaitReadable(fds, options));
  // A descriptor can be ahead of the exit code, which another process publishes.
  for (const state of startedStates(ready)) await awaitEnd(state, {});
  return ready;
}

/** `wait` that blocks this thread. */
export function waitSync<T extends Waitable>(objects: Iterable<T>, timeout?: number): T[] {
  checkTimeout(timeout);
  const items = [...objects];
  const fds = items.map(descriptorOf);
  const ready = pick(items, fds, items.length === 0 ? [] : awaitReadableSync(fds, timeout));
  for (const state of startedStates(ready)) awaitEndSync(state);
  return ready;
}

function pick<T>(items: T[], fds: number[], ready: number[]): T[] {
  return items.filter((_, i) => ready.includes(fds[i]!));
}

function startedStates(ready: Waitable[]): ProcessState[] {
  const states = ready.map((item) => (item instanceof Process ? stateOf(item) : undefined));
  return states.filter((state) => state?.status === 'started') as ProcessState[];
}

function descriptorOf(object: Waitable): number {
  if (typeof object === 'number' && Number.isInteger(object) && object >= 0) return object;
  if (object instanceof Process) return object.sentinel;
  throw invalidArgument('objects', 'processes or file descriptors', object);
}
