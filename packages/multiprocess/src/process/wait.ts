/** Waiting for whichever of several things comes first. CPython: multiprocessing.connection.wait. */
import { invalidArgument } from '../errors.ts';
import { checkTimeout, type WaitOptions, waitOptions } from '../timeout.ts';
import { Process } from './process.ts';
import { awaitReadable, awaitReadableSync } from './readable.ts';

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
  return pick(items, fds, items.length === 0 ? [] : await awaitReadable(fds, options));
}

/** `wait` that blocks this thread. */
export function waitSync<T extends Waitable>(objects: Iterable<T>, timeout?: number): T[] {
  checkTimeout(timeout);
  const items = [...objects];
  const fds = items.map(descriptorOf);
  return pick(items, fds, items.length === 0 ? [] : awaitReadableSync(fds, timeout));
}

function pick<T>(items: T[], fds: number[], ready: number[]): T[] {
  return items.filter((_, i) => ready.includes(fds[i]!));
}

function descriptorOf(object: Waitable): number {
  if (typeof object === 'number' && Number.isInteger(object) && object >= 0) return object;
  if (object instanceof Process) return object.sentinel;
  throw invalidArgument('objects', 'processes or file descriptors', object);
}
