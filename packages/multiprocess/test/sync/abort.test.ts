/** AbortSignals: a wait that is cancelled leaves nothing behind and loses nothing. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { Barrier, Condition, Event, Lock, RLock, Semaphore } from 'multiprocess';
import { onEachWay, start } from './crew.ts';
import { queued, waiting } from './queued.ts';

const cancelled = (cause: unknown) => (error: { code?: string; cause?: unknown }) =>
  error.code === 'ERR_MP_CANCELLED' && error.cause === cause;

test('a signal that has been aborted ends every wait before it begins', async () => {
  const signal = AbortSignal.abort('why');
  const [lock, semaphore, event, condition] = [new Lock(), new Semaphore(), new Event(), new Condition()];
  event.set();
  for (const wait of [
    () => lock.acquire({ signal }),
    () => new RLock().hold({ signal }),
    () => semaphore.acquire({ signal }),
    () => event.wait({ signal }),
    () => new Barrier(1).wait({ signal }),
    async () => lock.acquireSync({ signal }),
    async () => semaphore.holdSync({ signal }),
    async () => event.waitSync({ signal }),
    async () => new Barrier(1).waitSync({ signal }),
  ]) {
    await assert.rejects(wait, cancelled('why'));
  }
  assert.deepEqual([lock.locked(), semaphore.getValue()], [false, 1]);
  condition.acquireSync();
  try {
    await assert.rejects(condition.wait({ signal }), cancelled('why'));
    assert.equal(condition.locked(), true, 'a condition is left with its lock held');
  } finally {
    condition.release();
  }
});

test('a signal that is aborted meanwhile ends the wait', async () => {
  const [lock, semaphore, event, condition] = [new Lock(), new Semaphore(0), new Event(), new Condition()];
  const barrier = new Barrier(2);
  lock.acquireSync();
  condition.acquireSync();
  for (const [object, wait] of [
    [lock, (signal: AbortSignal) => lock.acquire({ signal })],
    [semaphore, (signal: AbortSignal) => semaphore.acquire({ signal })],
    [event, (signal: AbortSignal) => event.wait({ signal, timeout: 60_000 })],
    [condition, (signal: AbortSignal) => condition.wait({ signal })],
    [barrier, (signal: AbortSignal) => barrier.wait({ signal })],
  ] as const) {
    const before = waiting(object);
    const controller = new AbortController();
    const waits = wait(controller.signal);
    assert.equal(waiting(object), before + 1);
    controller.abort('enough');
    await assert.rejects(waits, cancelled('enough'));
    assert.equal(waiting(object), before);
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  }
  assert.equal(condition.locked(), true);
  assert.equal(barrier.broken, true, 'a barrier cannot do without one of its parties');
  await assert.rejects(barrier.wait(), { code: 'ERR_MP_BROKEN_BARRIER' });
});

test('aborted as it is granted: a lock and a permit go to the next', async () => {
  for (const object of [new Lock(), new Semaphore(1)]) {
    object.acquireSync();
    const controller = new AbortController();
    const first = object.acquire({ signal: controller.signal });
    const second = object.acquire(60_000);
    object.release(); // grants it to the first, who has not run yet
    controller.abort();
    await assert.rejects(first, { code: 'ERR_MP_CANCELLED' });
    assert.equal(await second, true);
    assert.equal(object.tryAcquire(), false);
    object.release();
    assert.equal(object.locked(), false);
  }
});

test('aborted as it is notified: the wait has succeeded, and the notification is not lost', async () => {
  const condition = new Condition();
  const controller = new AbortController();
  const wait = async () => {
    await condition.acquire();
    try {
      return await condition.wait({ signal: controller.signal });
    } finally {
      condition.release();
    }
  };
  const waits = wait();
  await queued(condition, 1);
  await condition.acquire();
  try {
    condition.notify();
    controller.abort();
  } finally {
    condition.release();
  }
  assert.equal(await waits, true);
});

test('aborted as it is to act for the next round of a barrier: it acts', async () => {
  let release = () => {};
  const acting = new Promise<void>((resolve) => (release = resolve));
  let rounds = 0;
  const barrier = new Barrier(2, { action: () => (rounds++ === 0 ? acting : undefined) });
  const controller = new AbortController();
  const first = [barrier.wait(), barrier.wait()];
  const next = [barrier.wait(), barrier.wait({ signal: controller.signal })];
  release();
  await first[1]; // has begun the next round and called the one who acts for it
  controller.abort();
  assert.deepEqual(await Promise.all([...first, ...next]), [0, 1, 0, 1]);
  assert.deepEqual([rounds, barrier.broken], [2, false]);
});

test('1000 waits leave no listener on a signal that they share, and 1000 at once give no warning', async () => {
  const { signal } = new AbortController();
  const [event, lock, warnings] = [new Event(), new Lock(), [] as unknown[]];
  const warn = (warning: unknown) => void warnings.push(warning);
  process.on('warning', warn);
  for (let i = 0; i < 500; i++) {
    await event.wait({ signal, timeout: 0 });
    await lock.acquire({ signal });
    const next = lock.acquire({ signal });
    lock.release();
    await next;
    lock.release();
  }
  const all = Array.from({ length: 1000 }, () => event.wait({ signal }));
  assert.equal(getEventListeners(signal, 'abort').length, 1000);
  event.set();
  await Promise.all(all);
  await new Promise(setImmediate);
  process.off('warning', warn);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  assert.deepEqual(warnings, []);
});

onEachWay('aborted while another process gives it away: never lost, never doubled', async ({ way, mp }) => {
  const semaphore = new mp.Semaphore(0);
  const asked = new mp.Semaphore(0);
  const giver = start(way, () => {
    for (let i = 0; i < 300; i++) {
      asked.acquireSync(60_000);
      semaphore.release();
    }
  });
  let got = 0;
  for (let i = 0; i < 300; i++) {
    const controller = new AbortController();
    const wait = semaphore.acquire({ signal: controller.signal }).then(
      () => got++,
      () => {},
    );
    asked.release();
    for (let turn = 0; turn < i % 7; turn++) await new Promise(setImmediate);
    controller.abort();
    await wait;
  }
  await giver.result;
  assert.equal(got + semaphore.getValue(), 300);
});
