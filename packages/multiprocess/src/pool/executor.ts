/** Executors: pools that give futures. CPython: concurrent.futures.Executor. */
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { Future } from '../futures/index.ts';
import { registerUnsendable } from '../transport/index.ts';
import { Call, FutureReceiver } from './call.ts';
import { Engine } from './engine.ts';
import {
  checkExecutorOptions,
  type ExecutorMapOptions,
  type ExecutorOptions,
  splitMapArguments,
} from './executor-options.ts';
import type { StartHost } from './host.ts';
import type { Job } from './job.ts';
import { Mapping } from './mapping.ts';
import { closeWhenForgotten, endingsOf, engineOptions } from './setup.ts';
import { type PoolStats, statsOf } from './stats.ts';
import { type ResultIterator, ResultStream } from './stream.ts';
import { checkTaskOptions, type TaskOptions, termsOf } from './terms.ts';

type Inputs<A extends readonly unknown[]> = { [K in keyof A]: Iterable<A[K]> | AsyncIterable<A[K]> };

/** Base class: use `ProcessPoolExecutor` or `ThreadPoolExecutor`. */
export abstract class Executor {
  readonly #engine: Engine;
  readonly #futures = new Map<Job, Future<any>>();
  /** Maps that have not ended. */
  readonly #maps = new Set<Mapping>();
  #refusal: string | undefined;
  /** To be called once, before the first capture, which takes as long as the start of a worker. */
  #prepare: (() => void) | undefined;

