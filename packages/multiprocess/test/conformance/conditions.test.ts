/** CPython: _test_multiprocessing.py, _TestCondition. */
import assert from 'node:assert/strict';
import type { Condition, Semaphore } from 'multiprocess';
import { until } from '../process/support/procfs.ts';
import { crew, start } from '../sync/crew.ts';
import { queued, waiting } from '../sync/queued.ts';
import { conformsEverywhere } from './support.ts';

/** Waits, and says when it sleeps (under the lock, so that it does before another can notify) and that it woke. */
async function sleepOn(condition: Condition, sleeping: Semaphore, woken: Semaphore, timeout = 60_000) {
  await condition.acquire();
  sleeping.release();
  const notified = await condition.wait(timeout);
  woken.release();
  condition.release();
  return notified;
}

conformsEverywhere('_TestCondition', 'test_notify', async ({ way, mp }) => {
  const condition = new mp.Condition();
  const [sleeping, woken] = [new mp.Semaphore(0), new mp.Semaphore(0)];
  const sleepers = (['thread', way] as const).map((way) => start(way, sleepOn, condition, sleeping, woken));
  await queued(condition, 2);
  assert.equal(woken.getValue(), 0);
  for (let n = 1; n <= 2; n++) {
    condition.acquireSync();
    try {
      condition.notify();
    } finally {
      condition.release();
    }
    assert.ok(await woken.acquire(60_000));
    await queued(condition, 2 - n);
    assert.equal(woken.getValue(), 0);
  }
  for (const { result } of sleepers) assert.equal(await result, true);
});

conformsEverywhere('_TestCondition', 'test_notify_all', async ({ way, mp }) => {
  const condition = new mp.Condition();
  const [sleeping, woken] = [new mp.Semaphore(0), new mp.Semaphore(0)];
  const six = (timeout?: number) =>
    Promise.all((['thread', way] as const).map((way) => crew(way, 3, sleepOn, condition, sleeping, woken, timeout)));
  assert.deepEqual((await six(50)).flat(), Array(6).fill(false), 'they woke by themselves');
  assert.equal(woken.getValue(), 6);
  const all = six();
  await queued(condition, 6);
  assert.equal(woken.getValue(), 6);
  condition.acquireSync();
  condition.notifyAll();
  condition.release();
  assert.deepEqual((await all).flat(), Array(6).fill(true));
  assert.equal(woken.getValue(), 12);
});

conformsEverywhere('_TestCondition', 'test_notify_n', async ({ way, mp }) => {
  const condition = new mp.Condition();
  const [sleeping, woken] = [new mp.Semaphore(0), new mp.Semaphore(0)];
  const all = Promise.all(
    (['thread', way] as const).map((way) => crew(way, 3, sleepOn, condition, sleeping, woken, undefined)),
  );
  await queued(condition, 6);
  for (const [n, left] of [
    [1, 5],
    [4, 1],
    [3, 0],
    [3, 0],
  ] as const) {
    condition.acquireSync();
    condition.notify(n);
    condition.release();
    assert.equal(waiting(condition), left);
    await until(`${6 - left} to wake`, () => woken.getValue() === 6 - left);
  }
  assert.deepEqual((await all).flat(), Array(6).fill(true));
  assert.equal(woken.getValue(), 6);
});

conformsEverywhere('_TestCondition', 'test_timeout', async ({ way, mp }) => {
  const condition = new mp.Condition();
  const wait = async () => {
    await condition.acquire();
    try {
      const began = performance.now();
      return [condition.waitSync(100), await condition.wait(100), performance.now() - began] as const;
    } finally {
      condition.release();
    }
  };
  for (const [sync, async, elapsed] of [await wait(), await start(way, wait).result]) {
    assert.deepEqual([sync, async], [false, false]);
    assert.ok(elapsed >= 198, `${elapsed} ms`);
  }
});

conformsEverywhere('_TestCondition', 'test_waitfor', async ({ way, mp }) => {
  const condition = new mp.Condition();
  const state = new mp.Semaphore(0);
  const member = start(way, () => {
    condition.acquireSync();
    try {
      condition.waitForSync(() => state.getValue() === 0);
      state.release();
      condition.notify();
      return condition.waitForSync(() => state.getValue() === 4);
    } finally {
      condition.release();
    }
  });
  await condition.acquire();
  assert.equal(await condition.waitFor(async () => state.getValue() === 1), true);
  condition.release();
  for (let i = 2; i <= 4; i++) {
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

conformsEverywhere('_TestCondition', 'test_waitfor_timeout', async ({ way, mp }) => {
  const condition = new mp.Condition();
  const member = start(way, () => {
    condition.acquireSync();
    try {
      const began = performance.now();
      return [condition.waitForSync(() => false, 100), performance.now() - began] as const;
    } finally {
      condition.release();
    }
  });
  const [result, elapsed] = await member.result;
  assert.equal(result, false);
  assert.ok(elapsed >= 98 && elapsed < 20_000, `${elapsed} ms`);
  condition.acquireSync();
  try {
    assert.equal(await condition.waitFor(() => 0, 0), 0);
  } finally {
    condition.release();
  }
});

conformsEverywhere('_TestCondition', 'test_wait_result', async ({ way, mp }) => {
  const condition = new mp.Condition();
  const { Process } = mp;
  condition.acquireSync();
  assert.equal(condition.waitSync(0), false);
  assert.equal(await condition.wait(50), false);
  condition.release();
  const notifier = start(way, async () => {
    await until('the other to wait', () => condition.toString().endsWith(', 1)'));
    condition.acquireSync();
    try {
      condition.notify();
    } finally {
      condition.release();
    }
  });
  condition.acquireSync();
  assert.equal(condition.waitSync(60_000), true);
  condition.release();
  await notifier.result;
  if (way === 'thread') return;
  // Ctrl-C reaches a process that waits, and ends it; the wait does not swallow it.
  for (const wait of ['wait', 'waitSync'] as const) {
    const interrupted = new Process({
      target: async () => {
        condition.acquireSync();
        try {
          await condition[wait](60_000);
        } finally {
          condition.release();
        }
      },
    });
    interrupted.start();
    await queued(condition, 1);
    interrupted.interrupt();
    assert.ok(await interrupted.join(60_000));
    assert.equal(interrupted.exitCode, -2);
    assert.equal(condition.tryAcquire(), true);
    condition.notify();
    condition.release();
  }
});
