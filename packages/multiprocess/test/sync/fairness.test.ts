/** Nobody starves, tokens grow, and who dies is noticed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lock, Semaphore } from 'multiprocess';
import { crew, onEachWay, start } from './crew.ts';
import { queued } from './queued.ts';

const LIMIT = 60_000;

test('functions of one process get a lock in the order in which they asked', async () => {
  for (const object of [new Lock(), new Semaphore(1)]) {
    object.acquireSync();
    const order: number[] = [];
    const waits = Array.from({ length: 100 }, async (_, i) => {
      await object.acquire();
      try {
        order.push(i);
      } finally {
        object.release();
      }
    });
    object.release();
    await Promise.all(waits);
    assert.deepEqual(order, [...order.keys()]);
  }
});

onEachWay('no waiter starves under a storm of two others', async ({ way, mp }) => {
  for (const object of [new mp.Lock(), new mp.RLock(), new mp.Semaphore(1), new mp.BoundedSemaphore(1)]) {
    const [end, ready] = [new mp.Event(), new mp.Semaphore(0)];
    const storm = crew(way, 2, () => {
      ready.release();
      let acquired = 0;
      for (; !end.isSet(); acquired++) {
        object.acquireSync(LIMIT);
        object.release();
      }
      return acquired;
    });
    for (let i = 0; i < 2; i++) assert.ok(await ready.acquire(LIMIT));
    for (let i = 0; i < 50; i++) {
      assert.equal(i % 2 ? object.acquireSync(10_000) : await object.acquire(10_000), true, `${object} at turn ${i}`);
      object.release();
    }
    end.set();
    await storm;
  }
});

onEachWay('tokens grow with every acquisition, whoever makes it', async ({ way, mp }) => {
  for (const lock of [new mp.Lock(), new mp.RLock()]) {
    const all = await crew(way, 3, async () => {
      const tokens: number[] = [];
      for (let i = 0; i < 30; i++) {
        if (i % 3 === 0) await lock.acquire();
        else if (i % 3 === 1) lock.acquireSync();
        else while (!lock.tryAcquire());
        tokens.push(lock.token);
        lock.release();
      }
      return tokens;
    });
    for (const tokens of all)
      assert.deepEqual(
        tokens,
        tokens.toSorted((a, b) => a - b),
      );
    assert.equal(new Set(all.flat()).size, 90, 'no token twice');
    assert.equal(lock.token, 90);
  }
});

onEachWay('a holder that is killed: its lock goes to the next, abandoned until it is released', async ({ way, mp }) => {
  for (const lock of [new mp.Lock(), new mp.RLock()]) {
    const held = new mp.Event();
    const holder = start(way, () => {
      lock.acquireSync();
      held.set();
      return new Promise<number>(() => setInterval(() => {}, 1000));
    });
    assert.ok(await held.wait(LIMIT));
    assert.equal(lock.abandoned, false);
    const next = start(way, () => {
      const got = [lock.acquireSync(LIMIT), lock.abandoned];
      lock.release();
      return [...got, lock.abandoned];
    });
    await queued(lock, 1);
    await holder.kill();
    assert.deepEqual(await next.result, [true, true, false]);
    assert.equal(lock.tryAcquire(), true);
    assert.equal(lock.abandoned, false);
    lock.release();
  }
});

onEachWay('a waiter that is killed holds nobody up', async ({ way, mp }) => {
  const [lock, semaphore] = [new mp.Lock(), new mp.Semaphore(0)];
  lock.acquireSync();
  for (const [object, give] of [
    [lock, () => lock.release()],
    [semaphore, () => semaphore.release()],
  ] as const) {
    const victims = [1, 2].map(() => start(way, () => object.acquireSync()));
    await queued(object, 2);
    const survivor = start(way, () => object.acquireSync(LIMIT));
    await queued(object, 3);
    for (const victim of victims) await victim.kill();
    give();
    assert.equal(await survivor.result, true);
    assert.equal(
      object.tryAcquire(),
      object === lock,
      'the survivor has ended; a permit that was an event does not return',
    );
  }
});
