import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { Event, Pool, reportProgress, taskSignal, Value } from '../../dist/index.js';
import { closePoolsAfterEach, openPool, until } from './helper.ts';

closePoolsAfterEach();

const pid = () => process.pid;

test('a task that takes too long costs its worker the life, and no other task', async () => {
  const pool = openPool(2);
  const before = pool.stats().pids;
  const go = new Event();
  const slow = pool.apply(
    function spin() {
      for (;;);
    },
    [],
    { timeout: 50 },
  );
  const neighbour = pool.apply(async () => {
    await go.wait();
    return process.pid;
  });
  await assert.rejects(slow, { code: 'ERR_MP_TIMEOUT', message: 'apply(spin) ran for more than 50 ms' });
  go.set();
  assert.ok(before.includes(await neighbour));
  await until(() => pool.stats().deaths === 1, 'its worker is killed');
});

test('a task that listens to taskSignal ends by itself, and its worker stays', async () => {
  const pool = openPool(1);
  const worker = await pool.apply(pid);
  const ended = new Value('i32');
  const listen = async () => {
    const signal = taskSignal();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    if (signal.reason.code === 'ERR_MP_CANCELLED') ended.add(1);
  };
  await assert.rejects(pool.apply(listen, [], { timeout: 30 }), { code: 'ERR_MP_TIMEOUT' });
  assert.equal(await pool.apply(pid), worker);
  const controller = new AbortController();
  const cancelled = pool.apply(listen, [], { signal: controller.signal });
  await until(() => pool.stats().running === 1, 'it runs');
  controller.abort();
  await assert.rejects(cancelled, { code: 'ERR_MP_CANCELLED' });
  assert.equal(await pool.apply(pid), worker);
  const loop = () => {
    while (!taskSignal().aborted);
    ended.add(1);
  };
  await assert.rejects(pool.apply(loop, [], { timeout: 30 }), { code: 'ERR_MP_TIMEOUT' });
  assert.equal(await pool.apply(pid), worker);
  assert.equal(pool.stats().deaths, 0);
  assert.ok(ended.value >= 2, `${ended.value}`);
  assert.equal(taskSignal().aborted, false);
});

test('retries: so many, with what the last one says', async () => {
  const pool = openPool(1);
  const runs = new Value('i32');
  const fail = (until: number) => {
    if (runs.add(1) < until) throw new Error(`run ${runs.value}`);
    return runs.value;
  };
  await assert.rejects(pool.apply(fail, [100], { retries: 2 }), /run 3/);
  assert.equal(pool.stats().retried, 2);
  assert.equal(pool.stats().failed, 1);
  runs.value = 0;
  const start = performance.now();
  const slowly = await pool.apply(fail, [3], { retries: { max: 5, delay: 40, factor: 2 } });
  assert.ok(slowly >= 3);
  assert.ok(performance.now() - start >= 100, 'it waited 40 ms, and 80 ms');
});

test('retries after deaths and timeouts, and of single items of a map', async () => {
  const pool = openPool(1);
  const runs = new Value('i32');
  const die = () => (runs.add(1) < 1 + 1 && runs.value === 1 ? process.exit(3) : 'alive');
  assert.equal(await pool.apply(die, [], { retries: 1 }), 'alive');
  assert.equal(runs.value, 2);
  runs.value = 0;
  const hang = () => {
    runs.add(1);
    if (runs.value === 1) for (;;);
    return 'quick';
  };
  assert.equal(await pool.apply(hang, [], { retries: 1, timeout: 300 }), 'quick');
  runs.value = 0;
  const third = (i: number) => {
    if (i === 2) {
      runs.add(1);
      if (runs.value < 3) throw new Error('again');
    }
    return i;
  };
  assert.deepEqual(await pool.map(third, [0, 1, 2, 3], { retries: 2 }), [0, 1, 2, 3]);
  assert.equal(runs.value, 3);
});

test('what is cancelled is not tried again', async () => {
  const pool = openPool(1);
  const runs = new Value('i32');
  const controller = new AbortController();
  const fail = () => {
    runs.add(1);
    throw new Error('no');
  };
  const call = pool.apply(fail, [], { retries: { max: 9, delay: 20, factor: 1 }, signal: controller.signal });
  await until(() => pool.stats().retried === 1, 'it has failed');
  controller.abort();
  await assert.rejects(call, { code: 'ERR_MP_CANCELLED' });
  const after = runs.value;
  await pool.apply(() => new Promise((resolve) => setTimeout(resolve, 60)));
  assert.equal(runs.value, after);
});

