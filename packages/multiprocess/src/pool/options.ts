/** What pools and their methods accept. */
import { describe, invalidArgument, MultiprocessError } from '../errors.ts';
import { Process } from '../process/index.ts';
import type { Progress } from './mapping.ts';

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
  /** Where the workers' start method comes from: `getContext('spawn')`, say. @default that of the program */
  context?: { readonly Process: typeof Process };
}

export interface ApplyOptions {
  /** Ends the call with `ERR_MP_CANCELLED`. If the task is running, its worker is killed half a second later. */
  signal?: AbortSignal;
}

export interface MapOptions {
  /**
   * Inputs that travel, and run, together on one worker.
   * @default what takes about 2 ms, as measured: 1 for tasks that take longer, hundreds for tiny ones
   */
  chunkSize?: number;
  /** Ends the map with `ERR_MP_CANCELLED`. Workers that run one of its items then are killed half a second later. */
  signal?: AbortSignal;
  /** Called after each item that has settled, in any order. What it throws ends the map. */
  onProgress?: (progress: Progress) => void;
  /** Give outcomes, `{ status, value | reason, index }`, instead of throwing for items that failed. @default false */
  settle?: boolean;
}

const APPLY_OPTIONS = ['signal'];
const MAP_OPTIONS = ['chunkSize', 'signal', 'onProgress', 'settle'];
const POOL_OPTIONS = ['initializer', 'initArgs', 'maxTasksPerChild', 'context'];

export function checkPoolOptions(processes: unknown, options: Partial<Record<string, unknown>>): void {
  if (processes !== undefined && processes !== null && !isPositiveInteger(processes)) {
    throw new MultiprocessError(
      'ERR_MP_INVALID_ARG',
      `Number of processes must be at least 1 (a whole number), not ${describe(processes)}`,
    );
  }
  checkNames(options, POOL_OPTIONS);
  const { initializer, initArgs, maxTasksPerChild, context } = options;
  check('initializer', 'a function', initializer, (value) => typeof value === 'function');
  check('initArgs', 'an array of arguments', initArgs, Array.isArray);
  if (maxTasksPerChild !== null) {
    check('maxTasksPerChild', 'a positive whole number or null', maxTasksPerChild, isPositiveInteger);
  }
  check('context', "a context, as of getContext('spawn')", context, isContext);
}

export function checkApply(fn: unknown, args: unknown, options: Partial<Record<string, unknown>>): void {
  checkFunction(fn);
  check('args', 'an array of arguments', args, Array.isArray);
  checkNames(options, APPLY_OPTIONS);
  check('signal', 'an AbortSignal', options.signal, (value) => value instanceof AbortSignal);
}

export function checkMap(fn: unknown, iterable: unknown, options: Partial<Record<string, unknown>>): void {
  checkFunction(fn);
  if (!isIterable(iterable)) throw invalidArgument('iterable', 'an iterable or async iterable', iterable);
  checkNames(options, MAP_OPTIONS);
  const { chunkSize, signal, onProgress, settle } = options;
  check('chunkSize', 'a positive whole number', chunkSize, isPositiveInteger);
  check('signal', 'an AbortSignal', signal, (value) => value instanceof AbortSignal);
  check('onProgress', 'a function', onProgress, (value) => typeof value === 'function');
  check('settle', 'a boolean', settle, (value) => typeof value === 'boolean');
}

function checkFunction(fn: unknown): void {
  if (typeof fn !== 'function') throw invalidArgument('fn', 'a function', fn);
}

function checkNames(options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', 'an object', options);
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    throw new MultiprocessError('ERR_MP_INVALID_ARG', `unknown option '${key}'; accepted are ${known.join(', ')}`);
  }
}

function check(name: string, accepted: string, value: unknown, isValid: (value: unknown) => boolean): void {
  if (value !== undefined && !isValid(value)) throw invalidArgument(name, accepted, value);
}

const isPositiveInteger = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;

function isIterable(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  const { [Symbol.iterator]: sync, [Symbol.asyncIterator]: async } = Object(value);
  return typeof sync === 'function' || typeof async === 'function';
}

function isContext(value: unknown): boolean {
  const candidate = (value as { Process?: unknown } | null)?.Process;
  return candidate === Process || (typeof candidate === 'function' && candidate.prototype instanceof Process);
}
