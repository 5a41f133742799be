import { MultiprocessError } from '../errors.ts';
import { Process, processCpuCount } from '../process/index.ts';
import { registerUnsendable } from '../transport/index.ts';
import { type AsyncCallbacks, AsyncResult } from './async-result.ts';
import { Call, PromiseReceiver } from './call.ts';
import { Engine } from './engine.ts';
import { inlineHost, processHosts, type StartHost } from './host.ts';
import { ResultList } from './list.ts';
import { Mapping, type Sink } from './mapping.ts';
import {
  type ApplyOptions,
  checkApply,
  checkMap,
  checkPoolOptions,
  type MapOptions,
  type PoolOptions,
} from './options.ts';
import { closeWhenForgotten, endingsOf, engineOptions } from './setup.ts';
import { type PoolStats, statsOf } from './stats.ts';
import { type ResultIterator, ResultStream, type Settled } from './stream.ts';
import { termsOf } from './terms.ts';

/** What `map` takes its inputs from: read one by one, not further ahead than the workers need. */
export type Inputs<T> = Iterable<T> | AsyncIterable<T>;

/** Options of a map that gives outcomes instead of throwing. */
export type SettleOptions = MapOptions & { settle: true };

/**
 * A group of worker processes that run functions.
 *
 * Functions may be any that `Process` can start, closures included, sync or async; a worker runs one task at a time. An
 * error thrown by a task arrives as its own class, with both stacks. Whatever happens to a worker, every task settles: the
 * one that was running is rejected with `ERR_MP_WORKER_DIED`, the others run elsewhere, and the worker is replaced.
 *
 * While there is work, the event loop stays alive; an idle pool that was never closed ends with the program, or when it is
 * garbage-collected.
 *
 * @example
 * await using pool = new Pool();
 * const squares = await pool.map((x: number) => x * x, [1, 2, 3]);
 */
export class Pool {
  readonly #engine: Engine;
  /** Iterators that have not ended. */
  readonly #streams = new Map<ResultStream, Mapping>();

  /**
   * Starts `processes` workers, by default as many as `processCpuCount()`.
   *
   * Throws `ERR_MP_INVALID_ARG`, `ERR_MP_CAPTURE` (the initializer cannot be sent), and what `Process.start()` throws; no
   * worker is left then.
   */
  constructor(processes?: number | null, options: PoolOptions<any> = {}) {
    checkPoolOptions(processes, options as Record<string, unknown>);
    const size = options.inline ? 1 : (processes ?? processCpuCount());
    this.#engine = new Engine(size, engineOptions(options, options.inline ? inlineHost : this.startHost(options)));
    closeWhenForgotten(this, this.#engine);
  }

  /**
   * Runs `fn(...args)` in a worker; resolves to what it returns.
   *
   * `fn` and `args` are captured at once. Rejects with what `fn` throws, `ERR_MP_WORKER_DIED`, `ERR_MP_CAPTURE`,
   * `ERR_MP_CANCELLED` (by `signal` or `terminate()`), `ERR_MP_POOL_CLOSED`, `ERR_MP_BROKEN_POOL`, `ERR_MP_INVALID_ARG`.
   *
   * @example
   * const hash = await pool.apply(hashFile, ['/etc/hosts']);
   */
  apply<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...[args, options]: [] extends A
      ? [args?: Readonly<A>, options?: ApplyOptions]
      : [args: Readonly<A>, options?: ApplyOptions]
  ): Promise<Awaited<R>> {
    try {
      checkApply(fn, args, options);
      this.#engine.checkOpen();
      const given = options?.kwargs === undefined ? (args ?? []) : [...(args ?? []), options.kwargs];
      const receiver = new PromiseReceiver();
      this.#engine.submit(new Call(this.apply, fn, given, termsOf(options), receiver), endingsOf(options));
      return receiver.promise as Promise<Awaited<R>>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Runs `fn` on every input; resolves to the results in the order of the inputs.
   *
   * All items run, also after one has failed; then the promise is rejected with the error of the first failing item in
   * input order. With `settle: true` it resolves to outcomes instead. `fn` is captured at once, and its captured variables
   * exist once per worker and map; inputs are captured when they are sent. An error of the iterable itself ends the
   * reading, and rejects unless an item has failed. Other errors: as `apply`.
   *
   * @example
   * const lengths = await pool.map((line: string) => line.length, lines);
   */
  map<T, R>(fn: (item: T) => R, iterable: Inputs<T>, options: SettleOptions): Promise<Settled<Awaited<R>>[]>;
  map<T, R>(fn: (item: T) => R, iterable: Inputs<T>, options?: MapOptions): Promise<Awaited<R>[]>;
  map(fn: Function, iterable: Inputs<unknown>, options: MapOptions = {}): Promise<any[]> {
    return this.#collect('map', fn, iterable, options);
  }

  /**
   * `map` whose inputs are arrays of arguments: `fn(...input)`.
   *
   * @example
   * await pool.starmap(Math.pow, [[2, 3], [3, 2]]); // [8, 9]
   */
  starmap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    iterable: Inputs<Readonly<A>>,
    options: SettleOptions,
  ): Promise<Settled<Awaited<R>>[]>;
  starmap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    iterable: Inputs<Readonly<A>>,
    options?: MapOptions,
  ): Promise<Awaited<R>[]>;
  starmap(fn: Function, iterable: Inputs<any>, options: MapOptions = {}): Promise<any[]> {
    return this.#collect('starmap', fn, iterable, options);
  }

