/** CPython: lock_tests.py, LockTests and RLockTests. */
import assert from 'node:assert/strict';
import { Lock, RLock } from 'multiprocess';
import { start } from '../sync/crew.ts';
import { codeOf, conformsEverywhere, conformsOnce } from './support.ts';

conformsEverywhere('LockTests', 'test_reacquire', async ({ way, mp }) => {
  const lock = new mp.Lock();
  const once = new mp.Event();
  const twice = new mp.Event();
  const member = start(way, async () => {
    await lock.acquire();
    once.set();
    const got = await lock.acquire(60_000);
    twice.set();
    return got;
  });
  assert.ok(await once.wait(60_000));
  assert.equal(twice.isSet(), false);
  lock.release();
  assert.equal(await member.result, true);
  assert.equal(twice.isSet(), true);
});

conformsEverywhere('LockTests', 'test_different_thread', async ({ way, mp }) => {
  const lock = new mp.Lock();
  lock.acquireSync();
  await start(way, () => lock.release()).result;
  assert.equal(lock.tryAcquire(), true);
  lock.release();
});

conformsOnce('LockTests', 'test_state_after_timeout', async () => {
  const lock = new Lock();
  lock.acquireSync();
  assert.equal(lock.acquireSync(10), false);
  assert.equal(await lock.acquire(10), false);
  lock.release();
  assert.equal(lock.locked(), false);
  assert.equal(lock.tryAcquire(), true);
});

conformsOnce('RLockTests', 'test_repr_count', () => {
  const lock = new RLock();
  assert.equal(`${lock}`, 'RLock(owner=None, count=0)');
  lock.acquireSync();
  lock.acquireSync();
  assert.match(`${lock}`, /count=2\)$/);
  lock.release();
  assert.match(`${lock}`, /count=1\)$/);
  lock.release();
  assert.match(`${lock}`, /count=0\)$/);
});

conformsOnce('RLockTests', 'test_reacquire', async () => {
  const lock = new RLock();
  lock.acquireSync();
  assert.equal(await lock.acquire(), true);
  lock.release();
  assert.equal(lock.tryAcquire(), true);
  lock.release();
  lock.release();
  assert.equal(lock.locked(), false);
});

conformsOnce('RLockTests', 'test_release_unacquired', () => {
  const lock = new RLock();
  const release = () => codeOf(() => lock.release());
  assert.equal(release(), 'ERR_MP_NOT_OWNER');
  lock.acquireSync();
  lock.acquireSync();
  lock.release();
  lock.acquireSync();
  lock.release();
  lock.release();
  assert.equal(release(), 'ERR_MP_NOT_OWNER');
});

conformsOnce('RLockTests', 'test_locked', () => {
  const lock = new RLock();
  assert.equal(lock.locked(), false);
  lock.acquireSync();
  lock.acquireSync();
  lock.release();
  assert.equal(lock.locked(), true);
  lock.release();
  assert.equal(lock.locked(), false);
});

conformsEverywhere('RLockTests', 'test_locked_with_2threads', async ({ way, mp }) => {
  const lock = new mp.RLock();
  const held = new mp.Event();
  const enough = new mp.Event();
  const member = start(way, () => {
    lock.acquireSync();
    lock.acquireSync();
    held.set();
    const waited = enough.waitSync(60_000);
    lock.release();
    lock.release();
    return waited;
  });
  assert.ok(await held.wait(60_000));
  assert.equal(lock.locked(), true);
  enough.set();
  assert.equal(await member.result, true);
  assert.equal(lock.locked(), false);
});

conformsEverywhere('RLockTests', 'test_different_thread', async ({ way, mp }) => {
  const lock = new mp.RLock();
  const release = () => {
    try {
      lock.release();
      return 'nothing thrown';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  lock.acquireSync();
  assert.equal(await start(way, release).result, 'ERR_MP_NOT_OWNER');
  lock.release();
});
