import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Barrier, getContext, Pool, processCpuCount } from '../../dist/index.js';
import { closePoolsAfterEach, collect, openPool } from './helper.ts';

const pool = openPool(2);
closePoolsAfterEach(pool);

const square = (x: number) => x * x;

test('apply runs a function elsewhere', async () => {
  assert.equal(await pool.apply(square, [7]), 49);
  assert.notEqual(await pool.apply(() => process.pid), process.pid);
});

test('apply takes closures, async functions and exports of modules', async () => {
  let k = 3;
  const sent = pool.apply((x: number) => x * k, [5]);
  k = 100; // captured before
  assert.equal(await sent, 15);
  assert.equal(await pool.apply(async (x: number) => (await null) ?? x + 1, [1]), 2);
  assert.equal(await pool.apply(Math.max, [1, 5, 3]), 5);
});

test('map keeps the order of its inputs', async () => {
  const inputs = Array.from({ length: 5000 }, (_, i) => i);
  assert.deepEqual(await pool.map(square, inputs), inputs.map(square));
  assert.deepEqual(await pool.map(square, inputs, { chunkSize: 7 }), inputs.map(square));
  assert.deepEqual(await pool.map(square, new Set([3, 1, 2])), [9, 1, 4]);
});

test('map keeps the order when the first tasks take longest', async () => {
  const wait = async (ms: number) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ms;
  };
  assert.deepEqual(await pool.map(wait, [30, 1, 15, 1, 1]), [30, 1, 15, 1, 1]);
});

test('starmap spreads its inputs', async () => {
  assert.deepEqual(
    await pool.starmap(Math.pow, [
      [2, 3],
      [3, 2],
    ]),
    [8, 9],
  );
});

test('imap gives results in order, imapUnordered as they come', async () => {
  const slowFirst = async (x: number) => {
    if (x === 0) await new Promise((resolve) => setTimeout(resolve, 1000));
    return x;
  };
  const inputs = [0, 1, 2, 3, 4, 5];
  assert.deepEqual(await collect(pool.imap(slowFirst, inputs)), inputs);
  const unordered = await collect(pool.imapUnordered(slowFirst, inputs, { chunkSize: 1 }));
  assert.equal(unordered[0], 1);
  assert.equal(unordered.at(-1), 0, 'nobody waits for the slow one');
  assert.deepEqual(unordered.toSorted(), inputs);
});

test('nothing in, nothing out', async () => {
  assert.deepEqual(await pool.map(square, []), []);
  assert.deepEqual(await pool.starmap(Math.pow, []), []);
  assert.deepEqual(await collect(pool.imap(square, [])), []);
  assert.deepEqual(await collect(pool.imapUnordered(square, new Set<number>())), []);
  assert.deepEqual(await pool.map(square, (async function* (): AsyncGenerator<number> {})()), []);
});

test('inputs may come from generators, sync and async', async () => {
  function* count() {
    for (let i = 0; i < 100; i++) yield i;
  }
  async function* countSlowly() {
    for (let i = 0; i < 100; i++) {
      if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      yield i;
    }
  }
  const expected = Array.from(count(), square);
  assert.deepEqual(await pool.map(square, count()), expected);
  assert.deepEqual(await pool.map(square, countSlowly()), expected);
  assert.deepEqual(await collect(pool.imap(square, countSlowly())), expected);
});

test('a function is captured once per map, and its variables live as long in a worker', async () => {
  let count = 0;
  const counts = await pool.map(() => ++count, Array.from({ length: 1000 }));
  assert.equal(count, 0);
  assert.ok(Math.max(...counts) >= 500, 'one of two workers has run at least half of them');
  assert.equal(Math.max(...(await pool.map(() => ++count, [1]))), 1, 'the next map begins anew');
});

test('large inputs and results', async () => {
  const size = 50 * 2 ** 20;
  const buffer = await pool.apply((n: number) => new Uint8Array(n).fill(7), [size]);
  assert.equal(buffer.length, size);
  assert.ok(buffer[0] === 7 && buffer[size - 1] === 7);
  assert.equal(await pool.apply((bytes: Uint8Array) => bytes.length + bytes[12345]!, [buffer]), size + 7);
});

test('more answers than a ring can hold, while the parent is busy', async () => {
  const inputs = Array.from({ length: 400 }, (_, i) => i);
  const mapping = pool.map((i: number) => `${i}`.padEnd(5000, 'x'), inputs, { chunkSize: 100 });
  await new Promise((resolve) => setImmediate(resolve));
  for (const end = Date.now() + 200; Date.now() < end; );
  const results = await mapping;
  assert.deepEqual(
    results.map((text) => Number.parseInt(text, 10)),
    inputs,
  );
});

test('progress counts up to the total', async () => {
  const seen: number[] = [];
  await pool.map(square, [1, 2, 3, 4], {
    onProgress: ({ done, total }) => {
      seen.push(done);
      assert.equal(total, 4);
    },
  });
  assert.deepEqual(seen, [1, 2, 3, 4]);
});

test('many maps at once', async () => {
  const maps = Array.from({ length: 20 }, (_, n) => pool.map((x: number) => x + n, [1, 2, 3]));
  assert.deepEqual(
    await Promise.all(maps),
    maps.map((_, n) => [1 + n, 2 + n, 3 + n]),
  );
});

test('tasks that wait for each other run at the same time', async () => {
  const four = openPool(4);
  for (let round = 0; round < 5; round++) {
    const together = new Barrier(4);
    const pids = await four.map(async () => {
      await together.wait();
      return process.pid;
    }, [1, 2, 3, 4]);
    assert.equal(new Set(pids).size, 4);
  }
});

test('the default size is the number of usable processors', async () => {
  const byDefault = openPool();
  assert.equal(byDefault.stats().size, processCpuCount());
  assert.equal(byDefault.stats().pids.length, processCpuCount());
});

test('a context decides how workers start', async () => {
  const spawned = openPool(1, { context: getContext('spawn') });
  assert.equal(await spawned.apply(square, [3]), 9);
  const bound = new (getContext('spawn').Pool)(1);
  assert.equal(await bound.apply(square, [4]), 16);
  bound.terminate();
  await bound.join();
});

test('workers have names, and their title', async () => {
  const name = await pool.apply(() => process.title);
  assert.match(name, /^PoolWorker-\d+$/);
});

test('a worker may have a pool of its own', async () => {
  const sum = await pool.apply(async () => {
    const inner = new Pool(1);
    const results = await inner.map((x: number) => x + 1, [1, 2]);
    await inner[Symbol.asyncDispose]();
    return results.join();
  });
  assert.equal(sum, '2,3');
});

test('stats', async () => {
  const fresh = openPool(2);
  await fresh.map(square, [1, 2, 3]);
  const { size, workers, running, queued, completed, failed, deaths } = fresh.stats();
  assert.deepEqual(
    { size, workers, running, queued, completed, failed, deaths },
    { size: 2, workers: 2, running: 0, queued: 0, completed: 3, failed: 0, deaths: 0 },
  );
});
