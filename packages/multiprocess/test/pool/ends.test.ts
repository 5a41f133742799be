/** Whatever a pool is doing: it can be ended in each of its ways, all that it was given settles, and no worker is left. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Pool, type PoolOptions, Pool as ProcessPool, ProcessPoolExecutor, ThreadPool } from '../../dist/index.js';
import { until } from './helper.ts';

/** Things given to the pool that must settle. */
type Given = Promise<unknown>[];

const stay = () => new Promise<never>(() => setInterval(() => {}, 1000));
const briefly = (i: number) => new Promise((resolve) => setTimeout(resolve, 5, i));
const many = Array.from({ length: 200 }, (_, i) => i);

/** What a pool may be doing. */
const SITUATIONS: Record<string, (pool: Pool) => Promise<Given>> = {
  nothing: async () => [],
  'what is quick': async (pool) => [pool.map((i) => i, many)],
  'more than it can hold': async (pool) => [pool.map(briefly, many, { chunkSize: 1 }), pool.apply(briefly, [1])],
  'large messages': async (pool) => [pool.map((text) => text + text, Array(20).fill('x'.repeat(1 << 20)))],
  'a map that nobody reads': async (pool) => {
    const results = pool.imap(briefly, many);
    await results.next();
    return [];
  },
  'a task that exits': async (pool) => [pool.apply(() => process.exit(5))],
  retries: async (pool) => [
    pool.apply(
      () => {
        throw new Error('again');
      },
      [],
      { retries: { max: 5, delay: 5 } },
    ),
  ],
  'inputs that come slowly': async (pool) => {
    async function* slowly() {
      for (const i of [1, 2, 3]) yield briefly(i);
    }
    return [pool.map((i) => i, slowly())];
  },
  'workers that are replaced after each task': async (pool) => [
    pool.map((i) => i, many.slice(0, 20), { chunkSize: 1 }),
  ],
};
const OPTIONS: Record<string, PoolOptions<any>> = {
  'workers that are replaced after each task': { maxTasksPerChild: 1 },
};
const WAYS: Record<string, (pool: Pool) => Promise<void>> = {
  'close and join': async (pool) => {
    pool.close();
    await pool.join();
  },
  'terminate and join': async (pool) => {
    pool.terminate();
    await pool.join();
  },
  'close, then terminate': async (pool) => {
    pool.close();
    const joined = pool.join();
    pool.terminate();
    await joined;
  },
  'await using': async (pool) => await pool[Symbol.asyncDispose](),
};

for (const [situation, begin] of Object.entries(SITUATIONS)) {
  test(`a pool that is doing: ${situation}`, { timeout: 60_000 }, async () => {
    for (const [way, end] of Object.entries(WAYS)) {
      for (const Class of way === 'await using' ? [ProcessPool, ThreadPool] : [ProcessPool]) {
        const pool = new Class(2, OPTIONS[situation]);
        const settled = Promise.allSettled(await begin(pool));
        await end(pool);
        await settled;
        assert.deepEqual(pool.stats().pids, [], `${way}: no worker is left`);
        assert.equal(pool.stats().queued, 0);
      }
    }
  });
}

test('a task that runs for ever is ended by terminate only', { timeout: 60_000 }, async () => {
  const pool = new ProcessPool(1);
  const task = assert.rejects(pool.apply(stay), { code: 'ERR_MP_CANCELLED' });
  await until(() => pool.stats().running === 1, 'it runs');
  pool.close();
  const joined = pool.join();
  pool.terminate();
  await joined;
  await task;
});

test('workers that are all killed while the pool ends', { timeout: 60_000 }, async () => {
  for (const [way, end] of Object.entries(WAYS)) {
    const pool = new ProcessPool(3, { maxTasksPerChild: 2 });
    const outcomes = pool.map(briefly, many.slice(0, 30), { chunkSize: 1, settle: true }).catch((error) => error.code);
    const ended = end(pool);
    for (const pid of pool.stats().pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it has ended already
      }
    }
    await ended;
    const settled = await outcomes;
    if (settled !== 'ERR_MP_CANCELLED') assert.equal(settled.length, 30, way);
    assert.deepEqual(pool.stats().pids, []);
  }
});

test('an executor in each of its ways, with a worker that dies meanwhile', { timeout: 60_000 }, async () => {
  const ways: Record<string, (executor: ProcessPoolExecutor) => Promise<void>> = {
    shutdown: (executor) => executor.shutdown(),
    'shutdown without waiting': async (executor) => {
      await executor.shutdown({ wait: false });
      await executor.shutdown();
    },
    'shutdown with cancelling': (executor) => executor.shutdown({ cancelFutures: true }),
    terminateWorkers: (executor) => executor.terminateWorkers(),
    killWorkers: (executor) => executor.killWorkers(),
    'await using': (executor) => executor[Symbol.asyncDispose](),
  };
  for (const [way, end] of Object.entries(ways)) {
    const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
    const dying = executor.submit(() => process.kill(process.pid, 'SIGKILL'));
    const futures = [dying, ...many.slice(0, 20).map((i) => executor.submit(briefly, i))];
    await end(executor);
    assert.ok(
      futures.every((future) => future.done()),
      way,
    );
    assert.equal(executor.stats().workers, 0, way);
  }
});
