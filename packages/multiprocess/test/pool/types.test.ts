/** What the compiler infers; checked by `npm run typecheck`, run for nothing. */
import { test } from 'node:test';
import { Pool, type ResultIterator, type Settled } from '../../dist/index.js';

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

test('types', () => void compiles);
