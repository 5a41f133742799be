/** Waiting for whichever of several things comes first. CPython: multiprocessing.connection.wait. */
import { Connection } from '../channel/index.ts';
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { doorbell } from '../memory/index.ts';
import { native } from '../native.ts';
import { MessageQueue } from '../queue/index.ts';
import { checkTimeout, type WaitOptions, waitOptions } from '../timeout.ts';
import { awaitEnd, awaitEndSync } from './family.ts';
import { Process } from './process.ts';
import { awaitReadable, awaitReadableSync } from './readable.ts';
import { type ProcessState, stateOf } from './state.ts';

/** What `wait` accepts: processes, connections, queues, and sentinels or other file descriptors that become readable. */
export type Waitable = Process<any> | Connection | MessageQueue<any> | number;

/** Connections and queues know for themselves whether they are ready. */
type Line = Connection | MessageQueue<any>;

/** How long a thread sleeps at most before it looks again, in ms: descriptors do not ring. */
const SLICE = 10;

/**
 * Waits until at least one of `objects` is ready; resolves to all that are, in input order.
 * [] when `timeout` (ms) passed first. A process is ready when it has ended, a connection or queue when there is something
 * to get, or it has come to its end.
 *
 * @example
 * const [first] = await wait([connection, child]);
 */
export async function wait<T extends Waitable>(objects: Iterable<T>, timeout?: number | WaitOptions): Promise<T[]> {
  const items = [...objects];
  const descriptors = descriptorsOf(items);
  const { signal, ...options } = waitOptions(timeout);
  const controller = new AbortController();
  const cancels: (() => void)[] = [];
  try {
    const { promise: line, resolve } = Promise.withResolvers<void>();
    for (const one of linesOf(items)) {
      if (one.isReady()) resolve();
      else cancels.push(one.onceReady(resolve));
    }
    if (items.length > 0) {
      const signals = signal ? AbortSignal.any([signal, controller.signal]) : controller.signal;
      // With no descriptors this ends with the timeout or the signal only.
      await Promise.race([line, awaitReadable(descriptors, { ...options, signal: signals })]);
    }
  } finally {
    controller.abort();
    for (const cancel of cancels) cancel();
  }
  const ready = readyOnes(items);
  // A descriptor can be ahead of the exit code, which another process publishes.
  for (const state of startedStates(ready)) await awaitEnd(state, {});
  return ready;
}

/** `wait` that blocks this thread. */
export function waitSync<T extends Waitable>(objects: Iterable<T>, timeout?: number): T[] {
  checkTimeout(timeout);
  const items = [...objects];
  const descriptors = descriptorsOf(items);
  const lines = linesOf(items);
  if (lines.length > 0) awaitLinesSync(lines, descriptors, timeout);
  else if (items.length > 0) awaitReadableSync(descriptors, timeout);
  const ready = readyOnes(items);
  for (const state of startedStates(ready)) awaitEndSync(state);
  return ready;
}

function awaitLinesSync(lines: Line[], descriptors: number[], timeout = Infinity): void {
  const deadline = performance.now() + timeout;
  const isReady = () => lines.some((line) => line.isReady()) || native.fdPoll(descriptors, 0).length > 0;
  if (isReady() || timeout <= 0) return;
  const cancels = lines.map((line) => line.onceReady(() => {}));
  try {
    for (;;) {
      const heard = doorbell.rings();
      const left = deadline - performance.now();
      if (isReady() || left <= 0) return;
      doorbell.block(heard, Math.min(left, SLICE));
    }
  } finally {
    for (const cancel of cancels) cancel();
  }
}

function readyOnes<T extends Waitable>(items: T[]): T[] {
  const descriptors = native.fdPoll(descriptorsOf(items), 0);
  return items.filter((item) => (isLine(item) ? item.isReady() : descriptors.includes(descriptorOf(item))));
}

function startedStates(ready: Waitable[]): ProcessState[] {
  const states = ready.map((item) => (item instanceof Process ? stateOf(item) : undefined));
  return states.filter((state) => state?.status === 'started') as ProcessState[];
}

function linesOf(items: readonly Waitable[]): Line[] {
  const lines = items.filter(isLine);
  for (const line of lines) {
    if (line instanceof Connection && !line.readable && !line.closed) {
      throw new MultiprocessError('ERR_MP_UNSUPPORTED', 'connection is write-only');
    }
  }
  return lines;
}

const isLine = (item: Waitable): item is Line => item instanceof Connection || item instanceof MessageQueue;
const descriptorsOf = (items: readonly Waitable[]) => items.filter((item) => !isLine(item)).map(descriptorOf);

function descriptorOf(object: Waitable): number {
  if (typeof object === 'number' && Number.isInteger(object) && object >= 0) return object;
  if (object instanceof Process) return object.sentinel;
  throw invalidArgument('objects', 'processes, connections, queues or file descriptors', object);
}
