import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Value } from 'multiprocess';
import { closePool, closePoolsAfterEach, collect, openPool, until } from './helper.ts';

const pool = openPool(2);
closePoolsAfterEach(pool);

const failOnOdd = (i: number) => {
  if (i % 2 === 1) throw new Error(`odd: ${i}`);
  return i;
};

function counter(limit = Number.POSITIVE_INFINITY) {
  const state = { read: 0, isReturned: false };
  function* count() {
    try {
      while (state.read < limit) yield state.read++;
    } finally {
      state.isReturned = true;
    }
  }
  return Object.assign(state, { inputs: count() });
}

test('an endless iterable is read only a little ahead', async () => {
  for (const method of ['imap', 'imapUnordered'] as const) {
    const source = counter();
    const results = pool[method]((i: number) => i, source.inputs);
    for (let i = 0; i < 100; i++) await results.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(source.read < 10_000, `${source.read} were read for 100`);
    await results.return();
    assert.ok(source.isReturned);
  }
});

test('slow tasks are read one or two per worker ahead', async () => {
  const source = counter();
  const results = pool.imap(async (i: number) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return i;
  }, source.inputs);
  for (let i = 0; i < 10; i++) assert.equal((await results.next()).value, i);
  assert.ok(source.read <= 10 + 2 * 2 + 1, `${source.read} were read for 10`);
  await results.return();
});

test('a million items go through without piling up', async () => {
  const source = counter(1_000_000);
  let sum = 0;
  let consumed = 0;
  let most = 0;
  for await (const i of pool.imapUnordered((i: number) => i, source.inputs)) {
    sum += i;
    most = Math.max(most, source.read - ++consumed);
    if (consumed === 50_000) break; // far enough to see
  }
  assert.ok(sum > 0);
  assert.ok(most < 10_000, `${most} were under way`);
});

test('next can be called again after an item that failed', async () => {
  for (const method of ['imap', 'imapUnordered'] as const) {
    const results = pool[method](failOnOdd, [0, 1, 2, 3, 4]);
    const seen: (number | string)[] = [];
    for (;;) {
      try {
        for await (const value of results) seen.push(value);
        break;
      } catch (error) {
        seen.push((error as Error).message);
      }
    }
    assert.deepEqual(seen.toSorted(), [0, 2, 4, 'odd: 1', 'odd: 3']);
    if (method === 'imap') assert.deepEqual(seen, [0, 'odd: 1', 2, 'odd: 3', 4]);
    assert.deepEqual(await results.next(), { done: true, value: undefined });
  }
});

test('settle gives outcomes with the index of the input', async () => {
  const ordered = await collect(pool.imap(failOnOdd, [0, 1, 2], { settle: true }));
  assert.deepEqual(
    ordered.map(({ status, index }) => [status, index]),
    [
      ['fulfilled', 0],
      ['rejected', 1],
      ['fulfilled', 2],
    ],
  );
  const unordered = await collect(pool.imapUnordered(failOnOdd, [10, 11, 12], { settle: true }));
  for (const outcome of unordered) {
    if (outcome.status === 'fulfilled') assert.equal(outcome.value, outcome.index + 10);
    else assert.equal(outcome.index, 1);
  }
});

test('several consumers may wait at once', async () => {
  const results = pool.imap((i: number) => i, [1, 2, 3]);
  const all = await Promise.all([results.next(), results.next(), results.next(), results.next()]);
  assert.deepEqual(
    all.map(({ value }) => value),
    [1, 2, 3, undefined],
  );
});

test('break gives up the rest', async () => {
  const source = counter();
  for await (const i of pool.imap((i: number) => i, source.inputs)) if (i === 3) break;
  assert.ok(source.isReturned);
  assert.equal(await pool.apply(Math.abs, [-1]), 1);
});

