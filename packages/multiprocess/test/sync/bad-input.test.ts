/** What is refused: with a code, and a message that names the argument, the value and what is accepted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore } from 'multiprocess';

const refused = async (act: () => unknown, ...parts: string[]) => {
  await assert.rejects(
    async () => act(),
    (error: { code: string; message: string }) => {
      assert.equal(error.code, 'ERR_MP_INVALID_ARG');
      for (const part of parts) assert.ok(error.message.includes(part), `${error.message} lacks ${part}`);
      return true;
    },
  );
};

test('timeouts', async () => {
  const [lock, rlock, semaphore, event] = [new Lock(), new RLock(), new Semaphore(), new Event()];
  const [condition, barrier] = [new Condition(), new Barrier(1)];
  condition.acquireSync();
  const waits = [
    ...[lock, rlock, semaphore].flatMap((one) => [
      (t: never) => one.acquire(t),
      (t: never) => one.acquireSync(t),
      (t: never) => one.hold(t),
      (t: never) => one.holdSync(t),
    ]),
    ...[event, condition, barrier].flatMap((one) => [(t: never) => one.wait(t), (t: never) => one.waitSync(t)]),
    (t: never) => condition.waitFor(() => true, t),
    (t: never) => condition.waitForSync(() => true, t),
  ];
  for (const wait of waits) {
    await refused(() => wait('5' as never), 'timeout', '"5"', 'number of milliseconds');
    await refused(() => wait(Number.NaN as never), 'timeout', 'NaN');
    await refused(() => wait(true as never), 'timeout', 'true');
    await refused(() => wait(null as never), 'timeout', 'null');
    await refused(() => wait(5n as never), 'timeout', '5n');
    await refused(() => wait({ timeout: '5' } as never), 'timeout', '"5"');
    await refused(() => wait({ timeOut: 5 } as never), "'timeOut'", 'timeout, signal');
    await refused(() => wait({ signal: {} } as never), 'signal', 'AbortSignal', 'Object');
  }
  assert.deepEqual([lock.locked(), rlock.locked(), semaphore.getValue()], [false, false, 1]);
});

test('counts', async () => {
  for (const wrong of [-1, 1.5, Number.NaN, 2 ** 31, '3', null]) {
    for (const Kind of [Semaphore, BoundedSemaphore]) {
      await refused(() => new Kind(wrong as never), 'value', 'integer from 0 to 2147483647', `${wrong}`);
    }
  }
  const semaphore = new Semaphore();
  for (const wrong of [0, -1, 1.5, '1', null]) {
    await refused(() => semaphore.release(wrong as never), 'n must', 'integer of at least 1', `${wrong}`);
  }
  semaphore.release(2 ** 31 - 2);
  assert.throws(() => semaphore.release(), {
    code: 'ERR_MP_RELEASED_TOO_OFTEN',
    message: 'semaphore or lock released too many times',
  });
  const condition = new Condition();
  condition.acquireSync();
  for (const wrong of [-1, 1.5, Number.NaN, '1', null]) {
    await refused(() => condition.notify(wrong as never), 'n must', 'integer of at least 0', `${wrong}`);
  }
});

test('conditions take a Lock or RLock', async () => {
  for (const wrong of [null, {}, new Semaphore(), new Event(), 'lock']) {
    await refused(() => new Condition(wrong as never), 'lock', 'a Lock or RLock');
  }
});

test('barriers', async () => {
  for (const wrong of [0, -1, 1.5, '2', undefined, null, 2 ** 31]) {
    await refused(() => new Barrier(wrong as never), 'parties', 'integer', `${wrong}`);
  }
  await refused(() => new Barrier(2, null as never), 'options', 'action, timeout', 'null');
  await refused(() => new Barrier(2, { timeot: 5 } as never), 'options', 'timeot', 'action, timeout');
  await refused(() => new Barrier(2, { action: 5 } as never), 'action', 'a function', '5');
  await refused(() => new Barrier(2, { timeout: '5' } as never), 'timeout', '"5"', 'number of milliseconds');
});

test('what one does not hold', async () => {
  const [lock, rlock, bounded, condition] = [new Lock(), new RLock(), new BoundedSemaphore(), new Condition()];
  const tooOften = { code: 'ERR_MP_RELEASED_TOO_OFTEN', message: /^semaphore or lock released too many times/ };
  assert.throws(() => lock.release(), tooOften);
  assert.throws(() => bounded.release(), tooOften);
  assert.throws(() => condition.release(), tooOften);
  assert.throws(() => rlock.release(), { code: 'ERR_MP_NOT_OWNER', message: /^attempt to release recursive lock/ });
  for (const act of [() => condition.notify(), () => condition.notifyAll()]) {
    assert.throws(act, { code: 'ERR_MP_NOT_OWNER', message: 'lock is not owned' });
  }
  await assert.rejects(condition.wait(0), { code: 'ERR_MP_NOT_OWNER' });
  assert.throws(() => condition.waitSync(0), { code: 'ERR_MP_NOT_OWNER' });
});
