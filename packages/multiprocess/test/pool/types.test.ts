/** What the compiler infers; checked by `npm run typecheck`, run for nothing. */
import { test } from 'node:test';
import {
  type AsyncResult,
  asCompleted,
  type Future,
  Pool,
  type ProcessPoolExecutor,
  type ResultIterator,
  type Settled,
  waitFutures,
} from '../../dist/index.js';

function equal<T>() {
  return <U>(_value: U, ..._same: [T] extends [U] ? ([U] extends [T] ? [] : [never]) : [never]) => {};
}

async function compiles(pool: Pool): Promise<void> {
  equal<Promise<string[]>>()(pool.map((x: number) => String(x), [1, 2]));
  equal<Promise<number[]>>()(pool.map(async (x: string) => x.length, new Set(['a'])));
  equal<Promise<number>>()(pool.apply((a: number, b: number) => a + b, [1, 2]));
  equal<Promise<number>>()(pool.apply(() => 1));
  equal<Promise<number>>()(pool.apply((a?: number) => a ?? 1));
  equal<Promise<number[]>>()(pool.starmap(Math.pow, [[1, 2]]));
  equal<ResultIterator<string>>()(pool.imap((x: number) => `${x}`, [1]));
  equal<ResultIterator<Settled<string>>>()(pool.imapUnordered((x: number) => `${x}`, [1], { settle: true }));
  equal<Promise<Settled<number>[]>>()(pool.map((x: number) => x, [1], { settle: true }));
  for await (const text of pool.imap(async (x: number) => `${x}`, [1])) equal<string>()(text);

  // @ts-expect-error the inputs are not what the function takes
  pool.map((x: number) => x, ['a']);
  // @ts-expect-error arguments are missing
  pool.apply((a: number, b: number) => a + b, [1]);
  // @ts-expect-error arguments are missing altogether
  pool.apply((a: number) => a);
  // @ts-expect-error unknown option
  pool.map((x: number) => x, [1], { chunksize: 1 });
  new Pool(1, { initializer: (a: number) => a, initArgs: [1] });
}

async function executorsCompile(pool: Pool, executor: ProcessPoolExecutor): Promise<void> {
  const add = (a: number, b: string) => `${a}${b}`;
  equal<Future<string>>()(executor.submit(add, 1, 'a'));
  equal<Future<number>>()(executor.submit(async (x: number) => x, 1));
  equal<Future<string>>()(executor.submitWith({ timeout: 5, retries: 1 }, add, 1, 'a'));
  equal<string>()(await executor.submit(add, 1, 'a'));
  equal<ResultIterator<string>>()(executor.map(add, [1, 2], new Set(['a'])));
  equal<ResultIterator<string>>()(executor.map(add, [1, 2], ['a'], { bufferSize: 4 }));
  equal<AsyncResult<string>>()(pool.applyAsync(add, [1, 'a']));
  equal<AsyncResult<string[]>>()(pool.mapAsync((x: number) => `${x}`, [1]));
  equal<AsyncResult<string[]>>()(pool.starmapAsync(add, [[1, 'a']]));

  // @ts-expect-error the second argument is a string
  executor.submit(add, 1, 2);
  // @ts-expect-error arguments are missing
  executor.submit(add, 1);
  // @ts-expect-error the second inputs are strings
  executor.map(add, [1], [2]);
  // @ts-expect-error unknown option
  executor.submitWith({ timeOut: 5 }, add, 1, 'a');
  // @ts-expect-error the callback gets a string
  pool.applyAsync(add, [1, 'a'], { callback: (x: number) => x });
}

/** `for await` awaits nothing that comes by an async iterator, though the compiler thinks so of what is awaitable. */
async function futuresCompile(executor: ProcessPoolExecutor): Promise<void> {
  const files = new Map<Future<number>, string>();
  const size = (path: string) => path.length;
  for (const path of ['a', 'b']) files.set(executor.submit(size, path), path);
  for await (const future of asCompleted(files.keys())) {
    equal<string | undefined>()(files.get(future));
    equal<number>()(await future.result());
    equal<boolean>()(future.cancelled());
    const same: Future<number> = future;
    equal<number>()(await same);
    // @ts-expect-error it is a future, not a number
    equal<number>()(future);
  }
  const { done } = await waitFutures(files.keys());
  for (const future of done) equal<number>()(await future);
}

test('types', () => void [compiles, executorsCompile, futuresCompile]);
