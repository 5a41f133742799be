/** CPython: _test_multiprocessing.py, _TestQueue and _TestPool, with the proxies of a manager. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { PoolProxy, SyncManager } from 'multiprocess';
import { collect } from '../pool/helper.ts';
import { crew, start } from '../sync/crew.ts';
import { conformsManaged } from './managed.ts';
import { range, releasesTaskRefs, sqr, squares } from './pool-kinds.ts';

const WAY = 'forkserver';
const FULL = { code: 'ERR_MP_QUEUE_FULL' };
const EMPTY = { code: 'ERR_MP_QUEUE_EMPTY' };
const TIMEOUT = 100;

/** How long `act` takes, which fails as `expected`. */
async function timed(expected: object, act: () => unknown): Promise<number> {
  const began = performance.now();
  await assert.rejects(async () => act(), expected);
  return performance.now() - began;
}

const atOnce = (ms: number) => assert.ok(ms < 5000, `${ms} ms`);
const inTime = (ms: number) => assert.ok(ms >= TIMEOUT - 2 && ms < 50 * TIMEOUT, `${ms} ms`);

conformsManaged('_TestQueue', 'test_put', async (manager) => {
  const queue = await manager.Queue<number>(6);
  const [startNow, mayGoOn] = [await manager.Event(), await manager.Event()];
  const child = start(WAY, async () => {
    await startNow.wait();
    for (let i = 0; i < 6; i++) queue.getSync();
    await mayGoOn.set();
  });
  assert.deepEqual([await queue.isEmpty(), await queue.isFull()], [true, false]);
  queue.putSync(1);
  await queue.put(2);
  queue.putSync(3, {});
  await queue.put(4, Number.POSITIVE_INFINITY);
  assert.equal(await queue.tryPut(5), true);
  await queue.putNowait(6);
  assert.deepEqual([await queue.isEmpty(), queue.isFullSync()], [false, true]);
  atOnce(await timed(FULL, () => queue.putNowait(7)));
  atOnce(await timed(FULL, () => queue.put(7, 0)));
  atOnce(await timed(FULL, () => queue.putSync(7, -1)));
  inTime(await timed(FULL, () => queue.putSync(7, TIMEOUT)));
  inTime(await timed(FULL, () => queue.put(7, { timeout: TIMEOUT })));
  await startNow.set();
  await mayGoOn.wait();
  assert.deepEqual([await queue.isEmpty(), await queue.isFull()], [true, false]);
  await child.result;
});

conformsManaged('_TestQueue', 'test_get', async (manager) => {
  const queue = await manager.Queue<number>();
  const child = start(WAY, async () => {
    for (const i of [2, 3, 4]) queue.putSync(i);
    await queue.put(5);
  });
  await child.result;
  assert.equal(queue.isEmptySync(), false);
  assert.deepEqual([await queue.get(), queue.getSync({}), await queue.get(1000), queue.getNowaitSync()], [2, 3, 4, 5]);
  assert.equal(await queue.isEmpty(), true);
  atOnce(await timed(EMPTY, () => queue.getNowait()));
  atOnce(await timed(EMPTY, () => queue.getSync(0)));
  atOnce(await timed(EMPTY, () => queue.get(-1)));
  inTime(await timed(EMPTY, () => queue.getSync(TIMEOUT)));
  inTime(await timed(EMPTY, () => queue.get({ timeout: TIMEOUT })));
});

conformsManaged('_TestQueue', 'test_fork', async (manager) => {
  const queue = await manager.Queue<number>();
  for (let i = 0; i < 10; i++) await queue.put(i);
  await start(WAY, () => {
    for (let i = 10; i < 20; i++) queue.putSync(i);
  }).result;
  for (let i = 0; i < 20; i++) assert.equal(await queue.get(), i);
  await assert.rejects(queue.getNowait(), EMPTY);
});

conformsManaged('_TestQueue', 'test_qsize', async (manager) => {
  const queue = await manager.Queue<number>();
  const sizes = [await queue.size()];
  for (const act of [() => queue.put(1), () => queue.put(5), () => queue.get(), () => queue.get()]) {
    await act();
    sizes.push(queue.sizeSync());
  }
  assert.deepEqual(sizes, [0, 1, 2, 1, 0]);
});

conformsManaged('_TestQueue', 'test_task_done', async (manager) => {
  const queue = await manager.JoinableQueue<number | null>();
  const workers = crew(WAY, 4, async () => {
    let done = 0;
    for (; (await queue.get()) !== null; done++) await queue.taskDone();
    return done;
  });
  for (let i = 0; i < 10; i++) await queue.put(i);
  assert.equal(await queue.join(), true);
  assert.equal(await queue.unfinished(), 0);
  for (let i = 0; i < 4; i++) queue.putSync(null);
  assert.equal(
    (await workers).reduce((a, b) => a + b),
    10,
  );
});

conformsManaged('_TestQueue', 'test_timeout', async (manager) => {
  const queue = await manager.Queue();
  inTime(await timed(EMPTY, () => queue.getSync(TIMEOUT)));
});

const mul = (x: number, y: number) => x * y;
const raising = () => {
  throw new RangeError('key');
};
const pairs = range(50).map((i) => [i, 49 - i] as const);
const products = pairs.map(([a, b]) => a * b);

/** The pool that cases share which leave it as it was. */
let shared: Promise<PoolProxy> | undefined;

