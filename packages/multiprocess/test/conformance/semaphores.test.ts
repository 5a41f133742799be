/** CPython: _test_multiprocessing.py, _TestSemaphore, and lock_tests.py, BaseSemaphoreTests and its two subclasses. */
import assert from 'node:assert/strict';
import { BoundedSemaphore, Semaphore } from 'multiprocess';
import { crew, start } from '../sync/crew.ts';
import { codeOf, conformsEverywhere, conformsOnce } from './support.ts';

const KINDS = ['Semaphore', 'BoundedSemaphore'] as const;

function goThroughItsValues(semaphore: Semaphore): void {
  assert.equal(semaphore.getValue(), 2);
  assert.equal(semaphore.acquireSync(), true);
  assert.equal(semaphore.getValue(), 1);
  assert.equal(semaphore.acquireSync(), true);
  assert.equal(semaphore.getValue(), 0);
  assert.equal(semaphore.tryAcquire(), false);
  assert.equal(semaphore.release(), undefined);
  assert.equal(semaphore.getValue(), 1);
  assert.equal(semaphore.release(), undefined);
  assert.equal(semaphore.getValue(), 2);
}

conformsOnce('_TestSemaphore', 'test_semaphore', () => {
  const semaphore = new Semaphore(2);
  goThroughItsValues(semaphore);
  semaphore.release();
  assert.equal(semaphore.getValue(), 3);
  semaphore.release();
  assert.equal(semaphore.getValue(), 4);
});

conformsOnce('_TestSemaphore', 'test_bounded_semaphore', () => {
  goThroughItsValues(new BoundedSemaphore(2));
});

conformsEverywhere('_TestSemaphore', 'test_timeout', async ({ way, mp }) => {
  const semaphore = new mp.Semaphore(0);
  const waits = async () => {
    const times: [boolean, number][] = [];
    for (const timeout of [-1, 0, 100]) {
      for (const wait of [() => semaphore.acquireSync(timeout), () => semaphore.acquire(timeout)]) {
        const began = performance.now();
        times.push([await wait(), performance.now() - began - Math.max(0, timeout)]);
      }
    }
    return times;
  };
  for (const [got, over] of [...(await waits()), ...(await start(way, waits).result)]) {
    assert.equal(got, false);
    assert.ok(over > -2 && over < 5000, `${over} ms too late`);
  }
});

conformsOnce('BaseSemaphoreTests', 'test_constructor', () => {
  for (const Kind of [Semaphore, BoundedSemaphore]) {
    for (const value of [-1, -(2 ** 31), 1.5, 2 ** 31]) {
      assert.equal(
        codeOf(() => new Kind(value)),
        'ERR_MP_INVALID_ARG',
      );
    }
  }
});

conformsOnce('BaseSemaphoreTests', 'test_acquire', async () => {
  for (const semaphore of [new Semaphore(2), new BoundedSemaphore(2)]) {
    semaphore.acquireSync();
    assert.equal(await semaphore.acquire(), true);
    assert.equal(semaphore.tryAcquire(), false);
    semaphore.release();
    semaphore.release();
  }
});

conformsOnce('BaseSemaphoreTests', 'test_acquire_destroy', () => {
  for (const semaphore of [new Semaphore(), new BoundedSemaphore()]) semaphore.acquireSync();
});

conformsEverywhere('BaseSemaphoreTests', 'test_acquire_contended', async ({ way, mp }) => {
  for (const kind of KINDS) {
    const semaphore = new mp[kind](7);
    const began = new mp.Semaphore(0);
    const got = new mp.Semaphore(0);
    const end = new mp.Event();
    semaphore.acquireSync();
    const all = crew(way, 5, () => {
      began.release();
      for (let i = 0; i < 2; i++) {
        semaphore.acquireSync(60_000);
        got.release();
      }
      end.waitSync(60_000); // with a member's end its permits would come back
    });
    for (let i = 0; i < 5 + 6; i++) assert.ok(await (i < 5 ? began : got).acquire(60_000)); // six permits were free
    assert.equal(got.tryAcquire(), false);
    assert.equal(semaphore.getValue(), 0);
    for (let i = 0; i < 4; i++) {
      semaphore.release();
      assert.ok(await got.acquire(60_000));
    }
    assert.equal(got.getValue(), 0);
    end.set();
    await all;
    assert.equal(semaphore.getValue(), 7);
  }
});

