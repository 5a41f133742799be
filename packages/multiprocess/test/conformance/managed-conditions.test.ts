/** CPython: _test_multiprocessing.py, _TestCondition and _TestBarrier, with the proxies of a manager. */
import assert from 'node:assert/strict';
import type { BarrierProxy, ConditionProxy, SemaphoreProxy, SyncManager } from 'multiprocess';
import { until } from '../process/support/procfs.ts';
import { crew, start } from '../sync/crew.ts';
import { conformsManaged } from './managed.ts';

const WAY = 'forkserver';
const LIMIT = 60_000;

/** What members of a crew have in common. */
interface Shared {
  condition: ConditionProxy;
  sleeping: SemaphoreProxy;
  woken: SemaphoreProxy;
}

async function shared(manager: SyncManager): Promise<Shared> {
  return {
    condition: await manager.Condition(),
    sleeping: await manager.Semaphore(0),
    woken: await manager.Semaphore(0),
  };
}

/** Waits, and says so under the lock: who has the lock after that can notify it. */
async function sleepOn({ condition, sleeping, woken }: Shared, timeout = 60_000): Promise<boolean> {
  await condition.acquire();
  await sleeping.release();
  const notified = await condition.wait(timeout);
  await woken.release();
  await condition.release();
  return notified;
}

async function locked(condition: ConditionProxy, act: () => unknown): Promise<void> {
  const held = await condition.hold();
  await act();
  held[Symbol.dispose]();
}

conformsManaged('_TestCondition', 'test_notify', async (manager) => {
  const all = await shared(manager);
  const { condition, sleeping, woken } = all;
  const sleepers = crew(WAY, 2, sleepOn, all);
  for (let i = 0; i < 2; i++) assert.ok(await sleeping.acquire(LIMIT));
  for (let n = 1; n <= 2; n++) {
    await locked(condition, () => condition.notify());
    assert.ok(await woken.acquire(LIMIT));
    assert.equal(await woken.getValue(), 0, 'one at a time');
  }
  assert.deepEqual(await sleepers, [true, true]);
});

conformsManaged('_TestCondition', 'test_notify_all', async (manager) => {
  const all = await shared(manager);
  const { condition, sleeping } = all;
  assert.deepEqual(await crew(WAY, 3, sleepOn, all, 50), [false, false, false]);
  for (let i = 0; i < 3; i++) assert.ok(await sleeping.tryAcquire());
  const sleepers = crew(WAY, 3, sleepOn, all);
  for (let i = 0; i < 3; i++) assert.ok(await sleeping.acquire(LIMIT));
  await locked(condition, () => condition.notifyAll());
  assert.deepEqual(await sleepers, [true, true, true]);
});

conformsManaged('_TestCondition', 'test_notify_n', async (manager) => {
  const all = await shared(manager);
  const { condition, sleeping, woken } = all;
  const sleepers = crew(WAY, 4, sleepOn, all);
  for (let i = 0; i < 4; i++) assert.ok(await sleeping.acquire(LIMIT));
  for (const [n, total] of [
    [1, 1],
    [2, 3],
    [3, 4],
    [3, 4],
  ] as const) {
    await locked(condition, () => condition.notify(n));
    await until(`${total} to wake`, async () => (await woken.getValue()) === total);
  }
  assert.deepEqual(await sleepers, [true, true, true, true]);
});

conformsManaged('_TestCondition', 'test_timeout', async (manager) => {
  const condition = await manager.Condition();
  await condition.acquire();
  const began = performance.now();
  assert.deepEqual([await condition.wait(100), condition.waitSync(100)], [false, false]);
  assert.ok(performance.now() - began >= 198);
  await condition.release();
});

conformsManaged('_TestCondition', 'test_waitfor', async (manager) => {
  const condition = await manager.Condition();
  const state = await manager.Value<number>('i', -1);
  const member = start(WAY, async () => {
    await condition.acquire();
    await state.set(0);
    await condition.notify();
    const got = await condition.waitFor(async () => (await state.get()) === 4, 60_000);
    await condition.release();
    return got;
  });
  await locked(condition, async () => {
    assert.equal(await condition.waitFor(async () => (await state.get()) === 0, LIMIT), true);
  });
  for (let i = 0; i < 4; i++) {
    await locked(condition, async () => {
      await state.add(1);
      await condition.notify();
    });
  }
  assert.equal(await member.result, true);
});

conformsManaged('_TestCondition', 'test_waitfor_timeout', async (manager) => {
  const condition = await manager.Condition();
  const waits = async () => {
    await condition.acquire();
    const began = performance.now();
    const got = [condition.waitForSync(() => false, 50), await condition.waitFor(() => 0, 50)];
    await condition.release();
    return [got, performance.now() - began] as const;
  };
  const [got, elapsed] = await start(WAY, waits).result;
  assert.deepEqual(got, [false, 0]);
  assert.ok(elapsed >= 98 && elapsed < 20_000, `${elapsed} ms`);
});