const onPool: Record<string, (pool: PoolProxy, manager: SyncManager) => Promise<void>> = {
  async test_apply(pool) {
    assert.equal(await pool.apply(sqr, [5]), 25);
    assert.equal(pool.applySync(sqr, [6]), 36);
    const add = (x: number, options?: any) => x + options.y;
    assert.equal(await pool.apply(add, [5], { kwargs: { y: 3 } }), 8);
  },

  async test_map(pool) {
    assert.deepEqual(await pool.map(sqr, range(10)), squares(10));
    assert.deepEqual(pool.mapSync(sqr, range(100), { chunkSize: 20 }), squares(100));
  },

  async test_starmap(pool) {
    assert.deepEqual(await pool.starmap(mul, pairs), products);
    assert.deepEqual(await pool.starmap(mul, pairs, { chunkSize: 20 }), products);
  },

  async test_starmap_async(pool) {
    assert.deepEqual(await (await pool.starmapAsync(mul, pairs)).get(), products);
  },

  async test_map_async(pool) {
    const result = await pool.mapAsync(sqr, range(10));
    assert.equal(await result.wait(), true);
    assert.deepEqual([await result.ready(), await result.successful(), result.getSync()], [true, true, squares(10)]);
  },

  async test_map_async_callbacks(pool, manager) {
    const got = await manager.list<unknown>();
    const called = await manager.Semaphore(0);
    const tell = async (what: unknown) => {
      await got.append(what);
      await called.release();
    };
    for (const [fn, inputs] of [
      [Number, ['1']],
      [raising, [1, 2]],
    ] as const) {
      await (await pool.mapAsync(fn, inputs, { callback: tell, errorCallback: tell })).wait();
      assert.ok(await called.acquire(60_000));
    }
    const [first, second, ...more] = await got.copy();
    assert.deepEqual([first, more], [[1], []]);
    assert.ok(second instanceof RangeError);
  },

  async test_map_unplicklable(pool) {
    await assert.rejects(
      pool.map((x) => x, [new WeakRef({}), new WeakRef({})]),
      { code: 'ERR_MP_CAPTURE' },
    );
  },

  async test_map_chunksize(pool) {
    assert.deepEqual(await (await pool.mapAsync(sqr, [], { chunkSize: 1 })).get(10_000), []);
  },

  async test_async(pool) {
    const began = performance.now();
    const result = await pool.applyAsync(sqr, [7, 100]);
    assert.equal(await result.get(10_000), 49);
    assert.ok(performance.now() - began >= 99);
  },

  async test_imap(pool) {
    assert.deepEqual(await collect(await pool.imap(sqr, range(10))), squares(10));
    const results = await pool.imap(sqr, range(20), { chunkSize: 10 });
    for (const square of squares(20)) assert.equal((await results.next()).value, square);
    assert.deepEqual(await results.next(), { done: true, value: undefined });
  },

  async test_imap_unordered(pool) {
    for (const options of [{}, { chunkSize: 10 }]) {
      const results = await collect(await pool.imapUnordered(sqr, range(20), options));
      assert.deepEqual(new Set(results), new Set(squares(20)));
    }
  },

  async test_empty_iterable(pool) {
    assert.deepEqual(await pool.map(sqr, []), []);
    assert.deepEqual(await collect(await pool.imap(sqr, [])), []);
    assert.deepEqual(await collect(await pool.imapUnordered(sqr, [])), []);
    assert.deepEqual(await (await pool.mapAsync(sqr, [])).get(), []);
  },

  async test_traceback(pool) {
    const error = await pool.apply(raising).catch((error: unknown) => error);
    assert.ok(error instanceof RangeError);
    assert.match(error.stack!, /at raising .*managed-queues\.test\.ts/);
    assert.equal(error.stack!.match(/--- process /g)?.length, 2, 'the worker, the manager, and this process');
  },

  test_release_task_refs: releasesTaskRefs,
};

for (const [name, body] of Object.entries(onPool)) {
  conformsManaged('_TestPool', name, async (manager) => {
    shared ??= manager.Pool(2);
    await body(await shared, manager);
  });
}

conformsManaged('_TestPool', 'test_async_timeout', async (manager) => {
  const pool = await manager.Pool(1);
  const result = await pool.applyAsync(sqr, [6, 60_000]);
  await assert.rejects(result.get(20), { code: 'ERR_MP_TIMEOUT' });
  await pool.terminate();
});

conformsManaged('_TestPool', 'test_make_pool', async (manager) => {
  for (const size of [-1, 0]) await assert.rejects(manager.Pool(size), { code: 'ERR_MP_INVALID_ARG' });
});

conformsManaged('_TestPool', 'test_terminate', async (manager) => {
  const pool = await manager.Pool(2);
  const result = await pool.mapAsync((ms: number) => delay(ms), Array(1000).fill(60_000), { chunkSize: 1 });
  await pool.terminate();
  await pool.join();
  await assert.rejects(result.get(), { code: 'ERR_MP_CANCELLED' });
});

conformsManaged('_TestPool', 'test_context', async (manager) => {
  const pool = await manager.Pool(1);
  const result = await pool.mapAsync(sqr, range(10));
  await pool[Symbol.asyncDispose](); // `await using`
  assert.deepEqual(await result.get(), squares(10));
  await assert.rejects(pool.map(sqr, [1]), { code: 'ERR_MP_CLOSED' });
});

conformsManaged('_TestPool', 'test_map_no_failfast', async (manager) => {
  const pool = await manager.Pool(2);
  const work = async (i: number) => {
    if (i === 0) throw new Error('first');
    return delay(50, i);
  };
  const finished = pool.map(work, [0, 1, 2, 3], { chunkSize: 1, settle: true });
  await pool.close();
  await pool.join();
  const outcomes = await finished;
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
  );
});
