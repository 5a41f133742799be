/** CPython: _test_multiprocessing.py, the classes about pools. Each case with processes and with threads. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool, type PoolOptions, ThreadPool } from 'multiprocess';
import { collect, runProgram, until } from '../pool/helper.ts';
import { collectUntil } from '../shared/support/collect.ts';
import { range, releasesTaskRefs, sqr, squares } from './pool-kinds.ts';
import { conformsOnce } from './support.ts';

/** The body, with a pool of processes and with one of threads. */
function withPools(processes: number, body: (pool: Pool) => Promise<void>, options: PoolOptions<any> = {}) {
  return async () => {
    for (const Class of [Pool, ThreadPool]) {
      const pool = new Class(processes, options);
      try {
        await body(pool);
      } finally {
        pool.terminate();
        await pool.join();
      }
    }
  };
}

const mul = (x: number, y: number) => x * y;
const raising = () => {
  throw new RangeError('key');
};
const BROKEN = /Somebody said when/;

/** An iterable of `total` numbers that throws at place `when`; -1: instead of giving an iterator. */
function exceptional(total: number, when: number): Iterable<number> {
  const error = () => new Error('Somebody said when');
  if (when === -1) {
    return {
      [Symbol.iterator]() {
        throw error();
      },
    };
  }
  return (function* () {
    for (let i = 0; i < total; i++) {
      if (i === when) throw error();
      yield i;
    }
  })();
}

conformsOnce(
  '_TestPool',
  'test_apply',
  withPools(2, async (pool) => {
    assert.equal(await pool.apply(sqr, [5]), 25);
    const add = (x: number, options?: any) => x + options.y;
    assert.equal(await pool.apply(add, [5], { kwargs: { y: 3 } }), 8);
  }),
);

conformsOnce(
  '_TestPool',
  'test_map',
  withPools(2, async (pool) => {
    assert.deepEqual(await pool.map(sqr, range(10)), squares(10));
    assert.deepEqual(await pool.map(sqr, range(100), { chunkSize: 20 }), squares(100));
  }),
);

conformsOnce(
  '_TestPool',
  'test_starmap',
  withPools(2, async (pool) => {
    const pairs = range(100).map((i) => [i, 99 - i] as const);
    assert.deepEqual(
      await pool.starmap(mul, pairs.slice(0, 10)),
      pairs.slice(0, 10).map(([a, b]) => a * b),
    );
    assert.deepEqual(
      await pool.starmap(mul, pairs, { chunkSize: 20 }),
      pairs.map(([a, b]) => a * b),
    );
  }),
);

conformsOnce(
  '_TestPool',
  'test_starmap_async',
  withPools(2, async (pool) => {
    const pairs = range(100).map((i) => [i, i] as const);
    assert.deepEqual(await pool.starmapAsync(mul, pairs).get(), squares(100));
  }),
);

conformsOnce(
  '_TestPool',
  'test_map_async',
  withPools(2, async (pool) => {
    assert.deepEqual(await pool.mapAsync(sqr, range(10)).get(), squares(10));
  }),
);

conformsOnce(
  '_TestPool',
  'test_map_async_callbacks',
  withPools(2, async (pool) => {
    const got: unknown[] = [];
    const callback = (result: unknown) => got.push(result);
    const errorCallback = (error: unknown) => got.push(error);
    await pool.mapAsync(Number, ['1'], { callback, errorCallback }).wait();
    assert.deepEqual(got, [[1]]);
    await pool.mapAsync(raising, [1, 2], { callback, errorCallback }).wait();
    assert.equal(got.length, 2);
    assert.ok(got[1] instanceof RangeError);
  }),
);

conformsOnce(
  '_TestPool',
  'test_map_unplicklable',
  withPools(2, async (pool) => {
    await assert.rejects(
      pool.map((x) => x, [new WeakRef({}), new WeakRef({})]),
      { code: 'ERR_MP_CAPTURE' },
    );
  }),
);

conformsOnce(
  '_TestPool',
  'test_map_chunksize',
  withPools(1, async (pool) => {
    assert.deepEqual(await pool.mapAsync(sqr, [], { chunkSize: 1 }).get(10_000), []);
  }),
);

conformsOnce(
  '_TestPool',
  'test_map_handle_iterable_exception',
  withPools(2, async (pool) => {
    await assert.rejects(pool.map(sqr, exceptional(1, -1)), BROKEN);
    await assert.rejects(pool.map(sqr, exceptional(10, 5)), BROKEN);
    await assert.rejects(pool.map(sqr, exceptional(10, 9), { chunkSize: 3 }), BROKEN);
    assert.deepEqual(await pool.map(sqr, [2]), [4]);
  }),
);

