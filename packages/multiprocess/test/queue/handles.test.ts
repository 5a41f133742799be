/** Shared objects in messages: they live as long as a message that holds them, and go with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event, JoinableQueue, Lock, Pipe, Queue, RawArray, type Semaphore } from 'multiprocess';
import { ensureRealm, memoryStats } from '../../dist/memory/index.js';
import { collectUntil, settle } from '../shared/support/collect.ts';
import { onEachWay, start } from '../sync/crew.ts';

ensureRealm();

/** Runs `body`, and wants every cell that it took to be free again after a while. */
async function givesBack(body: () => unknown): Promise<void> {
  const before = (await settle()).cells;
  await body();
  await collectUntil(() => memoryStats().cells <= before);
  assert.equal(memoryStats().cells, before);
}

const SIZES = [0, 50_000];

onEachWay('what is in a queue outlives a sender that has ended', async ({ way, mp }) => {
  await givesBack(async () => {
    const queue = new mp.Queue<{ semaphore: Semaphore; array: Float64Array; inner: Queue<string> }>();
    await start(way, () => {
      for (const size of [0, 50_000]) {
        const semaphore = new mp.Semaphore(3);
        const array = new RawArray('f64', 10).array;
        const inner = new mp.Queue<string>();
        inner.putSync('inside'.padEnd(size));
        array[9] = 1.5;
        queue.putSync({ semaphore, array, inner });
      }
    }).result;
    const churn = Array.from({ length: 200 }, () => new Lock()); // would reuse the cells if they were free
    for (const size of SIZES) {
      const { semaphore, array, inner } = await queue.get();
      assert.deepEqual([semaphore.getValue(), array[9], inner.getSync()], [3, 1.5, 'inside'.padEnd(size)]);
      inner.close();
    }
    assert.equal(
      churn.some((lock) => lock.locked()),
      false,
    );
    queue.close();
  });
});

test('a lock may be in very many messages', async () => {
  await givesBack(() => {
    const [queue, lock] = [new Queue<Lock>(), new Lock()];
    for (let i = 0; i < 20_000; i++) queue.putSync(lock);
    lock.acquireSync();
    for (let i = 0; i < 20_000; i++) if (!queue.getSync().locked()) throw new Error(`message ${i}: another lock`);
    lock.release();
    queue.close();
  });
});

test('got, closed with the queue, dropped by a shutdown, too many: all is given back', async () => {
  const message = (size: number) => ({ lock: new Lock(), queue: new Queue(), text: 'x'.repeat(size) });
  for (const size of SIZES) {
    await givesBack(async () => {
      const queue = new Queue<any>();
      queue.putSync(message(size));
      await queue.put(message(size));
      queue.getSync();
      await queue.get();
      queue.close();
    });
    await givesBack(() => {
      const queue = new Queue<any>();
      for (let i = 0; i < 10; i++) queue.putSync(message(size));
      queue.close();
    });
    await givesBack(() => {
      const queue = new JoinableQueue<any>({ redeliver: true });
      for (let i = 0; i < 10; i++) queue.putSync(message(size));
      queue.getManySync(3);
      queue.taskDone();
      queue.shutdown({ immediate: true });
      queue.close();
    });
    await givesBack(async () => {
      const queue = new Queue<any>(1);
      queue.putSync(0);
      assert.equal(queue.tryPut(message(size)), false);
      assert.throws(() => queue.putSync(message(size), 1), { code: 'ERR_MP_QUEUE_FULL' });
      await assert.rejects(queue.put(message(size), 1), { code: 'ERR_MP_QUEUE_FULL' });
      await assert.rejects(queue.put(message(size), { signal: AbortSignal.timeout(1) }), { code: 'ERR_MP_CANCELLED' });
      const waiting = [queue.put(message(size)), queue.put(message(size))];
      queue.shutdown();
      for (const put of waiting) await assert.rejects(put, { code: 'ERR_MP_QUEUE_SHUTDOWN' });
      assert.throws(() => queue.putSync(message(size)), { code: 'ERR_MP_QUEUE_SHUTDOWN' });
      queue.close();
    });
  }
});

test('queues that nobody refers to are collected with what is in them', async () => {
  await givesBack(() => {
    for (let i = 0; i < 50; i++) {
      const queue = new Queue<any>();
      queue.putManySync([new Lock(), 'x'.repeat(30_000), new Event()]);
    }
  });
});

test('pipes: what was not received goes with them', async () => {
  for (const size of SIZES) {
    await givesBack(async () => {
      const [a, b] = Pipe<any>();
      for (let i = 0; i < 5; i++) a.sendSync({ lock: new Lock(), text: 'x'.repeat(size) });
      b.recvSync();
      await b.recv();
      assert.equal(a.writable, true);
      a.close();
      b.close();
    });
  }
});

test('ten thousand queues one after the other, and many at once', async () => {
  await givesBack(() => {
    for (let i = 0; i < 10_000; i++) {
      const queue = new Queue<number>();
      queue.putSync(i);
      queue.close();
    }
    const all = Array.from({ length: 2000 }, () => new Queue<number>());
    for (const queue of all) queue.putSync(1);
    for (const queue of all) queue.close();
  });
});
