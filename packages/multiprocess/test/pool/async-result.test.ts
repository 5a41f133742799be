import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closePoolsAfterEach, openPool } from './helper.ts';

const pool = openPool(1);
closePoolsAfterEach(pool);

const after = (ms: number) => new Promise<number>((resolve) => setTimeout(resolve, ms, ms));
const fail = () => {
  throw new RangeError('no');
};

test('the three that give one', async () => {
  assert.equal(await pool.applyAsync(Math.pow, [2, 8]).get(), 256);
  assert.deepEqual(await pool.mapAsync(Math.abs, [-1, -2]).get(60_000), [1, 2]);
  assert.deepEqual(await pool.starmapAsync(Math.pow, [[2, 3]]), [8]);
});

test('how it stands', async () => {
  const result = pool.applyAsync(after, [300]);
  assert.equal(result.ready(), false);
  assert.throws(() => result.successful(), {
    code: 'ERR_MP_INVALID_STATE',
    message: /<AsyncResult pending> not ready/,
  });
  await assert.rejects(result.get(1), { code: 'ERR_MP_TIMEOUT' });
  assert.equal(await result.wait(1), false);
  await assert.rejects(result.wait({ signal: AbortSignal.abort() }), { code: 'ERR_MP_CANCELLED' });
  assert.equal(await result.wait(), true);
  assert.equal(result.successful(), true);
  assert.equal(await result.get(0), 300);
  assert.equal(String(result), '<AsyncResult successful>');
});

test('one that fails', async () => {
  const result = pool.applyAsync(fail);
  assert.equal(await result.wait(), true);
  assert.equal(result.successful(), false);
  await assert.rejects(result.get(), RangeError);
  assert.equal(String(result), '<AsyncResult failed>');
});

test('callbacks', async () => {
  const seen: unknown[] = [];
  await pool.applyAsync(Math.abs, [-1], { callback: (x) => seen.push(x), errorCallback: () => assert.fail() });
  await pool.mapAsync(Math.abs, [-2, -3], { callback: (x) => seen.push(x) });
  const failing = pool.applyAsync(fail, [], {
    callback: () => assert.fail(),
    errorCallback: (e) => seen.push(String(e)),
  });
  await failing.wait();
  assert.deepEqual(seen, [1, [2, 3], 'RangeError: no']);
});

test('bad arguments are refused when it is asked', async () => {
  await assert.rejects(pool.applyAsync(5 as never).get(), { code: 'ERR_MP_INVALID_ARG', message: /fn must be/ });
});
