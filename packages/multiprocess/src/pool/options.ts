/** What pools and their methods accept. */
import { describe, invalidArgument, MultiprocessError } from '../errors.ts';
import { check, checkNames, isAbove, isBoolean, isCount, isFunction, isIterable } from '../options.ts';
import { isContext, type Process } from '../process/index.ts';
import { type Policy, type PolicyName, policyOf } from './policy.ts';
import { checkTaskOptions, checkTerms, TASK_OPTIONS, type TaskOptions } from './terms.ts';

export type Initializer = (...args: any[]) => unknown;

export interface PoolOptions<I extends Initializer = Initializer> {
  /**
   * Runs in each worker before its first task, with `initArgs`; may be async. If it fails, the pool is broken: all work
   * is rejected with `ERR_MP_BROKEN_POOL`. Captured once, when the pool is made.
   */
  initializer?: I;
  /** Arguments of `initializer`. @default [] */
  initArgs?: Readonly<Parameters<I>>;
  /** A worker is replaced after so many tasks. @default no limit */
  maxTasksPerChild?: number | null;
  /** A worker that uses more memory than this after a task, in bytes (resident set), is replaced. @default no limit */
  maxMemoryPerChild?: number | null;
  /**
   * What is taken up first: 'fifo', what came first; 'priority', by the `priority` of its options, with ageing; 'sjf', the shortest
   * job, by `cost` or as measured; 'fair', equal shares for each `submitter`; or a {@link Policy} of your own. @default 'fifo'
   */
  policy?: PolicyName | Policy;
  /**
   * Runs tasks in this thread, one at a time, for debugging: breakpoints and stack traces are those of ordinary calls. Tasks and
   * results are sent all the same, so that what cannot be sent shows. @default false
   */
  inline?: boolean;
  /** Where the workers' start method comes from: `getContext('spawn')`, say. @default that of the program */
  context?: { readonly Process: typeof Process };
}

export type ApplyOptions = TaskOptions;

export interface MapOptions extends TaskOptions {
  /**
   * Inputs that travel, and run, together on one worker.
   * @default what takes about 2 ms, as measured: 1 for tasks that take longer, hundreds for tiny ones
   */
  chunkSize?: number;
  /** Give outcomes, `{ status, value | reason, index }`, instead of throwing for items that failed. @default false */
  settle?: boolean;
}

const MAP_OPTIONS = [...TASK_OPTIONS, 'chunkSize', 'settle'];
const POOL_OPTIONS = [
  'initializer',
  'initArgs',
  'maxTasksPerChild',
  'maxMemoryPerChild',
  'policy',
  'inline',
  'context',
];

export function checkPoolOptions(processes: unknown, options: Partial<Record<string, unknown>>): void {
  if (processes !== undefined && processes !== null && !isCount(processes)) {
    throw new MultiprocessError(
      'ERR_MP_INVALID_ARG',
      `Number of processes must be at least 1 (a whole number), not ${describe(processes)}`,
    );
  }
  checkNames(options, POOL_OPTIONS);
  const { initializer, initArgs, maxTasksPerChild, maxMemoryPerChild, policy, context } = options;
  policyOf(policy);
  if (maxMemoryPerChild !== null) {
    check('maxMemoryPerChild', 'a number of bytes above 0, or null', maxMemoryPerChild, isAbove(0));
  }
  check('initializer', 'a function', initializer, isFunction);
  check('initArgs', 'an array of arguments', initArgs, Array.isArray);
  check('inline', 'a boolean', options.inline, isBoolean);
  if (maxTasksPerChild !== null) {
    check('maxTasksPerChild', 'a positive whole number or null', maxTasksPerChild, isCount);
  }
  check('context', "a context, as of getContext('spawn')", context, isContext);
}

export function checkApply(fn: unknown, args: unknown, options: unknown): void {
  checkFunction(fn);
  check('args', 'an array of arguments', args, Array.isArray);
  if (options !== undefined && options !== null) checkTaskOptions(options);
}

export function checkMap(fn: unknown, iterable: unknown, options: Partial<Record<string, unknown>>): void {
  checkFunction(fn);
  if (!isIterable(iterable)) throw invalidArgument('iterable', 'an iterable or async iterable', iterable);
  checkNames(options, MAP_OPTIONS);
  const { chunkSize, settle } = options;
  checkTerms(options);
  check('chunkSize', 'a positive whole number', chunkSize, isCount);
  check('settle', 'a boolean', settle, isBoolean);
}

function checkFunction(fn: unknown): void {
  if (typeof fn !== 'function') throw invalidArgument('fn', 'a function', fn);
}