test('a pool can be joined before its iterators are read', async () => {
  const other = openPool(2);
  const results = other.imap((i: number) => i * 2, counter(3000).inputs);
  await closePool(other);
  const seen = await collect(results);
  assert.equal(seen.length, 3000);
  assert.equal(seen[2999], 5998);
});

test('a consumer that went away at an error does not keep the pool from closing', async () => {
  const source = counter();
  const other = openPool(1);
  await assert.rejects(async () => {
    for await (const _ of other.imap(failOnOdd, source.inputs));
  }, /odd: 1/);
  await closePool(other);
  assert.ok(source.read < 1000);
});

test('a signal ends a map, and kills a task that goes on', async () => {
  const controller = new AbortController();
  const running = new Value('i32');
  const task = async () => {
    running.add(1);
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  };
  const ended = assert.rejects(pool.map(task, [1, 2, 3, 4], { signal: controller.signal }), {
    code: 'ERR_MP_CANCELLED',
  });
  await until(() => running.value > 0, 'it runs');
  controller.abort(new Error('enough'));
  await ended;
  assert.equal(await pool.apply(Math.abs, [-1]), 1, 'the workers have been replaced');
  await assert.rejects(pool.apply(Math.abs, [1], { signal: AbortSignal.abort() }), { code: 'ERR_MP_CANCELLED' });
});

test('a signal kills no task of somebody else', async () => {
  const one = openPool(1);
  const pid = await one.apply(() => process.pid);
  const controller = new AbortController();
  const [running, gate] = [new Value('i32'), new Value('i32')];
  const task = async () => {
    running.value = 1;
    while (gate.value === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const cancelled = one.apply(task, [], { signal: controller.signal });
  const others = Array.from({ length: 5 }, (_, i) => one.apply((x: number) => [x, process.pid], [i]));
  await until(() => running.value === 1, 'the task runs');
  controller.abort();
  gate.value = 1;
  await assert.rejects(cancelled, { code: 'ERR_MP_CANCELLED' });
  assert.deepEqual(
    await Promise.all(others),
    others.map((_, i) => [i, pid]),
  );
});

test('tasks behind one that takes unexpectedly long go to another worker', async () => {
  const two = openPool(2);
  const task = async (ms: number) => {
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    return ms;
  };
  await two.map(
    task,
    Array.from({ length: 1000 }, () => 0),
  ); // they used to be quick
  const results = two.imapUnordered(task, [3000, ...Array.from({ length: 2000 }, () => 0)]);
  for (let i = 0; i < 2000; i++) assert.equal((await results.next()).value, 0); // they need not wait for it
  assert.equal((await results.next()).value, 3000);
});

test('tasks behind one that takes unexpectedly long do so though no worker ever has nothing to do', async () => {
  const two = openPool(2);
  const task = async (ms: number) => {
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  };
  await two.map(task, Array(1000).fill(0)); // they used to be quick
  const events: string[] = [];
  const long = two.apply(task, [2500]).then(() => events.push('long'));
  const behind = Promise.all(Array.from({ length: 20 }, () => two.apply(task, [0]))).then(() => events.push('behind'));
  const stream = async () => {
    while (events.length === 0) await two.apply(async () => new Promise((resolve) => setTimeout(resolve, 3)));
  };
  await Promise.all([long, behind, ...Array.from({ length: 6 }, stream)]);
  assert.deepEqual(events, ['behind', 'long']);
});

test('tasks can be taken back from a worker whose ring is full', async () => {
  const one = openPool(1);
  const task = async (ms: number, ballast: string) => {
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    return ballast.length;
  };
  for (let i = 0; i < 20; i++) await one.apply(task, [0, '']); // they used to be quick
  const sizes = await Promise.all(
    Array.from({ length: 100 }, (_, i) => one.apply(task, [i % 10 === 5 ? 60 : 0, 'x'.repeat(10_000)])),
  );
  assert.deepEqual(sizes, Array(100).fill(10_000));
});