conformsOnce(
  '_TestPool',
  'test_async',
  withPools(1, async (pool) => {
    const start = performance.now();
    const result = pool.applyAsync(sqr, [7, 100]);
    assert.equal(result.ready(), false);
    assert.equal(await result.get(10_000), 49);
    assert.ok(performance.now() - start >= 99);
  }),
);

conformsOnce(
  '_TestPool',
  'test_async_timeout',
  withPools(1, async (pool) => {
    const result = pool.applyAsync(sqr, [6, 60_000]);
    await assert.rejects(result.get(20), { code: 'ERR_MP_TIMEOUT' });
  }),
);

conformsOnce(
  '_TestPool',
  'test_imap',
  withPools(2, async (pool) => {
    assert.deepEqual(await collect(pool.imap(sqr, range(10))), squares(10));
    const results = pool.imap(sqr, range(100), { chunkSize: 10 });
    for (const square of squares(100)) assert.equal((await results.next()).value, square);
    assert.deepEqual(await results.next(), { done: true, value: undefined });
  }),
);

conformsOnce(
  '_TestPool',
  'test_imap_handle_iterable_exception',
  withPools(2, async (pool) => {
    assert.throws(() => pool.imap(sqr, exceptional(1, -1)), BROKEN);
    for (const options of [{}, { chunkSize: 4 }]) {
      const results = pool.imap(sqr, exceptional(20, 7), options);
      for (const square of squares(7)) assert.equal((await results.next()).value, square);
      await assert.rejects(results.next(), BROKEN);
    }
  }),
);

conformsOnce(
  '_TestPool',
  'test_imap_unordered',
  withPools(2, async (pool) => {
    for (const options of [{}, { chunkSize: 10 }]) {
      assert.deepEqual(new Set(await collect(pool.imapUnordered(sqr, range(100), options))), new Set(squares(100)));
    }
  }),
);

conformsOnce(
  '_TestPool',
  'test_imap_unordered_handle_iterable_exception',
  withPools(2, async (pool) => {
    assert.throws(() => pool.imapUnordered(sqr, exceptional(1, -1)), BROKEN);
    const results = pool.imapUnordered(sqr, exceptional(10, 3));
    const got = [await results.next(), await results.next(), await results.next()].map(({ value }) => value);
    assert.deepEqual(new Set(got), new Set(squares(3)));
    await assert.rejects(results.next(), BROKEN);
  }),
);

conformsOnce('_TestPool', 'test_make_pool', async () => {
  for (const size of [-1, 0]) {
    for (const Class of [Pool, ThreadPool]) assert.throws(() => new Class(size), { code: 'ERR_MP_INVALID_ARG' });
  }
  const pool = new Pool(3);
  assert.equal(pool.stats().pids.length, 3);
  pool.close();
  await pool.join();
});

conformsOnce(
  '_TestPool',
  'test_terminate',
  withPools(3, async (pool) => {
    const result = pool.mapAsync((ms: number) => delay(ms), Array(10_000).fill(300), { chunkSize: 1 });
    pool.terminate();
    const start = performance.now();
    await pool.join();
    assert.ok(performance.now() - start < 30_000);
    await assert.rejects(result.get(), { code: 'ERR_MP_CANCELLED' });
  }),
);

conformsOnce(
  '_TestPool',
  'test_empty_iterable',
  withPools(1, async (pool) => {
    assert.deepEqual(await pool.map(sqr, []), []);
    assert.deepEqual(await collect(pool.imap(sqr, [])), []);
    assert.deepEqual(await collect(pool.imapUnordered(sqr, [])), []);
    assert.deepEqual(await pool.starmap(mul, []), []);
  }),
);

conformsOnce('_TestPool', 'test_context', async () => {
  for (const Class of [Pool, ThreadPool]) {
    const pool = new Class(2);
    const result = pool.mapAsync(sqr, range(10));
    await pool[Symbol.asyncDispose](); // `await using`: unlike Python's `with`, it waits for the work
    assert.deepEqual(await result.get(), squares(10));
    await assert.rejects(pool.map(sqr, [1]), { code: 'ERR_MP_POOL_CLOSED' });
  }
});

conformsOnce(
  '_TestPool',
  'test_traceback',
  withPools(1, async (pool) => {
    const error = await pool.apply(raising).catch((error) => error);
    assert.ok(error instanceof RangeError);
    assert.match(error.stack!, /at raising .*pools\.test\.ts/);
    if (!(pool instanceof ThreadPool)) assert.match(error.stack!, /--- process [\s\S]*pools\.test\.ts/);
    await assert.rejects(pool.map(raising, [1]), /key/);
  }),
);

