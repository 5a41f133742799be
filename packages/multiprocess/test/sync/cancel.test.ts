/** Waits that are cancelled after they were called and before they have heard of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Barrier, Event, Lock, Process, RLock } from 'multiprocess';

test('a barrier breaks when the wait that is to act for the next round is cancelled', async () => {
  const action = Promise.withResolvers<void>();
  const barrier = new Barrier(1, { action: () => action.promise });
  const cancelling = new AbortController();
  const first = barrier.wait();
  await turn();
  const early = barrier.wait({ signal: cancelling.signal });
  const cancelled = assert.rejects(early, { code: 'ERR_MP_CANCELLED' });
  void action.promise.then(() => cancelling.abort()); // right after the round has ended
  action.resolve();
  assert.equal(await first, 0);
  await cancelled;
  assert.equal(barrier.broken, true);
});

test('a wait that inherits a dead owner’s lock as it is cancelled leaves it abandoned for the next', async () => {
  for (const lock of [new Lock(), new RLock()]) {
    const held = new Event();
    const owner = new Process({ target: hold, args: [lock, held] });
    owner.start();
    await held.wait();
    const cancelling = new AbortController();
    const early = assert.rejects(lock.acquire({ signal: cancelling.signal }), { code: 'ERR_MP_CANCELLED' });
    owner.kill();
    owner.joinSync(); // the event loop does not turn: the wait has heard of nothing
    cancelling.abort();
    await early;
    assert.equal(lock.tryAcquire(), true);
    assert.equal(lock.abandoned, true, `${lock}`);
    lock.release();
    assert.equal(lock.abandoned, false);
  }
});

function hold(lock: Lock | RLock, held: Event): void {
  lock.acquireSync();
  held.set();
  new Event().waitSync();
}
