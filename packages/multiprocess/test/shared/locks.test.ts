import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedSemaphore, Condition, Lock, RLock, Semaphore, SharedArray, struct, Value } from 'multiprocess';
import { everywhere, failure } from './support/places.ts';

const MAKERS = {
  Value: (options?: object) => new Value('i', 5, options),
  SharedArray: (options?: object) => new SharedArray('i', [5], options),
};

for (const [name, make] of Object.entries(MAKERS)) {
  test(`${name}: by default and with lock: true it has a new RLock`, () => {
    for (const options of [undefined, {}, { lock: undefined }, { lock: true }]) {
      const shared = make(options);
      assert.ok(shared.getLock() instanceof RLock);
      assert.equal(shared.getLock(), shared.getLock());
      assert.notEqual(shared.getLock(), make(options).getLock());
    }
  });

  test(`${name}: a given lock is used`, async () => {
    for (const lock of [new Lock(), new RLock(), new Semaphore(1), new BoundedSemaphore(1), new Condition()]) {
      const shared = make({ lock });
      assert.equal(shared.getLock(), lock);
      for (const hold of [
        () => shared.holdSync(),
        () => shared.hold(),
        () => shared.holdSync(0),
        () => shared.hold(0),
      ]) {
        const held = await hold();
        if (!(lock instanceof RLock)) assert.equal(lock.tryAcquire(), false);
        held[Symbol.dispose]();
      }
      assert.equal(await shared.acquire(), true);
      if (!(lock instanceof RLock)) {
        assert.deepEqual([shared.tryAcquire(), shared.acquireSync(0), await shared.acquire(1)], [false, false, false]);
        assert.equal(failure(() => shared.holdSync(0)).code, 'ERR_MP_TIMEOUT');
        await assert.rejects(shared.hold(0), { code: 'ERR_MP_TIMEOUT' });
        await assert.rejects(shared.acquire({ signal: AbortSignal.abort() }), { code: 'ERR_MP_CANCELLED' });
      }
      shared.release();
      assert.equal(shared.tryAcquire(), true);
      shared.release();
    }
  });

  test(`${name}: lock: false means none`, () => {
    const shared = make({ lock: false });
    const uses = ['getLock', 'acquire', 'acquireSync', 'tryAcquire', 'release', 'hold', 'holdSync'] as const;
    for (const use of uses) {
      assert.deepEqual(
        failure(() => shared[use]()),
        {
          code: 'ERR_MP_UNSUPPORTED',
          message: `this ${name} has no lock: it was made with lock: false`,
        },
      );
    }
  });

  test(`${name}: what is no lock, and what is no option`, () => {
    for (const lock of [3, 'lock', null, {}, { acquire() {} }, Lock]) {
      const error = failure(() => make({ lock }));
      assert.equal(error.code, 'ERR_MP_INVALID_ARG');
      assert.match(
        error.message,
        /has no method 'acquire': lock must be a Lock or RLock, true for a new RLock, or false/,
      );
    }
    assert.match(failure(() => make({ look: false })).message, /^unknown option 'look'; accepted is lock$/);
    assert.match(failure(() => make(7 as never)).message, /^options must be an object, not 7$/);
  });

  test(`${name}: getObject is the same memory without the lock`, () => {
    const shared = make();
    const raw = shared.getObject();
    assert.equal(raw, shared.getObject());
    assert.equal(raw.constructor.name, name === 'Value' ? 'RawValue' : 'RawArray');
    assert.equal('getLock' in raw, false);
    if (shared instanceof Value) shared.value = 6;
    else shared[0] = 6;
    assert.equal('value' in raw && name === 'Value' ? raw.value : (raw as unknown as number[])[0], 6);
  });

  everywhere(`${name}: its lock is the same elsewhere`, async (run) => {
    const own = new Lock();
    for (const shared of [make(), make({ lock: own }), make({ lock: false })]) {
      const hasLock = failure(() => shared.getLock()).code === 'nothing';
      const seen = new Value('i32', -1);
      const held = hasLock ? shared.holdSync() : undefined;
      await run(
        (there: Value<'i'>, result: Value<'i32'>, lock: Lock) => {
          let code = 0;
          try {
            code = there.tryAcquire() ? 1 : 2;
          } catch (error) {
            code = (error as { code: string }).code === 'ERR_MP_UNSUPPORTED' ? 3 : 4;
          }
          result.value = code * 10 + (code !== 3 && there.getLock() === (lock as unknown) ? 1 : 0);
        },
        [shared as Value<'i'>, seen, own],
      );
      held?.[Symbol.dispose]();
      assert.equal(seen.value, !hasLock ? 30 : shared.getLock() === (own as unknown) ? 21 : 20);
    }
  });
}

test('assigning to a struct waits for the lock, unless this thread has it', async () => {
  const Pair = struct({ a: 'i', b: 'i' });
  for (const lock of [new Lock(), new RLock(), new Condition(), undefined]) {
    const pair = new Value(Pair, { a: 1, b: 2 }, { lock: lock as Lock });
    const held = await pair.hold();
    pair.value = { a: 3, b: 4 };
    pair.update(({ a, b }) => ({ a: b, b: a }));
    assert.deepEqual({ ...pair.value }, { a: 4, b: 3 });
    held[Symbol.dispose]();
  }
});

test('with a Lock asynchronous functions of one process keep each other out', async () => {
  const value = new Value('i32', 0, { lock: new Lock() });
  const work = async () => {
    for (let i = 0; i < 20; i++) {
      const held = await value.hold();
      const before = value.value;
      await new Promise((resolve) => setImmediate(resolve));
      value.value = before + 1;
      held[Symbol.dispose]();
    }
  };
  await Promise.all([work(), work(), work()]);
  assert.equal(value.value, 60);
});