  /**
   * `map` that gives its results one by one, in the order of the inputs, while others are still running.
   *
   * The inputs are read only so far ahead as keeps the workers busy: an endless iterable is fine, and a slow consumer slows
   * the workers down. `next()` rejects for an item that failed and can be called again for those after it; see
   * {@link ResultIterator}. With `settle: true` it gives outcomes instead. Throws as `apply` rejects.
   *
   * @example
   * for await (const page of pool.imap(render, pages)) write(page);
   */
  imap<T, R>(fn: (item: T) => R, iterable: Inputs<T>, options: SettleOptions): ResultIterator<Settled<Awaited<R>>>;
  imap<T, R>(fn: (item: T) => R, iterable: Inputs<T>, options?: MapOptions): ResultIterator<Awaited<R>>;
  imap(fn: Function, iterable: Inputs<unknown>, options: MapOptions = {}): ResultIterator<any> {
    return this.#iterate('imap', fn, iterable, options);
  }

  /**
   * `imap` that gives each result as soon as it is there, whatever its place among the inputs.
   *
   * @example
   * for await (const { status, index } of pool.imapUnordered(check, urls, { settle: true })) console.log(index, status);
   */
  imapUnordered<T, R>(
    fn: (item: T) => R,
    iterable: Inputs<T>,
    options: SettleOptions,
  ): ResultIterator<Settled<Awaited<R>>>;
  imapUnordered<T, R>(fn: (item: T) => R, iterable: Inputs<T>, options?: MapOptions): ResultIterator<Awaited<R>>;
  imapUnordered(fn: Function, iterable: Inputs<unknown>, options: MapOptions = {}): ResultIterator<any> {
    return this.#iterate('imapUnordered', fn, iterable, options);
  }

