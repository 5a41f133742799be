/** CPython: _test_multiprocessing.py, _TestLock, _TestSemaphore and _TestEvent, with the proxies of a manager. */
import assert from 'node:assert/strict';
import type { LockProxy, SemaphoreProxy } from 'multiprocess';
import { start } from '../sync/crew.ts';
import { conformsManaged } from './managed.ts';

const TOO_OFTEN = { code: 'ERR_MP_RELEASED_TOO_OFTEN' };
const WAY = 'forkserver';

conformsManaged('_TestLock', 'test_lock', async (manager) => {
  const lock = await manager.Lock();
  assert.equal(await lock.acquire(), true);
  assert.deepEqual([await lock.tryAcquire(), lock.tryAcquireSync()], [false, false]);
  assert.equal(await lock.release(), undefined);
  await assert.rejects(lock.release(), TOO_OFTEN);
  assert.throws(() => lock.releaseSync(), TOO_OFTEN);
});

conformsManaged('_TestLock', 'test_rlock', async (manager) => {
  const lock = await manager.RLock();
  for (let i = 0; i < 3; i++) assert.equal(await lock.acquire(), true);
  for (let i = 0; i < 3; i++) assert.equal(await lock.release(), undefined);
  await assert.rejects(lock.release(), {
    code: 'ERR_MP_NOT_OWNER',
    message: 'attempt to release recursive lock not owned by thread',
  });
});

for (const [name, kind] of [
  ['test_lock_locked_2processes', 'Lock'],
  ['test_rlock_locked_2processes', 'RLock'],
] as const) {
  conformsManaged('_TestLock', name, async (manager) => {
    const lock = (await manager.create(kind)) as LockProxy;
    const [held, enough] = [await manager.Event(), await manager.Event()];
    const member = start(WAY, async () => {
      await lock.acquire();
      held.setSync();
      await enough.wait(60_000);
      lock.releaseSync();
    });
    assert.ok(await held.wait(60_000));
    assert.deepEqual([await lock.locked(), await lock.tryAcquire(), lock.acquireSync(1)], [true, false, false]);
    await enough.set();
    await member.result;
    assert.equal(await lock.locked(), false);
  });
}

for (const [name, kind] of [
  ['test_lock_context', 'Lock'],
  ['test_rlock_context', 'RLock'],
] as const) {
  conformsManaged('_TestLock', name, async (manager) => {
    const lock = (await manager.create(kind)) as LockProxy;
    const use = async () => {
      const seen: boolean[] = [];
      for (const hold of [() => lock.hold(), () => lock.holdSync()]) {
        const held = await hold();
        seen.push(await lock.locked());
        held[Symbol.dispose]();
      }
      return [...seen, lock.lockedSync()];
    };
    assert.deepEqual(await use(), [true, true, false]);
    assert.deepEqual(await start(WAY, use).result, [true, true, false]);
  });
}

async function goThroughItsValues(semaphore: SemaphoreProxy): Promise<void> {
  const values = [await semaphore.getValue()];
  for (const act of ['acquire', 'acquire', 'release', 'release'] as const) {
    await semaphore[act]();
    values.push(semaphore.getValueSync());
  }
  assert.deepEqual(values, [2, 1, 0, 1, 2]);
}

conformsManaged('_TestSemaphore', 'test_semaphore', async (manager) => {
  const semaphore = await manager.Semaphore(2);
  await goThroughItsValues(semaphore);
  await semaphore.release();
  assert.equal(await semaphore.getValue(), 3);
  await semaphore.release(2);
  assert.equal(await semaphore.getValue(), 5);
});

conformsManaged('_TestSemaphore', 'test_bounded_semaphore', async (manager) => {
  const semaphore = await manager.BoundedSemaphore(2);
  await goThroughItsValues(semaphore);
  await assert.rejects(semaphore.release(), TOO_OFTEN);
});

conformsManaged('_TestSemaphore', 'test_timeout', async (manager) => {
  const semaphore = await manager.Semaphore(0);
  for (const timeout of [-1, 0, 100]) {
    for (const wait of [() => semaphore.acquireSync(timeout), () => semaphore.acquire(timeout)]) {
      const began = performance.now();
      assert.equal(await wait(), false);
      const over = performance.now() - began - Math.max(0, timeout);
      assert.ok(over > -2 && over < 5000, `${over} ms too late`);
    }
  }
});

conformsManaged('_TestEvent', 'test_event', async (manager) => {
  const [event, asked] = [await manager.Event(), await manager.Event()];
  assert.equal(await event.isSet(), false);
  for (const timeout of [0, 100]) {
    const began = performance.now();
    assert.deepEqual([await event.wait(timeout), event.waitSync(timeout)], [false, false]);
    assert.ok(performance.now() - began >= 2 * timeout - 2);
  }
  await event.set();
  assert.equal(event.isSetSync(), true);
  for (const timeout of [undefined, 0, 1000]) {
    assert.deepEqual([await event.wait(timeout), event.waitSync(timeout)], [true, true]);
  }
  event.clearSync();
  assert.equal(await event.isSet(), false);
  const setter = start(WAY, async () => {
    const got = asked.waitSync(60_000);
    await event.set();
    return got;
  });
  const wait = event.wait(60_000);
  await asked.set();
  assert.deepEqual([await wait, await setter.result], [true, true]);
});

conformsManaged('_TestEvent', 'test_repr', async (manager) => {
  const event = await manager.Event();
  for (const act of ['set', 'clear'] as const) {
    assert.match(`${event}`, /^<EventProxy for Event \w+>$/);
    await event[act]();
  }
});