conformsManaged('_TestCondition', 'test_wait_result', async (manager) => {
  const { condition, sleeping } = await shared(manager);
  await condition.acquire();
  assert.deepEqual([await condition.wait(0), condition.waitSync(50)], [false, false]);
  const notifier = start(WAY, async () => {
    await sleeping.acquire(60_000);
    await condition.acquire();
    await condition.notify();
    await condition.release();
  });
  await sleeping.release();
  assert.equal(condition.waitSync(LIMIT), true);
  await condition.release();
  await notifier.result;
});

const N = 4;

async function passInStep(manager: SyncManager, rounds: number): Promise<void> {
  const barrier = await manager.Barrier(N, { timeout: LIMIT });
  const passed = await manager.Semaphore(0);
  const all = await crew(WAY, N, async () => {
    const seen: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await barrier.wait();
      passed.releaseSync();
      barrier.waitSync();
      seen.push(await passed.getValue());
      await barrier.wait();
    }
    return seen;
  });
  const expected = Array.from({ length: rounds }, (_, round) => N * (round + 1));
  assert.deepEqual(all, Array(N).fill(expected), 'nobody runs ahead, nobody stays behind');
  assert.equal(await barrier.broken(), false);
}

conformsManaged('_TestBarrier', 'test_barrier', (manager) => passInStep(manager, 1));
conformsManaged('_TestBarrier', 'test_barrier_10', (manager) => passInStep(manager, 10));

conformsManaged('_TestBarrier', 'test_wait_return', async (manager) => {
  const barrier = await manager.Barrier(N);
  const all = await crew(WAY, N, async () => [barrier.waitSync(60_000), await barrier.wait(60_000)]);
  for (const round of [0, 1]) assert.deepEqual(all.map((indices) => indices[round]!).sort(), [0, 1, 2, 3]);
});

conformsManaged('_TestBarrier', 'test_action', async (manager) => {
  const acted = await manager.list<true>();
  const barrier = await manager.Barrier(N, { action: () => acted.append(true), timeout: LIMIT });
  const seen = await crew(WAY, N, async () => {
    await barrier.wait();
    return acted.length();
  });
  assert.deepEqual(seen, Array(N).fill(1));
});

/** Those that wait when `act` is done to the barrier; the last of the members does it, once all others wait. */
async function broken(barrier: BarrierProxy, act: 'abort' | 'reset'): Promise<void> {
  const codes = crew(WAY, N - 1, () =>
    barrier.wait().then(
      () => 'passed',
      (error) => `${error.code} ${error.name}`,
    ),
  );
  await until('the others to wait', async () => (await barrier.nWaiting()) === N - 1);
  await barrier[act]();
  assert.deepEqual(await codes, Array(N - 1).fill('ERR_MP_BROKEN_BARRIER BrokenBarrierError'));
}

async function passes(barrier: BarrierProxy): Promise<void> {
  assert.equal(await barrier.broken(), false);
  const indices = await crew(WAY, N, () => barrier.wait());
  assert.deepEqual(indices.sort(), [0, 1, 2, 3]);
}

conformsManaged('_TestBarrier', 'test_abort', async (manager) => {
  const barrier = await manager.Barrier(N, { timeout: LIMIT });
  await broken(barrier, 'abort');
  assert.deepEqual([await barrier.broken(), await barrier.nWaiting()], [true, 0]);
  assert.throws(() => barrier.waitSync(), { code: 'ERR_MP_BROKEN_BARRIER' });
});

conformsManaged('_TestBarrier', 'test_reset', async (manager) => {
  const barrier = await manager.Barrier(N, { timeout: LIMIT });
  await broken(barrier, 'reset');
  await passes(barrier);
});

conformsManaged('_TestBarrier', 'test_abort_and_reset', async (manager) => {
  const barrier = await manager.Barrier(N, { timeout: LIMIT });
  await broken(barrier, 'abort');
  await barrier.reset();
  await passes(barrier);
});

for (const [name, byDefault] of [
  ['test_timeout', false],
  ['test_default_timeout', true],
] as const) {
  conformsManaged('_TestBarrier', name, async (manager) => {
    const barrier = await manager.Barrier(N, byDefault ? { timeout: 100 } : {});
    const waits = [barrier.wait(byDefault ? undefined : 100), barrier.wait(), barrier.wait()];
    for (const wait of waits) await assert.rejects(wait, { code: 'ERR_MP_BROKEN_BARRIER' });
    assert.equal(await barrier.broken(), true);
  });
}

conformsManaged('_TestBarrier', 'test_single_thread', async (manager) => {
  const barrier = await manager.Barrier(1);
  for (let i = 0; i < 3; i++) assert.deepEqual([barrier.waitSync(), await barrier.wait()], [0, 0]);
});
