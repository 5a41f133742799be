/** One executor for the whole program. After loky's `get_reusable_executor`. */
import { invalidArgument } from '../errors.ts';
import type { ExecutorOptions } from './executor-options.ts';
import { ProcessPoolExecutor } from './executors.ts';

export interface ReusableExecutorOptions extends ExecutorOptions<any> {
  /** Workers that have had nothing to do for so long end, in ms; they come back with the next call. @default 10000 */
  idleTimeout?: number;
}

let executor: ProcessPoolExecutor | undefined;
let made: string | undefined;

/**
 * The executor that all parts of a program may share, made at the first call. A call with another `maxWorkers` resizes it; one
 * with other options, or after it was shut down or broken, makes a new one (the old one ends what it has). It need not be shut
 * down: its workers leave when they have nothing to do, and end with the program.
 *
 * @example
 * const hash = await getReusableExecutor().submit(hashFile, path);
 */
export function getReusableExecutor({
  maxWorkers,
  idleTimeout = 10_000,
  ...options
}: ReusableExecutorOptions = {}): ProcessPoolExecutor {
  if (!(idleTimeout >= 0)) throw invalidArgument('idleTimeout', 'a number of milliseconds', idleTimeout);
  const key = describe(options, idleTimeout);
  if (executor?.isUsable && made === key) {
    if (maxWorkers !== undefined) executor.resize(maxWorkers);
    return executor;
  }
  if (executor?.isUsable) void executor.shutdown({ wait: false });
  executor = new ProcessPoolExecutor({ ...options, ...(maxWorkers !== undefined && { maxWorkers }) }, idleTimeout);
  made = key;
  return executor;
}

const numbers = new WeakMap<object, number>();
let count = 0;

/** Equal for equal options: objects and functions by identity. */
function describe(options: object, idleTimeout: number): string {
  const values = Object.entries({ ...options, idleTimeout }).map(([name, value]) => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return [name, value];
    if (!numbers.has(value)) numbers.set(value, ++count);
    return [name, `#${numbers.get(value)}`];
  });
  return JSON.stringify(values.sort());
}