test('kwargs and progress', async () => {
  const pool = openPool(1);
  const add = (a: number, options?: any) => a + options.b;
  assert.equal(await pool.apply(add, [1], { kwargs: { b: 2 } }), 3);
  assert.deepEqual(await pool.map(add as (a: number) => number, [1, 2], { kwargs: { b: 2 } }), [3, 4]);
  const seen: unknown[] = [];
  const task = async () => {
    reportProgress(0.25, 'a quarter');
    reportProgress(0.5);
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await pool.apply(task, [], { onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(seen, [
    { done: 0, total: 1, fraction: 0.25, detail: 'a quarter' },
    { done: 0, total: 1, fraction: 0.5, detail: undefined },
  ]);
  reportProgress(0.5); // outside of tasks, nothing
});

test('maxMemoryPerChild replaces a worker', async () => {
  const pool = openPool(1, { maxMemoryPerChild: 1 });
  const first = await pool.apply(pid);
  await until(async () => (await pool.apply(pid)) !== first, 'it is replaced');
  assert.equal(pool.stats().deaths, 0);
});

test('inline tasks run here', async () => {
  const pool = new Pool(2, { inline: true });
  assert.equal(await pool.apply(pid), process.pid);
  assert.deepEqual(await pool.map((x: number) => x * 2, [1, 2, 3]), [2, 4, 6]);
  await assert.rejects(
    pool.apply(() => {
      throw new RangeError('in');
    }),
    RangeError,
  );
  pool.close();
  await pool.join();
});

test('a task hears of it that was cancelled before it listened', async () => {
  const pool = openPool(1);
  const worker = await pool.apply(pid);
  const controller = new AbortController();
  const [begun, cancelled] = [new Event(), new Event()];
  const listen = async () => {
    begun.set();
    await cancelled.wait();
    await new Promise((resolve) => taskSignal().addEventListener('abort', resolve));
  };
  const call = pool.apply(listen, [], { signal: controller.signal });
  await begun.wait();
  controller.abort();
  await assert.rejects(call, { code: 'ERR_MP_CANCELLED' });
  cancelled.set();
  assert.equal(await pool.apply(pid), worker);
  assert.equal(pool.stats().deaths, 0);
});

test('what runs inline can be cancelled', async () => {
  const pool = new Pool(1, { inline: true });
  const controller = new AbortController();
  let ran = 0;
  const listening = pool.apply(() => new Promise((resolve) => taskSignal().addEventListener('abort', resolve)), [], {
    signal: controller.signal,
  });
  const behind = pool.apply(() => ++ran, [], { signal: controller.signal });
  await until(() => pool.stats().running > 0, 'it runs');
  controller.abort();
  for (const call of [listening, behind]) await assert.rejects(call, { code: 'ERR_MP_CANCELLED' });
  assert.equal(await pool.apply(pid), process.pid, 'it goes on');
  const { deaths } = pool.stats();
  // What does not end by itself is left alone: another worker takes over.
  await assert.rejects(
    pool.apply(() => new Promise(() => {}), [], { timeout: 10 }),
    { code: 'ERR_MP_TIMEOUT' },
  );
  assert.equal(await pool.apply(pid), process.pid);
  assert.deepEqual([deaths, pool.stats().deaths], [0, 1]);
  assert.equal(ran, 0);
  pool.terminate();
  await pool.join();
});

test('times of the statistics', async () => {
  const pool = openPool(1);
  await pool.apply(() => new Promise((resolve) => setTimeout(resolve, 30)));
  const { runTimes, waitTimes, busy, completed } = pool.stats();
  assert.equal(completed, 1);
  assert.equal(runTimes.count, 1);
  assert.ok(runTimes.max >= 29 && runTimes.p50 > 20 && runTimes.mean >= 29);
  assert.equal(waitTimes.count, 1);
  assert.ok(busy[0]! >= 29);
});

test('diagnostics channels tell what happens', async () => {
  const seen: any[] = [];
  const names = ['task.start', 'task.end', 'task.retry', 'worker.start', 'worker.end'];
  const listeners = names.map(
    (name) => [`multiprocess.${name}`, (message: any) => seen.push({ ...message, name })] as const,
  );
  for (const [name, listener] of listeners) channel(name).subscribe(listener);
  const pool = new Pool(1);
  const [worker] = pool.stats().pids;
  await pool
    .apply(
      function leave() {
        process.exit(3);
      },
      [],
      { retries: 1 },
    )
    .catch(() => {});
  pool.close();
  await pool.join();
  for (const [name, listener] of listeners) channel(name).unsubscribe(listener);
  assert.equal(seen[0].name, 'worker.start');
  assert.equal(seen[0].pid, worker);
  const tasks = seen.filter(({ name }) => name.startsWith('task'));
  assert.deepEqual(
    tasks.map(({ name, task, attempt }) => [name, task, attempt]),
    [
      ['task.start', 'apply(leave)', 0],
      ['task.retry', 'apply(leave)', 0],
      ['task.start', 'apply(leave)', 1],
      ['task.end', 'apply(leave)', 1],
    ],
  );
  assert.equal(tasks[3].reason.code, 'ERR_MP_WORKER_DIED');
  assert.equal(seen.find(({ name }) => name === 'worker.end').exitCode, 3);
});

test('bad terms are named', async () => {
  const pool = openPool(1);
  for (const [options, message] of [
    [{ timeout: 0 }, /timeout must be a number of milliseconds above 0, not 0/],
    [{ timeout: '5' }, /timeout must be/],
    [{ retries: -1 }, /retries must be a whole number of at least 0/],
    [{ retries: { max: 1, delays: 5 } }, /unknown option 'retries.delays'; accepted are max/],
    [{ retries: { delay: 5 } }, /retries.max must be/],
    [{ priority: 'high' }, /priority must be a number/],
    [{ cost: -1 }, /cost must be a number of at least 0/],
    [{ kwargs: [] }, /kwargs must be an object/],
    [{ onProgress: 5 }, /onProgress must be a function/],
    [{ signal: 5 }, /signal must be an AbortSignal/],
  ] as const) {
    await assert.rejects(pool.apply(pid, [], options as never), { code: 'ERR_MP_INVALID_ARG', message });
  }
  assert.throws(() => new Pool(1, { policy: 'lifo' as never }), {
    message: /policy must be fifo, priority, sjf, fair/,
  });
});
