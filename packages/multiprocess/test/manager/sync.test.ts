/** Synchronisation objects of a manager: between processes, with the client as the owner, and released when it dies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LockProxy, Manager, type MultiprocessError, Pipe, Process } from 'multiprocess';
import { untilEnd } from './support.ts';

const code = (expected: string) => (error: MultiprocessError) => error.code === expected;

/** A process that has done `act`, and stays. */
async function holder(act: () => Promise<unknown>): Promise<Process> {
  const [here, there] = Pipe();
  const child = new Process({
    target: async () => {
      await act();
      there.sendSync('done');
      await new Promise(() => setInterval(() => {}, 1000));
    },
  });
  child.start();
  assert.equal(await here.recv(), 'done');
  here.close();
  return child as Process;
}

async function kill(child: Process): Promise<void> {
  child.kill();
  await child.join();
}

test('a lock excludes others, and passes from one to the next in order', async () => {
  const manager = untilEnd(await Manager());
  const [lock, list] = [await manager.Lock(), await manager.list<number>()];
  const children = Array.from({ length: 4 }, () => {
    const child = new Process({
      target: async () => {
        for (let i = 0; i < 25; i++) {
          const held = await lock.hold();
          const length = await list.length();
          await list.append(length);
          held[Symbol.dispose]();
        }
      },
    });
    child.start();
    return child;
  });
  for (const child of children) await child.join();
  assert.deepEqual(
    await list.copy(),
    Array.from({ length: 100 }, (_, i) => i),
  );
  assert.equal(await lock.locked(), false);
  assert.equal(await lock.token(), 100);
  await assert.rejects(lock.release(), code('ERR_MP_RELEASED_TOO_OFTEN'));
  lock.acquireSync();
  assert.equal(await lock.acquire(10), false);
  await assert.rejects(lock.hold(10), code('ERR_MP_TIMEOUT'));
  assert.throws(() => lock.holdSync(10), code('ERR_MP_TIMEOUT'));
  await lock.release();
});

test('a lock whose owner is killed goes to who waits', async () => {
  const manager = untilEnd(await Manager());
  for (const make of ['Lock', 'RLock'] as const) {
    const lock = (await manager.create(make)) as LockProxy;
    const child = await holder(() => lock.acquire());
    assert.equal(await lock.tryAcquire(), false);
    const waiting = lock.acquire(20_000);
    await kill(child);
    assert.equal(await waiting, true, make);
    assert.equal(await lock.abandoned(), true);
    await lock.release();
    await lock.acquire();
    assert.equal(await lock.abandoned(), false);
  }
});

test('a waiter that is killed is forgotten', async () => {
  const manager = untilEnd(await Manager());
  const [lock, event] = [await manager.Lock(), await manager.Event()];
  await lock.acquire();
  const child = await holder(async () => {
    void lock.acquire();
    await event.isSet();
  });
  await kill(child);
  await lock.release();
  assert.equal(await lock.acquire(5000), true);
});

test('an RLock belongs to a process, which may acquire it again', async () => {
  const manager = untilEnd(await Manager());
  const lock = await manager.RLock();
  assert.deepEqual([await lock.acquire(), await lock.acquire(), lock.acquireSync()], [true, true, true]);
  const child = await holder(async () => {
    if (await lock.tryAcquire()) throw new Error('not exclusive');
    await lock.release().then(
      () => process.exit(3),
      (error) => error.code === 'ERR_MP_NOT_OWNER' || process.exit(4),
    );
  });
  for (let i = 0; i < 3; i++) await lock.release();
  assert.equal(await lock.locked(), false);
  await assert.rejects(lock.release(), code('ERR_MP_NOT_OWNER'));
  await kill(child);
});

test('permits of a semaphore come back when their holder is killed', async () => {
  const manager = untilEnd(await Manager());
  const semaphore = await manager.Semaphore(3);
  const child = await holder(async () => {
    await semaphore.acquire();
    await semaphore.acquire();
  });
  assert.equal(await semaphore.getValue(), 1);
  await semaphore.acquire();
  const waiting = semaphore.acquire(20_000);
  await kill(child);
  assert.equal(await waiting, true);
  assert.equal(await semaphore.getValue(), 1);
  await semaphore.release(2);
  assert.equal(await semaphore.getValue(), 3);
  await semaphore.release();
  assert.equal(await semaphore.getValue(), 4);
  const bounded = await manager.BoundedSemaphore(1);
  await assert.rejects(bounded.release(), code('ERR_MP_RELEASED_TOO_OFTEN'));
  await assert.rejects(manager.Semaphore(-1), code('ERR_MP_INVALID_ARG'));
});