  /** Workers are started as they are needed, and idle ones used again. */
  constructor(options: ExecutorOptions<any>, workers: number, startHost: StartHost, idleTimeout?: number) {
    checkExecutorOptions(options as Record<string, unknown>);
    const settings = { ...engineOptions(options, startHost), lazy: true, idleTimeout };
    this.#engine = new Engine(options.maxWorkers ?? workers, settings);
    this.#prepare = startHost.prepare;
    closeWhenForgotten(this, this.#engine);
  }

  /**
   * Has a worker run `fn(...args)`. `fn` and `args` are captured at once.
   *
   * Throws `ERR_MP_INVALID_ARG`, `ERR_MP_CAPTURE`, `ERR_MP_POOL_CLOSED` after `shutdown()`, `ERR_MP_BROKEN_POOL`. The future
   * fails with what `fn` throws, and with `ERR_MP_WORKER_DIED` when its worker ends; other tasks are not concerned.
   *
   * @example
   * const future = executor.submit(Math.pow, 2, 8);
   * console.log(await future); // 256
   */
  submit<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Future<Awaited<R>> {
    return this.#submit(this.submit, fn, args);
  }

  /**
   * The same with options: timeout, retries, priority, cost, signal, kwargs, onProgress.
   *
   * @example
   * executor.submitWith({ timeout: 1000, retries: 2 }, fetchPage, url);
   */
  submitWith<A extends readonly unknown[], R>(
    options: TaskOptions,
    fn: (...args: A) => R,
    ...args: A
  ): Future<Awaited<R>> {
    checkTaskOptions(options);
    return this.#submit(this.submitWith, fn, args, options);
  }

  /**
   * Runs `fn` on the items of one or several iterables side by side, and gives the results in that order. The calls are made
   * whether or not the results are asked for; with `bufferSize`, no more than so many beyond those that have been asked for.
   *
   * `next()` rejects for a call that failed, and goes on with those after it; `return()`, and so `break`, cancels the rest.
   *
   * @example
   * for await (const sum of executor.map((a: number, b: number) => a + b, [1, 2], [3, 4])) console.log(sum); // 4, 6
   */
  map<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...rest: [...iterables: Inputs<A>] | [...iterables: Inputs<A>, options: ExecutorMapOptions]
  ): ResultIterator<Awaited<R>> {
    if (typeof fn !== 'function') throw invalidArgument('fn', 'a function', fn);
    const { iterables, options } = splitMapArguments(rest);
    this.#begin();
    const { bufferSize = Number.POSITIVE_INFINITY, timeout, chunkSize, kwargs, ...task } = options;
    // longer than a timer can run: no limit
    const deadline = timeout !== undefined && timeout < 2 ** 31 ? AbortSignal.timeout(timeout) : undefined;
    const stream: ResultStream = new ResultStream({
      ordered: true,
      settleEach: false,
      window: () => bufferSize,
      onTaken: () => this.#engine.arrived(job),
      onReturn: () => this.#engine.cancel(job, new MultiprocessError('ERR_MP_CANCELLED', 'the map was given up')),
      onEnd: () => {},
    });
    const terms = { ...termsOf(task), chunkSize, kwargs };
    const job = new Mapping(this.map, fn, iterables, 'starmap', stream, terms, (job) => this.#engine.arrived(job));
    this.#maps.add(job);
    const endings = [...endingsOf(options)];
    const late = () => new MultiprocessError('ERR_MP_TIMEOUT', `the results were not all there within ${timeout} ms`);
    if (deadline) endings.push({ signal: deadline, reason: late });
    this.#engine.submit(job, endings, () => this.#maps.delete(job));
    return stream as ResultIterator<Awaited<R>>;
  }

  /**
   * Takes no more calls. Resolves when all that were made are done and the workers have ended; with `wait: false` at once, and
   * that happens later. With `cancelFutures`, calls that have not begun are cancelled, and maps end with `ERR_MP_CANCELLED`. A map with a
   * `bufferSize` makes no more calls; asking for their results throws `ERR_MP_POOL_CLOSED`. Shutting down twice is fine.
   */
  async shutdown({
    wait = true,
    cancelFutures = false,
  }: {
    wait?: boolean;
    cancelFutures?: boolean;
  } = {}): Promise<void> {
    this.#refusal ??= 'cannot schedule new futures after shutdown';
    if (cancelFutures) {
      for (const future of [...this.#futures.values()]) future.cancel();
      for (const job of [...this.#maps])
        this.#engine.drop(job, new MultiprocessError('ERR_MP_CANCELLED', 'the map was cancelled by shutdown'));
    }
    // Those with a bufferSize would otherwise wait for somebody to ask for their results.
    for (const job of this.#maps) {
      job.stopReading(new MultiprocessError('ERR_MP_POOL_CLOSED', this.#refusal));
      this.#engine.arrived(job);
    }
    this.#engine.close();
    if (wait) await this.#engine.join();
  }

  /** Ends the workers with SIGTERM, at once; what is not done fails with `ERR_MP_CANCELLED`. */
  async terminateWorkers(): Promise<void> {
    this.#refusal ??= 'cannot schedule new futures after its workers were terminated';
    this.#engine.terminate('SIGTERM');
    await this.#engine.join();
  }

  /** The same with SIGKILL, which cannot be caught. */
  async killWorkers(): Promise<void> {
    this.#refusal ??= 'cannot schedule new futures after its workers were killed';
    this.#engine.terminate('SIGKILL');
    await this.#engine.join();
  }

  /** Changes the most workers at a time; those that are too many end when they have done what they have. */
  resize(maxWorkers: number): void {
    checkExecutorOptions({ maxWorkers });
    if (maxWorkers !== this.#engine.crew.size) this.#engine.resize(maxWorkers);
  }

  /** Whether it takes calls. @internal */
  get isUsable(): boolean {
    return this.#refusal === undefined && this.#engine.state === 'running';
  }

  /** What it is doing just now. */
  stats(): PoolStats {
    return statsOf(this.#engine);
  }

  /** `await using`: waits until all calls are done, then until the workers have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  #submit(caller: Function, fn: Function, args: readonly unknown[], options?: TaskOptions): Future<any> {
    if (typeof fn !== 'function') throw invalidArgument('fn', 'a function', fn);
    this.#begin();
    const future = new Future<any>();
    const given = options?.kwargs === undefined ? args : [...args, options.kwargs];
    const job = new Call(caller, fn, given, termsOf(options), new FutureReceiver(future), 'submit');
    this.#futures.set(job, future);
    future.canceller = () => this.#engine.withdraw(job);
    this.#engine.submit(job, endingsOf(options), () => this.#futures.delete(job));
    return future;
  }

  #begin(): void {
    if (this.#refusal !== undefined) throw new MultiprocessError('ERR_MP_POOL_CLOSED', this.#refusal);
    this.#engine.checkOpen();
    this.#prepare?.();
    this.#prepare = undefined;
  }
}

registerUnsendable(
  Executor,
  'and executors cannot be passed between processes',
  'make an executor in the process that uses it',
);
