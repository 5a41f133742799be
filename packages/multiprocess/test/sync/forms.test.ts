/** The three forms of every wait, timeouts, and `using`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore } from 'multiprocess';
import { crew, onEachWay, start } from './crew.ts';
import { queued, waiting } from './queued.ts';

const free = () => [new Lock(), new RLock(), new Semaphore(), new BoundedSemaphore(), new Condition()];

/** Each used up by somebody who does not let go; an RLock cannot be, by its own thread. */
function used() {
  const objects = [new Lock(), new Semaphore(0), new Condition()];
  for (const object of objects) object.tryAcquire();
  return objects;
}

test('each form acquires what is free, whatever the timeout', async () => {
  for (const object of free()) {
    for (const timeout of [undefined, 0, -1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 2 ** 40, 0.5, {}]) {
      assert.equal(await object.acquire(timeout), true);
      object.release();
      assert.equal(object.acquireSync(timeout), true);
      object.release();
      assert.equal(object.tryAcquire(), true);
      object.release();
    }
  }
});

test('0 and less do not wait, other timeouts do, and false is what comes of it', async () => {
  for (const object of used()) {
    assert.equal(object.tryAcquire(), false);
    for (const timeout of [0, -1, Number.NEGATIVE_INFINITY, { timeout: 0 }]) {
      const began = performance.now();
      assert.equal(object.acquireSync(timeout), false);
      assert.equal(await object.acquire(timeout), false);
      assert.ok(performance.now() - began < 20_000);
    }
    const began = performance.now();
    assert.equal(object.acquireSync(60), false);
    assert.equal(await object.acquire({ timeout: 60 }), false);
    assert.ok(performance.now() - began >= 118, 'not earlier');
    assert.equal(waiting(object), 0, 'nobody is left in the queue');
  }
});

test('events and barriers: 0 does not wait either', async () => {
  const event = new Event();
  assert.deepEqual(
    [event.waitSync(0), await event.wait(0), event.waitSync(-1), await event.wait(-1)],
    [...'0000'].map(Boolean).map(() => false),
  );
  for (const wait of ['wait', 'waitSync'] as const) {
    const barrier = new Barrier(2);
    await assert.rejects(async () => barrier[wait](0), { code: 'ERR_MP_BROKEN_BARRIER' });
  }
});

test('Infinity waits until it is given', async () => {
  const lock = new Lock();
  lock.acquireSync();
  const wait = lock.acquire(Number.POSITIVE_INFINITY);
  lock.release();
  assert.equal(await wait, true);
});

test('hold releases at the end of the block, once, and says which timeout has passed', async () => {
  for (const object of free()) {
    const outer = object.holdSync();
    outer[Symbol.dispose]();
    outer[Symbol.dispose]();
    {
      const held = await object.hold({ timeout: 1000 });
      try {
        if (!(object instanceof RLock)) assert.equal(object.tryAcquire(), false);
      } finally {
        held[Symbol.dispose]();
      }
    }
    assert.equal(object.tryAcquire(), true, 'and it is free again, though disposed of twice');
    object.release();
  }
  for (const object of used()) {
    const name = object instanceof Condition ? 'Lock' : object.constructor.name;
    const expected = { code: 'ERR_MP_TIMEOUT', message: `${name} could not be acquired within 5 ms` };
    await assert.rejects(object.hold(5), expected);
    assert.throws(() => object.holdSync({ timeout: 5 }), expected);
  }
});

onEachWay('a wait that runs out while others acquire returns false, and nothing is lost', async ({ way, mp }) => {
  const lock = new mp.Lock();
  const end = new mp.Event();
  const ready = new mp.Semaphore(0);
  const storm = crew(way, 2, () => {
    let acquired = 0;
    while (!end.isSet()) {
      if (!lock.acquireSync(10_000)) return -1;
      lock.release();
      if (acquired++ === 0) ready.release();
    }
    return acquired;
  });
  let own = 0;
  for (let i = 0; i < 2; i++) assert.ok(await ready.acquire(60_000));
  for (let i = 0; i < 200; i++) {
    if (!(await lock.acquire(i % 3))) continue;
    own++;
    lock.release();
  }
  end.set();
  const others = await storm;
  assert.ok(Math.min(...others) > 0, `${others}`);
  assert.equal(lock.token, own + others[0]! + others[1]!, 'every acquisition was counted once');
  assert.equal(lock.locked(), false);
});

onEachWay('whoever blocks is woken by another', async ({ way, mp }) => {
  const [lock, semaphore, event] = [new mp.Lock(), new mp.Semaphore(0), new mp.Event()];
  lock.acquireSync();
  const member = start(way, async () => {
    const got = [lock.acquireSync(60_000), semaphore.acquireSync(60_000), event.waitSync(60_000)];
    lock.release();
    return got;
  });
  await queued(lock, 1);
  lock.release();
  semaphore.release();
  await queued(event, 1);
  event.set();
  assert.deepEqual(await member.result, [true, true, true]);
});
