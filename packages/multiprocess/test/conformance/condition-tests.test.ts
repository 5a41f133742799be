/** CPython: lock_tests.py, ConditionTests. */
import assert from 'node:assert/strict';
import { Condition, Lock, RLock } from 'multiprocess';
import { crew, start } from '../sync/crew.ts';
import { queued } from '../sync/queued.ts';
import { codeOf, conformsEverywhere, conformsOnce } from './support.ts';

conformsOnce('ConditionTests', 'test_acquire', () => {
  assert.ok(new Condition().lock instanceof Lock);
  for (const lock of [new Lock(), new RLock()]) {
    const condition = new Condition(lock);
    condition.acquireSync();
    assert.equal(lock.locked() && condition.locked(), true);
    condition.release();
    lock.acquireSync();
    assert.equal(condition.locked(), true);
    assert.equal(condition.tryAcquire(), lock instanceof RLock);
    lock.release();
  }
});

conformsOnce('ConditionTests', 'test_unacquired_wait', async () => {
  const condition = new Condition();
  const refusal = { code: 'ERR_MP_NOT_OWNER', message: 'must acquire() condition before using wait()' };
  assert.throws(() => condition.waitSync(), refusal);
  assert.throws(() => condition.waitForSync(() => true), refusal);
  await assert.rejects(condition.wait(), refusal);
  await assert.rejects(
    condition.waitFor(() => true),
    refusal,
  );
});

conformsOnce('ConditionTests', 'test_unacquired_notify', () => {
  const condition = new Condition();
  assert.equal(
    codeOf(() => condition.notify()),
    'ERR_MP_NOT_OWNER',
  );
  assert.throws(() => condition.notifyAll(), { code: 'ERR_MP_NOT_OWNER', message: 'lock is not owned' });
});

conformsEverywhere('ConditionTests', 'test_notify', async ({ way, mp }) => {
  for (const condition of [new mp.Condition(), new mp.Condition(new mp.RLock())]) {
    const woken = new mp.Semaphore(0);
    const all = crew(way, 4, () => {
      condition.acquireSync();
      try {
        const notified = condition.waitSync(60_000);
        woken.release();
        return notified;
      } finally {
        condition.release();
      }
    });
    await queued(condition, 4);
    let sum = 0;
    for (const n of [1, 0, 2, 5]) {
      await condition.acquire();
      try {
        condition.notify(n);
        await queued(condition, Math.max(0, 4 - sum - n));
      } finally {
        condition.release();
      }
      for (let i = 0; i < Math.min(n, 4 - sum); i++) assert.ok(await woken.acquire(60_000));
      sum += n;
      assert.equal(woken.getValue(), 0);
    }
    assert.deepEqual(await all, Array(4).fill(true));
  }
});

conformsEverywhere('ConditionTests', 'test_timeout', async ({ way, mp }) => {
  const condition = new mp.Condition();
  const all = await crew(way, 2, () => {
    condition.acquireSync();
    try {
      const began = performance.now();
      return [condition.waitSync(200), performance.now() - began] as const;
    } finally {
      condition.release();
    }
  });
  for (const [notified, elapsed] of all) {
    assert.equal(notified, false);
    assert.ok(elapsed >= 198, `${elapsed} ms`);
  }
});

conformsEverywhere('ConditionTests', 'test_waitfor', async ({ way, mp }) => {
  const condition = new mp.Condition();
  const state = new mp.Semaphore(0);
  const member = start(way, () => {
    condition.acquireSync();
    try {
      return condition.waitForSync(() => state.getValue() === 4);
    } finally {
      condition.release();
    }
  });
  await queued(condition, 1);
  for (let i = 0; i < 4; i++) {
    await condition.acquire();
    try {
      state.release();
      condition.notify();
    } finally {
      condition.release();
    }
  }
  assert.equal(await member.result, true);
});

conformsEverywhere('ConditionTests', 'test_waitfor_timeout', async ({ way, mp }) => {
  const condition = new mp.Condition();
  const state = new mp.Semaphore(0);
  const member = start(way, () => {
    condition.acquireSync();
    try {
      const began = performance.now();
      return [condition.waitForSync(() => state.getValue() === 4, 300), performance.now() - began] as const;
    } finally {
      condition.release();
    }
  });
  await queued(condition, 1);
  for (let i = 0; i < 3; i++) {
    await condition.acquire();
    try {
      state.release();
      condition.notify();
    } finally {
      condition.release();
    }
  }
  const [result, elapsed] = await member.result;
  assert.equal(result, false);
  assert.ok(elapsed >= 298, `${elapsed} ms`);
});
