/** On what terms a task runs: the options that all ways of giving work to a pool have in common. */
import { invalidArgument } from '../errors.ts';
import { check, checkNames, isAbove, isAtLeast, isFunction, isObject } from '../options.ts';
import type { Progress } from './mapping.ts';

export interface RetryOptions {
  /** How often a task that failed is run again. */
  max: number;
  /** Before the first time, in ms. @default 0 */
  delay?: number;
  /** The delay grows by this factor each time. @default 2 */
  factor?: number;
  /** It grows no further than this, in ms. @default 30000 */
  maxDelay?: number;
}

export interface TaskOptions {
  /** Ends the work with `ERR_MP_CANCELLED`. A task that runs has half a second to end by itself (`taskSignal()`). */
  signal?: AbortSignal;
  /**
   * Longest time that a task may run, in ms. Then it is rejected with `ERR_MP_TIMEOUT`; if it does not end by itself within
   * half a second (`taskSignal()`), its worker is killed and replaced. @default no limit
   */
  timeout?: number;
  /**
   * Runs a task that failed once more, up to so many times: whatever it threw, when it timed out, and when its worker died.
   * It must be right to run it twice. @default 0
   */
  retries?: number | RetryOptions;
  /** With the policy 'priority': larger goes first. @default 0 */
  priority?: number;
  /** With the policies 'sjf' and 'fair': expected time of a task, in any unit. @default what has been measured, in ms */
  cost?: number;
  /** With the policy 'fair': on whose behalf. Submitters get equal shares. */
  submitter?: unknown;
  /** One more argument, after the others. */
  kwargs?: object;
  /** Called as items of a map settle, and with what a task says by `reportProgress`. What it throws ends the work. */
  onProgress?: (progress: Progress) => void;
}

/** The same, checked and complete. */
export interface Terms {
  readonly timeout: number;
  readonly retries: Required<RetryOptions>;
  readonly priority: number;
  readonly cost: number | undefined;
  readonly submitter: unknown;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

export const TASK_OPTIONS = ['signal', 'timeout', 'retries', 'priority', 'cost', 'submitter', 'kwargs', 'onProgress'];

/** Throws `ERR_MP_INVALID_ARG`. */
export function checkTerms(options: TaskOptions): void {
  const { signal, timeout, retries, priority, cost, kwargs, onProgress } = options;
  check('signal', 'an AbortSignal', signal, (value) => value instanceof AbortSignal);
  check('timeout', 'a number of milliseconds above 0', timeout, isAbove(0));
  check('priority', 'a number', priority, Number.isFinite);
  check('cost', 'a number of at least 0', cost, isAtLeast(0));
  check('kwargs', 'an object', kwargs, isObject);
  check('onProgress', 'a function', onProgress, isFunction);
  if (typeof retries !== 'object') {
    check('retries', 'a whole number of at least 0, or { max, delay, factor, maxDelay }', retries, isLimit);
    return;
  }
  if (retries === null) throw invalidArgument('retries', 'a number or an object', retries);
  checkNames(retries, ['max', 'delay', 'factor', 'maxDelay'], 'retries.');
  check('retries.max', 'a whole number of at least 0', retries.max ?? null, isLimit);
  check('retries.delay', 'a number of milliseconds', retries.delay, isAtLeast(0));
  check('retries.factor', 'a number of at least 1', retries.factor, isAtLeast(1));
  check('retries.maxDelay', 'a number of milliseconds', retries.maxDelay, isAtLeast(0));
}

/** Of a single call. Throws `ERR_MP_INVALID_ARG`. */
export function checkTaskOptions(options: unknown): void {
  checkNames(options, TASK_OPTIONS);
  checkTerms(options as TaskOptions);
}

/** Of work that is given without options: thousands of calls share them. */
const USUAL = termsOf({});

export function termsOf(options: TaskOptions | null | undefined): Terms {
  if (!options) return USUAL;
  const { timeout, retries = 0, priority, cost, submitter, onProgress } = options;
  const given = typeof retries === 'number' ? { max: retries } : retries;
  return {
    timeout: timeout ?? Number.POSITIVE_INFINITY,
    retries: { delay: 0, factor: 2, maxDelay: 30_000, ...given },
    priority: priority ?? 0,
    cost,
    submitter,
    onProgress,
  };
}

/** In ms, before the nth retry. */
export function delayOf({ delay, factor, maxDelay }: Required<RetryOptions>, n: number): number {
  return Math.min(delay * factor ** (n - 1), maxDelay);
}

const isLimit = (value: unknown) =>
  value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) >= 0);
