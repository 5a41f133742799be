/** Waits that are cancelled after they were called and before they have heard of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Barrier, Condition } from 'multiprocess';

test('a cancelled wait hands its notification on to the next', async () => {
  const condition = new Condition();
  const cancelling = new AbortController();
  const wait = async (options: { signal?: AbortSignal; timeout?: number }) => {
    using _held = await condition.hold();
    return await condition.wait(options);
  };
  const first = wait({ signal: cancelling.signal });
  await turn();
  const second = wait({ timeout: 10_000 });
  await turn();
  assert.ok(condition.tryAcquire());
  condition.notify();
  cancelling.abort();
  condition.release();
  await assert.rejects(first, { code: 'ERR_MP_CANCELLED' });
  assert.equal(await second, true);
});

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