  /**
   * As {@link apply}, giving a result that can be asked how it stands. Python's `apply_async`; in JavaScript a promise mostly is
   * enough.
   *
   * @example
   * const result = pool.applyAsync(render, [page], { callback: show });
   */
  applyAsync<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    ...[args, options]: [] extends A
      ? [args?: Readonly<A>, options?: ApplyOptions & AsyncCallbacks<Awaited<R>>]
      : [args: Readonly<A>, options?: ApplyOptions & AsyncCallbacks<Awaited<R>>]
  ): AsyncResult<Awaited<R>> {
    const { callback, errorCallback, ...rest } = options ?? {};
    return new AsyncResult((this.apply as Function).call(this, fn, args, rest), { callback, errorCallback });
  }

  /** As {@link map}, giving a result that can be asked how it stands. */
  mapAsync<T, R>(
    fn: (item: T) => R,
    iterable: Inputs<T>,
    { callback, errorCallback, ...options }: MapOptions & AsyncCallbacks<Awaited<R>[]> = {},
  ): AsyncResult<Awaited<R>[]> {
    return new AsyncResult(this.map(fn, iterable, options), { callback, errorCallback });
  }

  /** As {@link starmap}, giving a result that can be asked how it stands. */
  starmapAsync<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    iterable: Inputs<Readonly<A>>,
    { callback, errorCallback, ...options }: MapOptions & AsyncCallbacks<Awaited<R>[]> = {},
  ): AsyncResult<Awaited<R>[]> {
    return new AsyncResult(this.starmap(fn, iterable, options), { callback, errorCallback });
  }

  /** Takes no more work; the workers end when they have done what there is. Closing twice is fine. */
  close(): void {
    this.#engine.close();
    // A consumer that got an error and went away would otherwise never let its map end.
    for (const stream of this.#streams.keys()) if (stream.isAbandoned) void stream.return();
  }

  /** Ends the workers at once; work that is not done is rejected with `ERR_MP_CANCELLED`. */
  terminate(): void {
    this.#engine.terminate();
  }

  /**
   * Waits until all workers have ended, after `close()` or `terminate()`. Throws `ERR_MP_POOL_RUNNING` otherwise.
   *
   * Results of an `imap` that nobody has asked for yet are kept for its consumer: their number is no longer limited.
   */
  async join(): Promise<void> {
    if (this.#engine.state === 'running') throw new MultiprocessError('ERR_MP_POOL_RUNNING', 'Pool is still running');
    for (const [stream, job] of this.#streams) {
      stream.liftLimit();
      this.#engine.arrived(job);
    }
    await this.#engine.join();
  }

  /** What the pool is doing just now. */
  stats(): PoolStats {
    return statsOf(this.#engine);
  }

  /** `await using`: waits until all work is done, then until the workers have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.join();
  }

  /** What the workers are. @internal */
  protected startHost({ context }: PoolOptions<any>): StartHost {
    return processHosts(context?.Process ?? Process);
  }

  #collect(kind: 'map' | 'starmap', fn: Function, iterable: Inputs<unknown>, options: MapOptions): Promise<unknown[]> {
    try {
      const list = new ResultList(options.settle === true);
      this.#engine.submit(this.#mapping(kind, fn, iterable, options, list), endingsOf(options));
      return list.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #iterate(
    kind: 'imap' | 'imapUnordered',
    fn: Function,
    iterable: Inputs<unknown>,
    options: MapOptions,
  ): ResultIterator<unknown> {
    const stream: ResultStream = new ResultStream({
      ordered: kind === 'imap',
      settleEach: options.settle === true,
      window: () => this.#engine.crew.size * job.itemsAhead,
      onTaken: () => this.#engine.arrived(job),
      onReturn: () => this.#engine.drop(job),
      onEnd: () => this.#streams.delete(stream),
    });
    const job = this.#mapping(kind, fn, iterable, options, stream);
    this.#engine.submit(job, endingsOf(options));
    if (!stream.hasEnded) this.#streams.set(stream, job);
    return stream;
  }

  #mapping(
    kind: 'map' | 'starmap' | 'imap' | 'imapUnordered',
    fn: Function,
    iterable: Inputs<unknown>,
    options: MapOptions,
    sink: Sink,
  ): Mapping {
    checkMap(fn, iterable, options as Record<string, unknown>);
    this.#engine.checkOpen();
    const { chunkSize, kwargs } = options;
    const terms = { ...termsOf(options), chunkSize, kwargs };
    return new Mapping(this[kind], fn, iterable, kind, sink, terms, (job) => this.#engine.arrived(job));
  }
}

registerUnsendable(
  Pool,
  'and pool objects cannot be passed between processes',
  'make a pool in the process that uses it',
);
