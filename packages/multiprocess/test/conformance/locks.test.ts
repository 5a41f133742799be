/** CPython: lock_tests.py, BaseLockTests, for Lock and RLock. */
import assert from 'node:assert/strict';
import { Lock, RLock } from 'multiprocess';
import { run } from '../process/support/program.ts';
import { crew, start } from '../sync/crew.ts';
import { codeOf, conformsEverywhere, conformsOnce } from './support.ts';

const KINDS = ['Lock', 'RLock'] as const;
const both = (): (Lock | RLock)[] => [new Lock(), new RLock()];

conformsOnce('BaseLockTests', 'test_constructor', async () => {
  both();
  const { stdout } = await run('../../conformance/fixtures/locks-collected.ts', { execArgv: ['--expose-gc'] });
  assert.equal(stdout, 'cells: 0 more\n');
});

conformsOnce('BaseLockTests', 'test_repr', () => {
  assert.deepEqual(both().map(String), ['Lock(owner=None)', 'RLock(owner=None, count=0)']);
});

conformsOnce('BaseLockTests', 'test_locked_repr', () => {
  const held = both();
  for (const lock of held) lock.acquireSync();
  assert.deepEqual(held.map(String), ['Lock(owner=MainProcess)', 'RLock(owner=MainProcess, count=1)']);
  for (const lock of held) lock.release();
});

conformsOnce('BaseLockTests', 'test_acquire_destroy', () => {
  for (const lock of both()) lock.acquireSync();
});

conformsOnce('BaseLockTests', 'test_acquire_release', async () => {
  for (const lock of both()) {
    for (let i = 0; i < 2; i++) {
      assert.equal(lock.acquireSync(), true);
      lock.release();
      assert.equal(await lock.acquire(), true);
      lock.release();
    }
    assert.equal(lock.locked(), false);
  }
});

conformsOnce('BaseLockTests', 'test_try_acquire', () => {
  for (const lock of both()) {
    assert.equal(lock.tryAcquire(), true);
    lock.release();
  }
});

conformsEverywhere('BaseLockTests', 'test_try_acquire_contended', async ({ way, mp }) => {
  for (const kind of KINDS) {
    const lock = new mp[kind]();
    lock.acquireSync();
    assert.equal(await start(way, () => lock.tryAcquire()).result, false);
    lock.release();
  }
});

conformsEverywhere('BaseLockTests', 'test_acquire_contended', async ({ way, mp }) => {
  for (const kind of KINDS) {
    const lock = new mp[kind]();
    const tried = new mp.Semaphore(0);
    lock.acquireSync();
    const all = crew(way, 3, () => {
      tried.release();
      const got = lock.acquireSync(60_000);
      lock.release();
      return got;
    });
    for (let i = 0; i < 3; i++) assert.ok(await tried.acquire(60_000));
    lock.release();
    assert.deepEqual(await all, [true, true, true]);
    assert.equal(lock.locked(), false);
  }
});

conformsEverywhere('BaseLockTests', 'test_with', async ({ way, mp }) => {
  for (const kind of KINDS) {
    const lock = new mp[kind]();
    const isFree = () => start(way, () => lock.tryAcquire() && lock.release() === undefined).result;
    const hold = (error?: Error) => {
      const held = lock.holdSync();
      try {
        if (error) throw error;
      } finally {
        held[Symbol.dispose]();
      }
    };
    hold();
    assert.equal(await isFree(), true);
    assert.throws(() => hold(new TypeError('within')), { name: 'TypeError' });
    assert.equal(await isFree(), true);
  }
});

conformsEverywhere('BaseLockTests', 'test_thread_leak', async ({ way, mp }) => {
  const lock = new mp.Lock();
  for (let round = 0; round < 2; round++) {
    await crew(way, 3, () => {
      lock.acquireSync(60_000);
      lock.release();
    });
  }
  assert.deepEqual([lock.locked(), lock.abandoned, lock.token], [false, false, 6]);
});

conformsEverywhere('BaseLockTests', 'test_timeout', async ({ way, mp }) => {
  for (const kind of KINDS) {
    const lock = new mp[kind]();
    for (const wrong of ['1', Number.NaN, null, 1n]) {
      assert.equal(
        codeOf(() => lock.acquireSync(wrong as never)),
        'ERR_MP_INVALID_ARG',
      );
    }
    for (const timeout of [-1, 0, Number.POSITIVE_INFINITY, 1e100, 5000]) {
      assert.equal(lock.acquireSync(timeout), true);
      lock.release();
    }
    lock.acquireSync();
    const timed = () => {
      const began = performance.now();
      return [lock.acquireSync(300), performance.now() - began] as const;
    };
    const [got, elapsed] = await start(way, timed).result;
    assert.equal(got, false);
    assert.ok(elapsed >= 299 && elapsed < 10_000, `${elapsed} ms`);
    lock.release();
  }
});
