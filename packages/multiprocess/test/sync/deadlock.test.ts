/** Deadlocks: one of those in the cycle is told, the others go on; what only looks like one is left alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeadlockError, Lock, RLock } from 'multiprocess';
import { crew, onEachWay, start, type Way } from './crew.ts';
import { queued } from './queued.ts';

type How = 'acquire' | 'acquireSync';
const LIMIT = 60_000;

/** Each member takes its own lock, waits until all have theirs, and then wants that of the next. */
async function ring(way: Way, mp: any, hows: How[]) {
  const locks: Lock[] = hows.map(() => new mp.Lock());
  const barrier = new mp.Barrier(hows.length, { timeout: LIMIT });
  const member = async (how: How, own: Lock, next: Lock) => {
    await own.acquire(LIMIT);
    try {
      await barrier.wait();
      try {
        await next[how]();
        next.release();
        return { code: 'acquired' };
      } catch (error) {
        const { code, message, cycle } = error as DeadlockError;
        return { code, message, cycle };
      }
    } finally {
      own.release();
    }
  };
  const members = hows.map((how, i) => start(way, member, how, locks[i]!, locks[(i + 1) % locks.length]!));
  const results = await Promise.all(members.map(({ result }) => result));
  const told = results.filter(({ code }) => code === 'ERR_MP_DEADLOCK');
  assert.equal(told.length, 1, JSON.stringify(results));
  assert.equal(results.filter(({ code }) => code === 'acquired').length, hows.length - 1);
  for (const lock of locks) assert.equal(lock.locked() || lock.abandoned, false);
  const { message, cycle } = told[0]! as DeadlockError;
  assert.equal(cycle.length, hows.length);
  assert.equal(new Set(cycle.map(({ process, waitsFor }) => process + waitsFor)).size, hows.length);
  for (const { process, pid, waitsFor } of cycle) {
    assert.match(waitsFor, /^Lock 0x[0-9a-f]+$/);
    for (const part of [`${process} (pid ${pid})`, waitsFor]) assert.ok(message.includes(part), message);
  }
  assert.match(message, /^deadlock: .* waits for .*, held by .*, which waits for .*, held by /);
}

onEachWay('two that block', ({ way, mp }) => ring(way, mp, ['acquireSync', 'acquireSync']));
onEachWay('two that wait asynchronously', ({ way, mp }) => ring(way, mp, ['acquire', 'acquire']));
onEachWay('one of each', ({ way, mp }) => ring(way, mp, ['acquire', 'acquireSync']));
onEachWay('three in a ring', ({ way, mp }) => ring(way, mp, ['acquireSync', 'acquireSync', 'acquireSync']));
onEachWay('three in a ring, mixed', ({ way, mp }) => ring(way, mp, ['acquire', 'acquireSync', 'acquire']));

test('a thread that blocks for its own lock is told, and can go on', () => {
  const lock = new Lock();
  lock.acquireSync();
  try {
    assert.throws(() => lock.acquireSync(), {
      name: 'DeadlockError',
      code: 'ERR_MP_DEADLOCK',
      message: new RegExp(`MainProcess \\(pid ${process.pid}\\) waits for Lock 0x[0-9a-f]+, which it holds itself`),
    });
    assert.equal(new RLock().acquireSync(), true);
  } finally {
    lock.release();
  }
});

test('a wait with a timeout returns false: it ends by itself', async () => {
  const lock = new Lock();
  lock.acquireSync();
  try {
    assert.equal(lock.acquireSync(400), false);
    assert.equal(await lock.acquire(1500), false);
  } finally {
    lock.release();
  }
});

onEachWay('a cycle that goes through a wait with a timeout is none', async ({ way, mp }) => {
  const [first, second] = [new mp.Lock(), new mp.Lock()];
  const barrier = new mp.Barrier(2, { timeout: LIMIT });
  const member = async (own: Lock, next: Lock, timeout: number | undefined) => {
    await own.acquire(LIMIT);
    try {
      await barrier.wait();
      const got = next.acquireSync(timeout);
      if (got) next.release();
      return got;
    } finally {
      own.release();
    }
  };
  const patient = start(way, member, first, second, undefined);
  const backsOff = start(way, member, second, first, 500);
  assert.deepEqual([await patient.result, await backsOff.result], [true, false]);
});

test('asynchronous functions of one process that contend are no deadlock', async () => {
  const lock = new Lock();
  let running = 0;
  const use = async () => {
    await lock.acquire();
    try {
      assert.equal(++running, 1);
      await new Promise((resolve) => setTimeout(resolve, 400));
      running--;
    } finally {
      lock.release();
    }
  };
  await Promise.all([use(), use(), use(), use()]);
});

onEachWay('nor is a holder that does something else, of which another function waits', async ({ way, mp }) => {
  const [mine, theirs] = [new mp.Lock(), new mp.Lock()];
  mine.acquireSync();
  const member = start(way, () => {
    theirs.acquireSync(LIMIT);
    try {
      mine.acquireSync(); // blocked: it will not release theirs before it has mine
      mine.release();
      return 'acquired';
    } finally {
      theirs.release();
    }
  });
  await queued(mine, 1);
  const other = theirs.acquire(); // closes the cycle, as far as threads go
  await new Promise((resolve) => setTimeout(resolve, 600)); // what holds mine is busy, not stuck
  mine.release();
  assert.equal(await member.result, 'acquired');
  assert.equal(await other, true);
  theirs.release();
});

onEachWay('nor a busy system that goes on', async ({ way, mp }) => {
  const locks = [new mp.Lock(), new mp.Lock(), new mp.Lock()];
  const rounds = await crew(way, 3, async () => {
    const until = performance.now() + 2500;
    let round = 0;
    for (; performance.now() < until; round++) {
      const first = round % 2;
      const second = first + 1 + (round % 3 === 0 && first === 0 ? 1 : 0);
      await locks[first]!.acquire();
      if (round % 5) await locks[second]!.acquire();
      else locks[second]!.acquireSync();
      const spin = performance.now() + (round % 5);
      while (performance.now() < spin);
      locks[first]!.release();
      locks[second]!.release();
    }
    return round;
  });
  assert.ok(Math.min(...rounds) > 0, `${rounds}`);
});
