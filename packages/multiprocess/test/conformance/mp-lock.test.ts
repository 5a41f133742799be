/** CPython: _test_multiprocessing.py, _TestLock. */
import assert from 'node:assert/strict';
import { type Context, type Event, type Lock, RLock } from 'multiprocess';
import { start } from '../sync/crew.ts';
import { codeOf, conformsEverywhere, conformsOnce, stay } from './support.ts';

conformsEverywhere('_TestLock', 'test_repr_lock', async ({ way, mp }) => {
  const lock = new mp.Lock();
  assert.equal(`${lock}`, 'Lock(owner=None)');
  lock.acquireSync();
  assert.equal(`${lock}`, 'Lock(owner=MainProcess)');
  lock.release();
  await whileHeld(mp, lock, holdForever, () => {
    assert.equal(`${lock}`, 'Lock(owner=P1)');
  });
  const held = new mp.Event();
  const thread = start('thread', holdForever, lock, held);
  assert.ok(await held.wait(30_000));
  assert.match(`${lock}`, /^Lock\(owner=Thread-\d+\)$/);
  await thread.kill();
  assert.equal(await start(way, (shared) => `${shared}`, lock).result, 'Lock(owner=None)');
});

conformsEverywhere('_TestLock', 'test_lock', async ({ mp }) => {
  const lock = new mp.Lock();
  assert.equal(await lock.acquire(), true);
  assert.equal(lock.tryAcquire(), false);
  assert.equal(lock.release(), undefined);
  assert.equal(
    codeOf(() => lock.release()),
    'ERR_MP_RELEASED_TOO_OFTEN',
  );
});

conformsEverywhere('_TestLock', 'test_lock_locked_2processes', async ({ mp }) => {
  const lock = new mp.Lock();
  await whileHeld(mp, lock, holdForever, () => {
    assert.equal(lock.locked(), true);
  });
  assert.equal(lock.locked(), false);
});

conformsEverywhere('_TestLock', 'test_repr_rlock', async ({ mp }) => {
  const lock = new mp.RLock();
  assert.equal(`${lock}`, 'RLock(owner=None, count=0)');
  lock.acquireSync();
  assert.equal(`${lock}`, 'RLock(owner=MainProcess, count=1)');
  lock.release();
  await whileHeld(mp, lock, holdTwice, () => {
    assert.equal(`${lock}`, 'RLock(owner=P1, count=2)');
  });
  assert.equal(`${lock}`, 'RLock(owner=None, count=0)');
});

conformsOnce('_TestLock', 'test_rlock', () => {
  const lock = new RLock();
  for (let i = 0; i < 3; i++) assert.equal(lock.acquireSync(), true);
  for (let i = 0; i < 3; i++) assert.equal(lock.release(), undefined);
  assert.throws(() => lock.release(), {
    code: 'ERR_MP_NOT_OWNER',
    message: /^attempt to release recursive lock not owned by thread/,
  });
});

conformsEverywhere('_TestLock', 'test_rlock_locked_2processes', async ({ mp }) => {
  const lock = new mp.RLock();
  await whileHeld(mp, lock, holdTwice, () => {
    assert.equal(lock.locked(), true);
  });
  assert.equal(lock.locked(), false);
});

for (const [name, kind] of [
  ['test_lock_context', 'Lock'],
  ['test_rlock_context', 'RLock'],
] as const) {
  conformsEverywhere('_TestLock', name, async ({ way, mp }) => {
    const lock = new mp[kind]() as Lock | RLock;
    const use = async (shared: Lock | RLock) => {
      const seen: boolean[] = [];
      {
        const held = await shared.hold();
        try {
          seen.push(shared.locked());
        } finally {
          held[Symbol.dispose]();
        }
      }
      {
        const held = shared.holdSync();
        try {
          seen.push(shared.locked());
        } finally {
          held[Symbol.dispose]();
        }
      }
      return [...seen, shared.locked()];
    };
    assert.deepEqual(await use(lock), [true, true, false]);
    assert.deepEqual(await start(way, use, lock).result, [true, true, false]);
  });
}

function holdForever(lock: Lock, held: Event): Promise<never> {
  lock.acquireSync();
  held.set();
  return stay();
}

function holdTwice(lock: RLock, held: Event): Promise<never> {
  lock.acquireSync();
  lock.acquireSync();
  held.set();
  return stay();
}

/** While a process named P1 holds the lock, which then dies. */
async function whileHeld<L extends Lock | RLock>(
  mp: Context,
  lock: L,
  hold: (lock: L, held: Event) => unknown,
  look: () => void,
): Promise<void> {
  const held = new mp.Event();
  const child = new mp.Process({ target: hold, args: [lock, held], name: 'P1' });
  child.start();
  assert.ok(await held.wait(30_000));
  look();
  child.kill();
  await child.join();
  assert.equal(lock.locked(), false);
}