conformsEverywhere('BaseSemaphoreTests', 'test_multirelease', async ({ way, mp }) => {
  const semaphore = new mp.Semaphore(3);
  for (let i = 0; i < 3; i++) semaphore.acquireSync();
  const all = crew(way, 3, () => semaphore.acquireSync(60_000));
  semaphore.release(3);
  assert.deepEqual(await all, [true, true, true]);
  for (const n of [0, -1, 1.5]) {
    assert.equal(
      codeOf(() => semaphore.release(n)),
      'ERR_MP_INVALID_ARG',
    );
  }
});

conformsOnce('BaseSemaphoreTests', 'test_try_acquire', () => {
  for (const semaphore of [new Semaphore(2), new BoundedSemaphore(2)]) {
    const got = [1, 2, 3].map(() => semaphore.tryAcquire());
    assert.deepEqual(got, [true, true, false]);
    semaphore.release();
    assert.equal(semaphore.tryAcquire(), true);
  }
});

conformsEverywhere('BaseSemaphoreTests', 'test_try_acquire_contended', async ({ way, mp }) => {
  for (const kind of KINDS) {
    const semaphore = new mp[kind](4);
    semaphore.acquireSync();
    const barrier = new mp.Barrier(3);
    const all = await crew(way, 3, () => {
      const got = [semaphore.tryAcquire(), semaphore.tryAcquire()];
      barrier.waitSync(60_000); // with a member's end its permits would come back
      return got;
    });
    assert.equal(all.flat().filter(Boolean).length, 3);
  }
});

conformsOnce('BaseSemaphoreTests', 'test_acquire_timeout', async () => {
  for (const semaphore of [new Semaphore(2), new BoundedSemaphore(2)]) {
    semaphore.acquireSync();
    assert.equal(semaphore.acquireSync(5), true);
    assert.equal(semaphore.acquireSync(5), false);
    assert.equal(await semaphore.acquire(5), false);
    semaphore.release();
    assert.equal(semaphore.acquireSync(5), true);
    const began = performance.now();
    assert.equal(await semaphore.acquire(200), false);
    assert.ok(performance.now() - began >= 198);
  }
});

conformsEverywhere('BaseSemaphoreTests', 'test_default_value', async ({ way, mp }) => {
  for (const kind of KINDS) {
    const semaphore = new mp[kind]();
    semaphore.acquireSync();
    const member = start(way, () => {
      const got = semaphore.acquireSync(60_000);
      semaphore.release();
      return got;
    });
    semaphore.release();
    assert.equal(await member.result, true);
  }
});

conformsOnce('BaseSemaphoreTests', 'test_with', () => {
  for (const semaphore of [new Semaphore(2), new BoundedSemaphore(2)]) {
    const hold = (error?: Error) => {
      const one = semaphore.holdSync();
      try {
        assert.equal(semaphore.getValue(), 1);
        const two = semaphore.holdSync();
        try {
          assert.equal(semaphore.tryAcquire(), false);
          if (error) throw error;
        } finally {
          two[Symbol.dispose]();
        }
      } finally {
        one[Symbol.dispose]();
      }
    };
    hold();
    assert.throws(() => hold(new TypeError('within')), { name: 'TypeError' });
    assert.equal(semaphore.getValue(), 2);
  }
});

conformsOnce('SemaphoreTests', 'test_release_unacquired', () => {
  const semaphore = new Semaphore(1);
  semaphore.release();
  assert.deepEqual(
    [1, 2, 3].map(() => semaphore.tryAcquire()),
    [true, true, false],
  );
});

conformsOnce('SemaphoreTests', 'test_repr', () => {
  assert.deepEqual([`${new Semaphore(3)}`, `${new Semaphore(0)}`], ['Semaphore(value=3)', 'Semaphore(value=0)']);
});

conformsOnce('BoundedSemaphoreTests', 'test_release_unacquired', () => {
  const semaphore = new BoundedSemaphore();
  const release = () => codeOf(() => semaphore.release());
  assert.equal(release(), 'ERR_MP_RELEASED_TOO_OFTEN');
  semaphore.acquireSync();
  assert.equal(release(), 'nothing thrown');
  assert.equal(release(), 'ERR_MP_RELEASED_TOO_OFTEN');
});

conformsOnce('BoundedSemaphoreTests', 'test_repr', () => {
  const semaphore = new BoundedSemaphore(5);
  assert.equal(`${semaphore}`, 'BoundedSemaphore(value=5, maxvalue=5)');
  semaphore.acquireSync();
  assert.equal(`${semaphore}`, 'BoundedSemaphore(value=4, maxvalue=5)');
});
