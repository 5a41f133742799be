/** What is made to be shared works between threads exactly as between processes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Barrier, Event, Lock, Pipe, Queue, SharedArray, Value } from 'multiprocess';
import { currentThread, Thread } from 'multiprocess/threading';

const LIMIT = 60_000;

function startAll(n: number, target: (i: number) => unknown): Thread[] {
  const threads = Array.from({ length: n }, (_, i) => new Thread({ target, args: [i] }) as unknown as Thread);
  for (const thread of threads) thread.start();
  return threads;
}

const joinAll = (threads: Thread[]) => Promise.all(threads.map((thread) => thread.join()));

test('a lock excludes: no increment of a value is lost', async () => {
  const value = new Value('i32', 0, { lock: false } as {});
  const lock = new Lock();
  await joinAll(
    startAll(3, async () => {
      for (let i = 0; i < 500; i++) {
        if (i % 50 === 0) await lock.acquire();
        else lock.acquireSync();
        value.value = value.value + 1;
        lock.release();
      }
    }),
  );
  assert.equal(value.value, 1500);
});

test('a queue carries values both ways, blocking and not', async () => {
  const tasks = new Queue<number>();
  const results = new Queue<[number, string]>();
  const threads = startAll(2, async (i) => {
    for (;;) {
      const task = i ? await tasks.get() : tasks.getSync();
      if (task < 0) return;
      results.putSync([task * task, currentThread().name]);
    }
  });
  for (let i = 0; i < 20; i++) tasks.putSync(i);
  const got: [number, string][] = [];
  while (got.length < 20) got.push(await results.get(LIMIT));
  for (const _ of threads) tasks.putSync(-1);
  await joinAll(threads);
  assert.deepEqual(
    got.map(([square]) => square).sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, i) => i * i),
  );
  for (const [, name] of got) assert.ok(threads.some((thread) => thread.name === name));
});

test('an event wakes those who wait for it', async () => {
  const go = new Event();
  const woken = new Value('i32');
  const threads = startAll(2, async (i) => {
    if (i ? await go.wait(LIMIT) : go.waitSync(LIMIT)) woken.add(1);
  });
  assert.equal(await threads[0]!.join(20), false);
  go.set();
  await joinAll(threads);
  assert.equal(woken.value, 2);
});

test('a barrier lets all through together', async () => {
  const barrier = new Barrier(3, { timeout: LIMIT });
  const arrived = new Value('i32');
  const seen = new SharedArray('i32', 3);
  await joinAll(
    startAll(3, (i) => {
      arrived.add(1);
      barrier.waitSync();
      seen[i] = arrived.value;
    }),
  );
  assert.deepEqual([...seen], [3, 3, 3]);
});

test('an array is one memory', async () => {
  const array = new SharedArray('f64', 6);
  await joinAll(
    startAll(2, (i) => {
      for (let at = i; at < 6; at += 2) array[at] = at * 1.5;
    }),
  );
  assert.deepEqual([...array], [0, 1.5, 3, 4.5, 6, 7.5]);
});

test('a pipe has one end in each', async () => {
  const [here, there] = Pipe();
  const thread = new Thread({ target: () => there.sendSync((there.recvSync() as number) + 1) });
  thread.start();
  here.sendSync(41);
  assert.equal(await here.recv(), 42);
  await thread.join();
});

test('a lock whose holder has ended can be had again', async () => {
  const lock = new Lock();
  for (const leave of [() => {}, () => process.exit()]) {
    const thread = new Thread({
      target: () => {
        lock.acquireSync();
        leave();
      },
    });
    thread.start();
    await thread.join();
    assert.equal(lock.acquireSync(LIMIT), true);
    lock.release();
  }
});

test('who waits for a lock gets it when its holder ends', async () => {
  const lock = new Lock();
  const held = new Event();
  const go = new Event();
  const holder = new Thread({
    target: async () => {
      await lock.acquire();
      held.set();
      await go.wait(LIMIT);
    },
  });
  holder.start();
  assert.ok(await held.wait(LIMIT));
  assert.equal(lock.tryAcquire(), false);
  const waiting = lock.acquire(LIMIT);
  go.set();
  assert.equal(await waiting, true);
  lock.release();
  await holder.join();
});