conformsOnce(
  '_TestPool',
  'test_map_no_failfast',
  withPools(2, async (pool) => {
    const finished = pool.map(
      async (i: number) => {
        if (i === 0) throw new Error('first');
        await delay(50);
        return performance.timeOrigin + performance.now();
      },
      [0, 1, 2, 3],
      { chunkSize: 1, settle: true },
    );
    pool.close();
    await pool.join();
    const outcomes = await finished;
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
    );
  }),
);

conformsOnce('_TestPool', 'test_release_task_refs', withPools(2, releasesTaskRefs));

conformsOnce('_TestPool', 'test_resource_warning', async () => {
  // Without a warning: a pool that nobody can use any more closes itself.
  let pool: Pool | undefined = new Pool(1);
  const { pid } = await pool.apply(() => ({ pid: process.pid }));
  pool = undefined;
  const isGone = () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  };
  await collectUntil(isGone);
  await until(isGone, 'its worker has ended');
});

conformsOnce(
  '_TestPoolWorkerErrors',
  'test_async_error_callback',
  withPools(2, async (pool) => {
    let seen: unknown;
    const result = pool.applyAsync(raising, [], { errorCallback: (error) => (seen = error) });
    await assert.rejects(result.get(), RangeError);
    assert.ok(seen instanceof RangeError);
  }),
);

conformsOnce(
  '_TestPoolWorkerErrors',
  'test_unpickleable_result',
  withPools(2, async (pool) => {
    for (let i = 0; i < 20; i++) {
      let seen: any;
      const result = pool.applyAsync(() => new WeakRef({}), [], { errorCallback: (error) => (seen = error) });
      await assert.rejects(result.get(), { code: 'ERR_MP_CAPTURE' });
      assert.equal(seen.code, 'ERR_MP_CAPTURE');
    }
    assert.equal(pool.stats().deaths, 0);
  }),
);

conformsOnce('_TestPoolWorkerLifetime', 'test_pool_worker_lifetime', async () => {
  const pool = new Pool(3, { maxTasksPerChild: 10 });
  const before = new Set(pool.stats().pids);
  const results = range(100).map((i) => pool.applyAsync(sqr, [i]));
  for (const [i, result] of results.entries()) assert.equal(await result.get(), i * i);
  await until(() => pool.stats().pids.every((pid) => !before.has(pid)), 'all workers have been replaced');
  assert.equal(pool.stats().deaths, 0);
  pool.close();
  await pool.join();
});

conformsOnce(
  '_TestPoolWorkerLifetime',
  'test_pool_worker_lifetime_early_close',
  withPools(
    3,
    async (pool) => {
      const results = range(6).map((i) => pool.applyAsync(sqr, [i, 10]));
      pool.close();
      await pool.join();
      for (const [i, result] of results.entries()) assert.equal(await result.get(0), i * i);
    },
    { maxTasksPerChild: 1 },
  ),
);

conformsOnce('_TestPoolWorkerLifetime', 'test_pool_maxtasksperchild_invalid', () => {
  for (const limit of [0, -1, 0.5, '12']) {
    assert.throws(() => new Pool(3, { maxTasksPerChild: limit as number }), { code: 'ERR_MP_INVALID_ARG' });
  }
});

conformsOnce('_TestPoolWorkerLifetime', 'test_worker_finalization_via_atexit_handler_of_multiprocessing', async () => {
  const { code, stdout, stderr } = await runProgram(`
      globalThis.pool = new mp.Pool(1, { maxTasksPerChild: 1 });
      console.log(await pool.apply(Math.abs, [-1]), await pool.apply(Math.abs, [-2]));
    `);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '1 2\n', stderr: '' });
});

conformsOnce('TestPoolNotLeakOnFailure', 'test_release_unused_processes', async () => {
  const { Process } = (await import('multiprocess')).getContext();
  const started: { isAlive(): boolean }[] = [];
  class FailingProcess extends Process<any> {
    override start() {
      if (started.length === 3) throw new Error('no more');
      super.start();
      started.push(this);
    }
  }
  const context = { ...(await import('multiprocess')).getContext(), Process: FailingProcess };
  assert.throws(() => new Pool(6, { context: context as never }), /no more/);
  assert.equal(started.length, 3);
  await until(() => started.every((one) => !one.isAlive()), 'those that were started have ended');
});

conformsOnce('TestInitializers', 'test_pool_initializer', async () => {
  assert.throws(() => new Pool(1, { initializer: 1 as never }), { code: 'ERR_MP_INVALID_ARG' });
  const runs = new (await import('multiprocess')).Value('i32');
  const pool = new Pool(1, { initializer: (value: typeof runs) => void value.add(1), initArgs: [runs] });
  assert.equal(await pool.apply(Math.abs, [-1]), 1);
  assert.equal(runs.value, 1);
  pool.close();
  await pool.join();
});
