/** Waiting for several futures. CPython: concurrent.futures.wait, as_completed. */
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { cancelled, limited, type WaitOptions, waitOptions } from '../timeout.ts';
import { Future } from './future.ts';

export const FIRST_COMPLETED = 'FIRST_COMPLETED';
export const FIRST_EXCEPTION = 'FIRST_EXCEPTION';
export const ALL_COMPLETED = 'ALL_COMPLETED';
const CONDITIONS = [ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION] as const;

export interface WaitFuturesOptions extends WaitOptions {
  /** When to return: FIRST_EXCEPTION also when all are done. A cancelled future is no exception. @default ALL_COMPLETED */
  returnWhen?: (typeof CONDITIONS)[number];
}

/**
 * Waits until futures are done, or `timeout` ms have passed; resolves with those that are and those that are not, each once.
 * Rejects with `ERR_MP_CANCELLED` by the `signal`, and with `ERR_MP_INVALID_ARG`.
 *
 * @example
 * const { done } = await waitFutures(futures, { returnWhen: FIRST_COMPLETED });
 */
export async function waitFutures<F extends Future<any>>(
  futures: Iterable<F>,
  { returnWhen = ALL_COMPLETED, ...rest }: WaitFuturesOptions = {},
): Promise<{ done: Set<F>; notDone: Set<F> }> {
  if (!CONDITIONS.includes(returnWhen)) {
    throw new MultiprocessError(
      'ERR_MP_INVALID_ARG',
      `Invalid return condition: '${returnWhen}'; accepted are ${CONDITIONS.join(', ')}`,
    );
  }
  const { timeout = Infinity, signal } = waitOptions(rest);
  const all = checked(futures);
  const isOver = () => {
    const done = [...all].filter((future) => future.done());
    if (returnWhen === FIRST_COMPLETED && done.length > 0) return true;
    if (returnWhen === FIRST_EXCEPTION && done.some((future) => future.failed && !future.cancelled())) return true;
    return done.length === all.size;
  };
  if (signal?.aborted) throw cancelled(signal);
  if (!isOver() && timeout > 0) await changed(all, isOver, { timeout, signal });
  const done = new Set([...all].filter((future) => future.done()));
  return { done, notDone: new Set([...all].filter((future) => !done.has(future))) };
}

/**
 * A future as `asCompleted` gives it. TypeScript takes what `for await` gives for awaited, which a future that comes by an async
 * iterator is not: so here its `then` is hidden from the compiler. Ask for `result()`, where an `await` would do, too, but has no type.
 */
export type Completed<F extends Future<any>> = F & { then: any };

/**
 * Gives each future once, as soon as it is done, those that are done first. `next()` rejects with `ERR_MP_TIMEOUT` when they are
 * not all done `timeout` ms after the first was asked for, and with `ERR_MP_CANCELLED` by a `signal`. Throws `ERR_MP_INVALID_ARG`.
 *
 * @example
 * for await (const future of asCompleted(futures)) console.log(await future.result());
 */
export function asCompleted<F extends Future<any>>(
  futures: Iterable<F>,
  timeout?: number | WaitOptions,
): AsyncIterableIterator<Completed<F>, undefined, undefined> {
  return new Completions<Completed<F>>(checked(futures), waitOptions(timeout));
}

/** Not an async generator: that would wait for a future that it yields, because futures are awaitable, and give its result. */
class Completions<F extends Future<any>> implements AsyncIterableIterator<F, undefined, undefined> {
  readonly #options: WaitOptions;
  readonly #count: number;
  #given = 0;
  #deadline: number | undefined;
  readonly #ready: F[] = [];
  readonly #unwatch: (() => void)[];
  #wake = () => {};
  /** Calls of `next` take turns. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(futures: Set<F>, options: WaitOptions) {
    this.#options = options;
    this.#count = futures.size;
    this.#unwatch = [...futures].map((future) =>
      future.watch(() => {
        this.#ready.push(future);
        this.#wake();
      }),
    );
  }

  next(): Promise<IteratorResult<F, undefined>> {
    this.#deadline ??= performance.now() + (this.#options.timeout ?? Number.POSITIVE_INFINITY);
    const next = this.#last.then(() => this.#next());
    this.#last = next.catch(() => this.#end());
    return next;
  }

  async return(): Promise<IteratorResult<F, undefined>> {
    this.#end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #next(): Promise<IteratorResult<F, undefined>> {
    if (this.#given === this.#count) return { done: true, value: undefined };
    if (this.#ready.length === 0) {
      const timeout = this.#deadline! - performance.now();
      await limited<void>({ ...this.#options, timeout }, NOTHING, ({ resolve }) => {
        this.#wake = resolve;
      });
    }
    const value = this.#ready.shift();
    if (value !== undefined) {
      this.#given++;
      return { done: false, value };
    }
    if (this.#given === this.#count) return { done: true, value: undefined }; // left meanwhile
    const message = `${this.#count - this.#given} (of ${this.#count}) futures unfinished`;
    throw new MultiprocessError('ERR_MP_TIMEOUT', message);
  }

  #end(): void {
    for (const end of this.#unwatch.splice(0)) end();
    this.#ready.length = 0;
    this.#given = this.#count;
    this.#wake();
  }
}

/** Resolves when `isOver` after one of them was done, or when the time is up. */
function changed(all: Set<Future<any>>, isOver: () => boolean, options: WaitOptions): Promise<void> {
  return limited(options, NOTHING, ({ resolve, ends }) => {
    for (const future of all) ends.push(future.watch(() => isOver() && resolve()));
  });
}

const NOTHING = () => {};

function checked<F extends Future<any>>(futures: Iterable<F>): Set<F> {
  if (typeof (futures as Iterable<F> | undefined)?.[Symbol.iterator] !== 'function') {
    throw invalidArgument('futures', 'an iterable of futures', futures);
  }
  const all = new Set(futures);
  for (const one of all) if (!(one instanceof Future)) throw invalidArgument('futures', 'an iterable of futures', one);
  return all;
}
