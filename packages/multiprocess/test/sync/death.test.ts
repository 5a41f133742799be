/** What becomes of the primitives when those who use them die. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Barrier, BoundedSemaphore, Condition, Event, getContext, Lock, RLock, Semaphore } from 'multiprocess';

const die = () => process.kill(process.pid, 'SIGKILL');

for (const method of ['forkserver', 'spawn'] as const) {
  const { Process } = getContext(method);

  const run = async <A extends readonly unknown[]>(target: (...args: A) => unknown, args: A) => {
    const child = new Process({ target, args: args as never });
    child.start();
    await child.join();
    return child.exitCode;
  };

  test(`${method}: the lock of a killed owner goes to the next, abandoned until released`, async () => {
    for (const lock of [new Lock(), new RLock()]) {
      const hold = (held: Lock | RLock, kill: () => void) => {
        held.acquireSync();
        kill();
      };
      assert.equal(await run(hold, [lock, die]), -9);
      assert.equal(lock.locked(), false);
      assert.equal(await lock.acquire(5000), true);
      assert.equal(lock.abandoned, true);
      lock.release();
      assert.equal(lock.abandoned, false);
    }
  });

  test(`${method}: a process that ends while it holds a lock counts as dead`, async () => {
    const lock = new Lock();
    assert.equal(await run((held: Lock) => held.acquireSync(), [lock]), 0);
    assert.equal(lock.acquireSync(5000), true);
    assert.equal(lock.abandoned, true);
    lock.release();
  });

  test(`${method}: those who wait for the lock of a process that is killed get it, one after the other`, async () => {
    const lock = new Lock();
    const ready = new Event();
    const holder = new Process({
      target: (held: Lock, event: Event) => {
        held.acquireSync();
        event.set();
        setInterval(() => {}, 1000);
      },
      args: [lock, ready],
    });
    holder.start();
    await ready.wait();
    const order: number[] = [];
    const waiters = [1, 2, 3].map(async (n) => {
      await lock.acquire(10_000);
      try {
        order.push(n);
      } finally {
        lock.release();
      }
    });
    assert.equal(lock.tryAcquire(), false);
    holder.kill();
    await Promise.all(waiters);
    assert.deepEqual(order.sort(), [1, 2, 3]);
    await holder.join();
  });

  test(`${method}: permits of the dead come back, but never more than there were`, async () => {
    const take = (semaphore: Semaphore, kill: () => void) => {
      semaphore.acquireSync();
      semaphore.acquireSync();
      semaphore.release();
      kill();
    };
    for (const semaphore of [new Semaphore(2), new BoundedSemaphore(2)]) {
      await run(take, [semaphore, die]);
      assert.equal(semaphore.getValue(), 2);
    }
    const events = new Semaphore(0);
    events.release(3);
    await run(take, [events, die]);
    assert.equal(events.getValue(), 2, 'one was taken and used up');
  });

  test(`${method}: a barrier whose waiter is killed breaks`, async () => {
    const barrier = new Barrier(3);
    const waiter = new Process({ target: (shared: Barrier) => shared.wait(), args: [barrier] });
    waiter.start();
    const wait = barrier.wait(20_000);
    const check = async () => {
      while (barrier.nWaiting < 2) await new Promise(setImmediate);
      waiter.kill();
    };
    await Promise.all([assert.rejects(wait, { code: 'ERR_MP_BROKEN_BARRIER' }), check()]);
    assert.equal(barrier.broken, true);
    await waiter.join();
  });

  test(`${method}: a condition forgets a waiter that was killed`, async () => {
    const condition = new Condition();
    const waiting = new Semaphore(0);
    const wait = async (shared: Condition, ready: Semaphore) => {
      await shared.acquire();
      ready.release();
      await shared.wait();
      ready.release();
      shared.release();
    };
    const [victim, survivor] = [1, 2].map(() => new Process({ target: wait, args: [condition, waiting] }));
    victim!.start();
    assert.ok(await waiting.acquire(10_000));
    survivor!.start();
    assert.ok(await waiting.acquire(10_000));
    victim!.kill();
    await victim!.join();
    await condition.acquire(5000);
    condition.notify();
    condition.release();
    assert.ok(await waiting.acquire(10_000), 'the survivor was notified, not the dead');
    await survivor!.join();
  });
}
