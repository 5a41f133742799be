/** Single calls: a function that is the same each time is sent to a worker once, and its calls travel together. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closePoolsAfterEach, openPool } from './helper.ts';

closePoolsAfterEach();

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

test('thousands of calls, each with its own arguments, result or error', async () => {
  const pool = openPool(2);
  const half = (i: number) => {
    if (i % 7 === 3) throw new RangeError(`no half of ${i}`);
    return i / 2;
  };
  const outcomes = await Promise.allSettled(range(3000).map((i) => pool.apply(half, [i])));
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled') assert.equal(outcome.value, i / 2);
    else assert.equal(outcome.reason.message, `no half of ${i}`);
  }
  assert.equal(outcomes.filter(({ status }) => status === 'rejected').length, 429);
});

test('a function is called with as many arguments as it was given', async () => {
  const pool = openPool(2);
  const given = (...args: unknown[]) => [args.length, ...args];
  const lists = [[], [undefined], [null], ['one'], [undefined, undefined], [1, 2, 3]];
  for (let turn = 0; turn < 3; turn++) {
    const results = await Promise.all(lists.map((list) => pool.apply(given, list)));
    assert.deepEqual(
      results,
      lists.map((list) => [list.length, ...list]),
    );
  }
});

test('arguments are those of the moment of the call', async () => {
  const pool = openPool(1);
  const join = (...all: unknown[]) => all.join();
  const args: unknown[] = [0, 'a', true, null, undefined, 5n];
  const calls = [];
  for (let i = 0; i < 20; i++) {
    args[0] = i;
    calls.push(pool.apply(join, args as never));
  }
  args.length = 0;
  assert.deepEqual(
    await Promise.all(calls),
    range(20).map((i) => `${i},a,true,,,5`),
  );
  const object = { i: 0 };
  const objects = range(3).map((i) => {
    object.i = i;
    return pool.apply((one: typeof object) => one.i, [object]);
  });
  assert.deepEqual(await Promise.all(objects), [0, 1, 2]);
});

test('what a function captures, or has been given, is that of the moment of the call', async () => {
  const pool = openPool(1);
  let captured = 0;
  const read = () => captured;
  const extended: { (): unknown; extra?: number } = () => 'plain';
  const seen = [];
  for (let i = 0; i < 5; i++) {
    captured = i;
    seen.push(await pool.apply(read));
    assert.equal(await pool.apply(extended), 'plain');
  }
  assert.deepEqual(seen, range(5));
  const named = function self(this: unknown): number {
    const me = self as typeof self & { count?: number };
    me.count = (me.count ?? 0) + 1;
    return me.count;
  };
  for (let i = 0; i < 4; i++) assert.equal(await pool.apply(named), 1, 'each call has a function of its own');
  const reader: any = new Function('return this?.x ?? "none"');
  for (let i = 0; i < 3; i++) assert.equal(await pool.apply(reader), 'none');
});

test('more functions than a worker keeps, again and again', async () => {
  const pool = openPool(1, { maxTasksPerChild: 400 });
  const functions = range(120).map((i) => new Function('x', `return x + ${i}`) as (x: number) => number);
  for (let round = 0; round < 3; round++) {
    const results = await Promise.all(functions.map((fn) => pool.apply(fn, [round])));
    assert.deepEqual(
      results,
      range(120).map((i) => i + round),
    );
  }
});

test('a death among calls that travel together costs one of them', async () => {
  const pool = openPool(2);
  const work = (i: number) => {
    if (i === 500) process.kill(process.pid, 'SIGKILL');
    return i;
  };
  await Promise.all(range(50).map((i) => pool.apply(work, [i])));
  const outcomes = await Promise.allSettled(range(1000).map((i) => pool.apply(work, [i])));
  assert.deepEqual(
    outcomes.flatMap(({ status }, i) => (status === 'rejected' ? [i] : [])),
    [500],
  );
});
