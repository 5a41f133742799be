/** Shutting a queue down: for everybody, softly or at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinableQueue, Queue } from 'multiprocess';
import { onEachWay, start } from '../sync/crew.ts';
import { untilBlocked } from './support/blocked.ts';

const shutdown = { code: 'ERR_MP_QUEUE_SHUTDOWN', message: 'queue has been shut down' };

async function refusesPuts(queue: Queue<number>): Promise<void> {
  assert.throws(() => queue.putSync(1), shutdown);
  assert.throws(() => queue.tryPut(1), shutdown);
  assert.throws(() => queue.putNowait(1), shutdown);
  assert.throws(() => queue.putManySync([1]), shutdown);
  await assert.rejects(queue.put(1), shutdown);
  await assert.rejects(queue.put(1, 5), shutdown);
  await assert.rejects(queue.putMany([1]), shutdown);
}

async function refusesGets(queue: Queue<number>): Promise<void> {
  assert.throws(() => queue.getSync(), shutdown);
  assert.throws(() => queue.tryGet(), shutdown);
  assert.throws(() => queue.getNowait(), shutdown);
  assert.throws(() => queue.getManySync(3), shutdown);
  await assert.rejects(queue.get(), shutdown);
  await assert.rejects(queue.get(5), shutdown);
  await assert.rejects(queue.getMany(3), shutdown);
}

test('softly: what is there can be got, nothing more be put', async () => {
  const queue = new Queue<number>(3);
  queue.putManySync([1, 2, 3]);
  queue.shutdown();
  await refusesPuts(queue);
  assert.deepEqual([queue.size(), queue.isEmpty(), queue.isFull()], [3, false, true]);
  assert.deepEqual(await queue.getMany(2), [1, 2]);
  assert.deepEqual(queue.tryGet(), { value: 3 });
  await refusesGets(queue);
  assert.deepEqual([queue.size(), queue.isEmpty(), queue.isFull()], [0, true, false]);
});

test('at once: what is there is dropped', async () => {
  const queue = new Queue<number>();
  queue.putManySync([1, 2, 3]);
  queue.shutdown({ immediate: true });
  await refusesPuts(queue);
  await refusesGets(queue);
  assert.deepEqual([queue.size(), queue.isEmpty()], [0, true]);
});

test('softly and then at once, but not back', async () => {
  const queue = new Queue<number>();
  queue.putManySync([1, 2]);
  queue.shutdown();
  queue.shutdown();
  assert.equal(queue.getSync(), 1);
  queue.shutdown({ immediate: true });
  queue.shutdown({ immediate: false });
  await refusesGets(queue);
});

test('waits of this thread end', async () => {
  for (const immediate of [false, true]) {
    const [empty, full] = [new Queue<number>(), new Queue<number>(1)];
    full.putSync(0);
    const waits = [
      assert.rejects(empty.get(), shutdown),
      assert.rejects(empty.get(60_000), shutdown),
      assert.rejects(empty.getMany(5), shutdown),
      assert.rejects(full.put(1), shutdown),
      assert.rejects(full.putMany([1, 2]), shutdown),
    ];
    empty.shutdown({ immediate });
    full.shutdown({ immediate });
    await Promise.all(waits);
    assert.equal(full.size(), immediate ? 0 : 1);
  }
});

test('values that come with the shutdown reach those who wait', async () => {
  const queue = new Queue<number>();
  const gets = [queue.get(), queue.get(), queue.get().catch((error) => error.code)];
  queue.putManySync([1, 2]);
  queue.shutdown();
  assert.deepEqual(await Promise.all(gets), [1, 2, 'ERR_MP_QUEUE_SHUTDOWN']);
});

for (const immediate of [false, true]) {
  onEachWay(`immediate: ${immediate}: those who wait in other processes and threads are told`, async ({ way, mp }) => {
    const [empty, full] = [new mp.Queue<number>(), new mp.JoinableQueue<number>(1)];
    full.putSync(0);
    const codes = async (...acts: (() => unknown)[]) => {
      const seen: unknown[] = [];
      for (const act of acts) {
        try {
          seen.push((await act()) ?? 'done');
        } catch (error) {
          seen.push((error as { code: string }).code);
        }
      }
      return seen;
    };
    const members = [
      start(way, () => codes(() => empty.getSync())),
      start(way, () => codes(() => empty.get())),
      start(way, () => codes(() => full.putSync(1))),
      start(way, () => codes(() => full.put(1))),
      start(way, () => codes(() => full.joinSync())),
      start(way, () => codes(() => full.join())),
    ];
    await untilBlocked(empty, 'getters', 2);
    await untilBlocked(full, 'putters', 2);
    await untilBlocked(full, 'joiners', 2);
    empty.shutdown({ immediate });
    full.shutdown({ immediate });
    if (!immediate) {
      await untilBlocked(full, 'putters', 0);
      await untilBlocked(full, 'joiners', 2); // softly: they wait for what is there
      assert.equal(full.getSync(), 0);
      full.taskDone();
    }
    const ends = await Promise.all(members.map((member) => member.result));
    assert.deepEqual(ends.flat(), [...Array(4).fill('ERR_MP_QUEUE_SHUTDOWN'), true, true]);
    const late = start(way, () =>
      codes(
        () => empty.get(),
        () => full.put(1),
        () => empty.isEmpty(),
      ),
    );
    assert.deepEqual(await late.result, ['ERR_MP_QUEUE_SHUTDOWN', 'ERR_MP_QUEUE_SHUTDOWN', true]);
  });
}

onEachWay('consumers share what is left, and each is told the end', async ({ way, mp }) => {
  const queue = new mp.Queue<number>();
  const consumers = [1, 2, 3].map(() =>
    start(way, async () => {
      let sum = 0;
      for await (const value of queue) sum += value;
      return sum;
    }),
  );
  await queue.putMany(Array.from({ length: 1000 }, (_, i) => i));
  queue.shutdown();
  const sums = await Promise.all(consumers.map((member) => member.result));
  assert.equal(
    sums.reduce((a, b) => a + b),
    499_500,
  );
});

test('a JoinableQueue counts what is dropped as done', async () => {
  for (const redeliver of [false, true]) {
    const queue = new JoinableQueue<number>({ redeliver });
    queue.putManySync([1, 2, 3]);
    assert.equal(queue.getSync(), 1);
    const join = queue.join();
    queue.shutdown({ immediate: true });
    assert.equal(queue.unfinished(), 1);
    assert.equal(queue.joinSync(0), false);
    queue.taskDone();
    assert.equal(await join, true);
    assert.throws(() => queue.taskDone(), { code: 'ERR_MP_RELEASED_TOO_OFTEN' });
  }
});
