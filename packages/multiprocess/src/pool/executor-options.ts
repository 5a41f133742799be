/** What executors accept. */
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { check, checkNames, isAbove, isAtLeast, isCount, isFunction, isIterable, isString } from '../options.ts';
import { isContext, type Process } from '../process/index.ts';
import type { Initializer } from './options.ts';
import { type Policy, type PolicyName, policyOf } from './policy.ts';
import { checkTerms, TASK_OPTIONS, type TaskOptions } from './terms.ts';
import { zip } from './zip.ts';

export interface ExecutorOptions<I extends Initializer = Initializer> {
  /** Most workers at a time. @default `processCpuCount()`; for threads at most 32, and 4 more */
  maxWorkers?: number;
  /** Runs in each worker before its first task, with `initArgs`. If it fails, the executor is broken. */
  initializer?: I;
  /** Arguments of `initializer`. @default [] */
  initArgs?: Readonly<Parameters<I>>;
  /** A worker is replaced after so many tasks. @default no limit */
  maxTasksPerChild?: number | null;
  /** A worker that uses more memory than this after a task, in bytes, is replaced. @default no limit */
  maxMemoryPerChild?: number | null;
  /** What is taken up first; see the options of `Pool`. @default 'fifo' */
  policy?: PolicyName | Policy;
  /** Where the start method of processes comes from: `getContext('spawn')`, say. */
  context?: { readonly Process: typeof Process };
  /** Names of threads begin with this. @default `ThreadPoolExecutor-1` */
  threadNamePrefix?: string;
}

export interface ExecutorMapOptions extends Omit<TaskOptions, 'timeout'> {
  /** Longest time until all results are there, in ms; then those that are missing are given up, with `ERR_MP_TIMEOUT`. */
  timeout?: number;
  /** Inputs that travel, and run, together. @default what takes about 2 ms, as measured */
  chunkSize?: number;
  /** Most calls that are made beyond those whose results have been asked for. @default all at once */
  bufferSize?: number | null;
}

const OPTIONS = [
  'maxWorkers',
  'initializer',
  'initArgs',
  'maxTasksPerChild',
  'maxMemoryPerChild',
  'policy',
  'context',
  'threadNamePrefix',
];
const MAP_OPTIONS = [...TASK_OPTIONS, 'chunkSize', 'bufferSize'];

export function checkExecutorOptions(options: Partial<Record<string, unknown>>): void {
  checkNames(options, OPTIONS);
  const { maxWorkers, initializer, initArgs, maxTasksPerChild, maxMemoryPerChild, policy, threadNamePrefix } = options;
  if (maxWorkers !== undefined && !isCount(maxWorkers)) {
    throw new MultiprocessError(
      'ERR_MP_INVALID_ARG',
      `max_workers must be greater than 0 (maxWorkers: a whole number), not ${maxWorkers}`,
    );
  }
  check('initializer', 'a function', initializer, isFunction);
  check('initArgs', 'an array of arguments', initArgs, Array.isArray);
  check('maxTasksPerChild', 'a whole number of at least 1, or null', maxTasksPerChild ?? undefined, isCount);
  check('maxMemoryPerChild', 'a number of bytes above 0, or null', maxMemoryPerChild ?? undefined, isAbove(0));
  check('threadNamePrefix', 'a string', threadNamePrefix, isString);
  check('context', "a context, as of getContext('spawn')", options.context, isContext);
  policyOf(policy);
}

/** The iterables, side by side as one of arrays, and the options behind them. */
export function splitMapArguments(rest: readonly unknown[]): {
  iterables: AsyncIterable<unknown[]> | Iterable<unknown[]>;
  options: Omit<ExecutorMapOptions, 'bufferSize'> & { bufferSize?: number };
} {
  const last = rest.at(-1);
  const hasOptions = rest.length > 0 && !isIterable(last);
  const iterables = hasOptions ? rest.slice(0, -1) : rest;
  const options = (hasOptions ? last : {}) as ExecutorMapOptions;
  checkNames(options, MAP_OPTIONS);
  const { timeout, bufferSize, chunkSize, ...task } = options;
  checkTerms(task);
  check('timeout', 'a number of milliseconds', timeout, isAtLeast(0));
  check('chunkSize', 'a whole number of at least 1', chunkSize, isCount);
  check('bufferSize', 'a whole number of at least 1, or null', bufferSize ?? undefined, isCount);
  for (const one of iterables) if (!isIterable(one)) throw invalidArgument('iterables', 'iterables', one);
  return {
    iterables: zip(iterables as Iterable<unknown>[]),
    options: {
      ...task,
      ...(timeout !== undefined && { timeout }),
      ...(chunkSize && { chunkSize }),
      ...(bufferSize && { bufferSize }),
    },
  };
}