test('a condition: wait, notify, waitFor, and the lock that is had again', async () => {
  const manager = untilEnd(await Manager());
  const lock = await manager.RLock();
  const [condition, stock] = [await manager.Condition(lock), await manager.Value('i', 0)];
  await assert.rejects(condition.wait(10), code('ERR_MP_NOT_OWNER'));
  await assert.rejects(condition.notify(), code('ERR_MP_NOT_OWNER'));
  const child = new Process({
    target: async () => {
      const held = await condition.hold();
      await condition.waitFor(async () => (await stock.get()) >= 3);
      await stock.set(-1);
      await condition.notifyAll();
      held[Symbol.dispose]();
    },
  });
  child.start();
  {
    const held = await condition.hold();
    await lock.acquire(); // twice
    for (let i = 0; i < 3; i++) {
      await stock.add(1);
      await condition.notify();
    }
    assert.equal(await condition.waitFor(async () => (await stock.get()) === -1, 20_000), true);
    await lock.release();
    assert.equal(await condition.locked(), true);
    assert.equal(await condition.wait(10), false);
    assert.equal(
      condition.waitForSync(() => 0, 10),
      0,
    );
    held[Symbol.dispose]();
  }
  assert.equal(await lock.locked(), false);
  await child.join();
  await assert.rejects(manager.Condition({} as never), code('ERR_MP_INVALID_ARG'));
});

test('an event wakes all', async () => {
  const manager = untilEnd(await Manager());
  const event = await manager.Event();
  assert.equal(await event.wait(10), false);
  const waits = Array.from({ length: 10 }, () => event.wait());
  const child = new Process({ target: () => event.setSync() });
  child.start();
  assert.deepEqual(await Promise.all(waits), Array(10).fill(true));
  await child.join();
  await event.clear();
  assert.equal(await event.isSet(), false);
});

test('a barrier: indexes, action, timeout, reset, and a party that is killed', async () => {
  const manager = untilEnd(await Manager());
  const barrier = await manager.Barrier(3, { action: () => {} });
  const indexes = await Promise.all([barrier.wait(), barrier.wait(), barrier.wait()]);
  assert.deepEqual(indexes.sort(), [0, 1, 2]);
  await assert.rejects(barrier.wait(10), code('ERR_MP_BROKEN_BARRIER'));
  assert.equal(await barrier.broken(), true);
  await barrier.reset();
  const child = await holder(async () => {
    void barrier.wait();
    await barrier.parties();
  });
  assert.equal(await barrier.nWaiting(), 1);
  const waiting = assert.rejects(barrier.wait(), code('ERR_MP_BROKEN_BARRIER'));
  await kill(child);
  await waiting;
  const failing = await manager.Barrier(1, {
    action: () => {
      throw new RangeError('no');
    },
  });
  await assert.rejects(failing.wait(), RangeError);
  await assert.rejects(failing.wait(), code('ERR_MP_BROKEN_BARRIER'));
  await assert.rejects(manager.Barrier(0), code('ERR_MP_INVALID_ARG'));
});

test('a joinable queue, and the end of a queue', async () => {
  const manager = untilEnd(await Manager());
  const queue = await manager.JoinableQueue<number>();
  const child = new Process({
    target: async () => {
      for (let i = 0; i < 10; i++) {
        await queue.get();
        await queue.taskDone();
      }
    },
  });
  await queue.putMany([...Array(10).keys()]);
  assert.equal(await queue.join(10), false);
  child.start();
  assert.equal(await queue.join(), true);
  await assert.rejects(queue.taskDone(), code('ERR_MP_RELEASED_TOO_OFTEN'));
  await child.join();
  await queue.putMany([1, 2, 3]);
  assert.deepEqual(await queue.getMany(2), [1, 2]);
  await queue.shutdown();
  await assert.rejects(queue.put(1), code('ERR_MP_QUEUE_SHUTDOWN'));
  assert.equal(await queue.get(), 3);
  await assert.rejects(queue.get(), code('ERR_MP_QUEUE_SHUTDOWN'));
});

test('a pool in the manager', async () => {
  const manager = untilEnd(await Manager());
  const pool = await manager.Pool(2);
  assert.deepEqual(await pool.map((n: number) => n * n, [1, 2, 3]), [1, 4, 9]);
  const result = await pool.applyAsync((a: number, b: number) => a + b, [1, 2]);
  assert.equal(await result.get(), 3);
  assert.equal(await result.successful(), true);
  const squares: number[] = [];
  for await (const n of await pool.imap((n: number) => n * n, [1, 2, 3])) squares.push(n);
  assert.deepEqual(squares, [1, 4, 9]);
  await assert.rejects(
    pool.apply(() => {
      throw new TypeError('in a worker');
    }),
    TypeError,
  );
  await pool[Symbol.asyncDispose]();
});
