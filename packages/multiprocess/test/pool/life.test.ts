import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Pool } from '../../dist/index.js';
import { isProcessAlive } from '../../dist/memory/index.js';
import { closePool, closePoolsAfterEach, openPool, runProgram, startProgram, until } from './helper.ts';

closePoolsAfterEach();

test('close lets the work end, and takes no more', async () => {
  const pool = openPool(2);
  const mapping = pool.map((x: number) => x + 1, [1, 2, 3]);
  pool.close();
  await assert.rejects(pool.apply(Math.abs, [1]), { code: 'ERR_MP_POOL_CLOSED', message: 'Pool not running' });
  assert.throws(() => pool.imap(Math.abs, [1]), { code: 'ERR_MP_POOL_CLOSED' });
  await pool.join();
  assert.deepEqual(await mapping, [2, 3, 4]);
  pool.close();
  await pool.join();
  assert.deepEqual(pool.stats().pids, []);
});

test('join before close is an error', async () => {
  const pool = openPool(1);
  await assert.rejects(pool.join(), { code: 'ERR_MP_POOL_RUNNING', message: 'Pool is still running' });
});

test('terminate ends everything quickly', async () => {
  const pool = openPool(2);
  const mapping = pool.map(async () => new Promise((resolve) => setTimeout(resolve, 60_000)), Array(10_000).fill(0));
  await until(() => pool.stats().running > 0, 'a task runs');
  const start = performance.now();
  pool.terminate();
  await pool.join();
  assert.ok(performance.now() - start < 20_000);
  await assert.rejects(mapping, { code: 'ERR_MP_CANCELLED' });
  pool.terminate();
});

test('terminate ends workers that ignore SIGTERM', async () => {
  const pool = openPool(1);
  await pool.apply(() => void process.on('SIGTERM', () => {}));
  pool.terminate();
  await pool.join();
});

test('a worker that a task has left busy ends all the same', async () => {
  const pool = openPool(1);
  await pool.apply(() => void setInterval(() => {}, 1000));
});

test('timers of tasks go on between tasks', async () => {
  const pool = openPool(1);
  await pool.apply(() => {
    (globalThis as any).ticks = 0;
    setInterval(() => (globalThis as any).ticks++, 1).unref();
  });
  await until(async () => (await pool.apply(() => (globalThis as any).ticks)) > 3, 'the timer has fired');
});

test('maxTasksPerChild replaces workers', async () => {
  const pool = openPool(2, { maxTasksPerChild: 3 });
  const pids = await pool.map(() => process.pid, Array(30).fill(0));
  const counts = new Map<number, number>();
  for (const pid of pids) counts.set(pid, (counts.get(pid) ?? 0) + 1);
  assert.ok(counts.size >= 10);
  assert.ok([...counts.values()].every((count) => count <= 3));
  assert.equal(pool.stats().deaths, 0);
});

test('maxTasksPerChild of 1, and an early close', async () => {
  const pool = openPool(2, { maxTasksPerChild: 1 });
  const mapping = pool.map((x: number) => x, [1, 2, 3, 4, 5, 6]);
  pool.close();
  await pool.join();
  assert.deepEqual(await mapping, [1, 2, 3, 4, 5, 6]);
});

test('the initializer runs once per worker, before its tasks', async () => {
  const init = async (value: number) => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    (globalThis as any).value = ((globalThis as any).value ?? 0) + value;
  };
  const pool = openPool(2, { initializer: init, initArgs: [42] });
  assert.deepEqual(new Set(await pool.map(() => (globalThis as any).value, Array(20).fill(0))), new Set([42]));
});

test('a failing initializer breaks the pool', async () => {
  const pool = openPool(2, {
    initializer: () => {
      throw new TypeError('not today');
    },
  });
  const error = await pool.apply(Math.abs, [1]).catch((error) => error);
  assert.equal(error.code, 'ERR_MP_BROKEN_POOL');
  assert.match(error.message, /its initializer failed: not today/);
  assert.ok(error.cause instanceof TypeError);
  await assert.rejects(pool.map(Math.abs, [1]), { code: 'ERR_MP_BROKEN_POOL' });
  await closePool(pool);
});

test('an initializer that ends the process breaks the pool', async () => {
  const pool = openPool(1, { initializer: () => process.exit(7) });
  await assert.rejects(pool.apply(Math.abs, [1]), { code: 'ERR_MP_BROKEN_POOL', message: /exit code 7/ });
  await closePool(pool);
});

test('an initializer is captured when the pool is made', async () => {
  let k = 1;
  const initializer = () => {
    (globalThis as any).k = k;
  };
  const pool = openPool(1, { initializer, maxTasksPerChild: 1 });
  k = 2;
  assert.deepEqual(await pool.map(() => (globalThis as any).k, [0, 0, 0]), [1, 1, 1]);
  assert.throws(() => new Pool(1, { initializer: () => pool.stats() }), { code: 'ERR_MP_CAPTURE' });
});

test('a program ends though its idle pool was never closed', async () => {
  const run = await runProgram(`
    const pool = new mp.Pool(2);
    console.log(await pool.apply(Math.abs, [-1]));
  `);
  assert.deepEqual({ code: run.code, stdout: run.stdout, stderr: run.stderr }, { code: 0, stdout: '1\n', stderr: '' });
});

test('a program goes on while its pool has work', async () => {
  const run = await runProgram(`
    const pool = new mp.Pool(1);
    pool.apply(() => new Promise((resolve) => setTimeout(() => resolve('done'), 200))).then(console.log);
    pool.close();
  `);
  assert.deepEqual({ code: run.code, stdout: run.stdout }, { code: 0, stdout: 'done\n' });
});

test('a program that exits with work under way leaves no worker', async () => {
  const run = await runProgram(`
    const pool = new mp.Pool(2);
    const running = new mp.Semaphore(0);
    pool.map(() => (running.release(), new Promise((resolve) => setTimeout(resolve, 60_000))), [1, 2, 3]);
    await running.acquire();
    console.log(JSON.stringify(pool.stats().pids));
    process.exit(4);
  `);
  assert.equal(run.code, 4);
  for (const pid of JSON.parse(run.stdout)) assert.ok(!isProcessAlive(pid, 0));
});

test('workers end within a second of their parent, whatever they do', async () => {
  const program = startProgram(`
    const pool = new mp.Pool(2);
    const running = new mp.Event();
    pool.apply(() => { for (running.set(); ; ); });
    await running.wait();
    console.log(JSON.stringify(pool.stats().pids));
  `);
  const [data] = await once(program.stdout!, 'data');
  const pids: number[] = JSON.parse(String(data));
  program.kill('SIGKILL');
  const start = performance.now();
  await until(() => pids.every((pid) => !isProcessAlive(pid, 0)), 'the workers have ended');
  assert.ok(performance.now() - start < 20_000);
});

test('Ctrl-C is the business of the parent', async () => {
  const program = startProgram(`
    const [running, interrupted] = [new mp.Event(), new mp.Event()];
    process.on('SIGINT', () => {
      console.log('interrupted');
      interrupted.set();
    });
    const pool = new mp.Pool(1);
    const task = pool.apply(async () => {
      running.set();
      await interrupted.wait();
      return 'done';
    });
    await running.wait();
    process.kill(pool.stats().pids[0], 'SIGINT');
    process.kill(process.pid, 'SIGINT');
    console.log(await task);
  `);
  let text = '';
  program.stdout!.on('data', (data) => (text += data));
  await once(program, 'close');
  assert.equal(text, 'interrupted\ndone\n');
});
