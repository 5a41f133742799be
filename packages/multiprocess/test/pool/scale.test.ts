/** Many workers, many tasks, much data. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProcessPoolExecutor, Value } from '../../dist/index.js';
import { memoryStats } from '../../dist/memory/index.js';
import { closePool, closePoolsAfterEach, openPool, until } from './helper.ts';

closePoolsAfterEach();

const isFull = process.env.MP_TEST === 'full';
const MEGABYTE = 1 << 20;

test('200 workers at a time', async () => {
  const pool = openPool(200);
  const arrived = new Value('i32');
  const meet = async () => {
    arrived.add(1);
    while (arrived.value < 200) await new Promise((resolve) => setTimeout(resolve, 5));
    return process.pid;
  };
  const pids = await pool.map(meet, Array(200).fill(0), { chunkSize: 1 });
  assert.equal(new Set(pids).size, 200);
  await closePool(pool);
});

test('results of a megabyte each take no more memory the more there are', async () => {
  const pool = openPool(2);
  const count = isFull ? 100_000 : 600;
  const make = (i: number) => new Uint8Array(1 << 20).fill(i % 251);
  let seen = 0;
  let most = 0;
  function* inputs() {
    for (let i = 0; i < count; i++) yield i;
  }
  for await (const bytes of pool.imap(make, inputs())) {
    assert.ok(bytes.length === MEGABYTE && bytes[0] === seen % 251 && bytes.at(-1) === seen % 251, `result ${seen}`);
    seen++;
    most = Math.max(most, memoryStats().reservedBytes);
  }
  assert.equal(seen, count);
  assert.ok(most < 100 * MEGABYTE, `${most} bytes of shared memory for ${count} megabytes`);
});

test('a consumer that is slow holds up the workers, not the memory', async () => {
  const pool = openPool(2);
  const made = new Value('i32');
  const make = () => {
    made.add(1);
    return new Uint8Array(1 << 20);
  };
  function* inputs() {
    for (;;) yield 0;
  }
  const results = pool.imapUnordered(make, inputs());
  try {
    for (let i = 0; i < 50; i++) await results.next();
    await until(() => pool.stats().running === 0, 'they have filled what they may');
    // What keeps two workers busy for 10 ms each, as measured: some hundred at most.
    assert.ok(made.value < 500, `${made.value} made, 50 taken`);
  } finally {
    await results.return(); // or to join the pool would take for ever
  }
});

test('5,000 calls that wait are cancelled at once', async () => {
  const pool = openPool(2);
  const gate = new Value('i32');
  const runs = new Value('i32');
  const hold = async () => {
    while (gate.value === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  const held = [pool.apply(hold), pool.apply(hold)];
  await until(() => pool.stats().running === 2, 'both are busy');
  const controller = new AbortController();
  const { signal } = controller;
  const run = () => runs.add(1);
  const calls = Array.from({ length: 5000 }, () => pool.apply(run, [], { signal }));
  const mapping = pool.map(run, Array(5000).fill(0), { signal });
  const settled = Promise.allSettled([...calls, mapping]);
  const start = performance.now();
  controller.abort();
  for (const outcome of await settled) {
    assert.equal((outcome as PromiseRejectedResult).reason?.code, 'ERR_MP_CANCELLED');
  }
  const duration = performance.now() - start;
  assert.ok(duration < 10_000, `${duration} ms`);
  assert.equal(pool.stats().queued, 0);
  gate.value = 1;
  await Promise.all(held);
  assert.equal(await pool.apply(Math.abs, [-1]), 1);
  assert.equal(runs.value, 0);
  assert.equal(pool.stats().deaths, 0);
});

test('5,000 futures are cancelled one by one', async () => {
  const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
  const gate = new Value('i32');
  const hold = async () => {
    while (gate.value === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  const held = executor.submit(hold);
  await until(() => held.running(), 'it is busy');
  const futures = Array.from({ length: 5000 }, (_, i) => executor.submit(Math.abs, i));
  const start = performance.now();
  for (const future of futures) assert.ok(future.cancel());
  const duration = performance.now() - start;
  assert.ok(duration < 10_000, `${duration} ms`);
  gate.value = 1;
  await executor.shutdown();
  assert.equal(executor.stats().completed, 1);
});
