/** JoinableQueue without redelivery: as in Python. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinableQueue } from 'multiprocess';
import { onEachWay, start } from '../sync/crew.ts';
import { untilBlocked } from './support/blocked.ts';

const tooOften = { code: 'ERR_MP_RELEASED_TOO_OFTEN', message: 'task_done() called too many times' };

for (const redeliver of [false, true]) {
  test(`redeliver: ${redeliver}: join waits until all is done`, async () => {
    const queue = new JoinableQueue<number>({ redeliver });
    assert.deepEqual([queue.joinSync(), await queue.join(), queue.unfinished()], [true, true, 0]);
    assert.throws(() => queue.taskDone(), tooOften);
    queue.putManySync([1, 2]);
    assert.deepEqual(
      [queue.joinSync(0), await queue.join(5), queue.joinSync(5), queue.unfinished()],
      [false, false, false, 2],
    );
    const joins = [queue.join(), queue.join(60_000)];
    queue.getSync();
    queue.taskDone();
    assert.equal(queue.unfinished(), 1);
    await queue.get();
    assert.equal(queue.joinSync(-1), false);
    queue.taskDone();
    assert.deepEqual(await Promise.all(joins), [true, true]);
    assert.throws(() => queue.taskDone(), tooOften);
    queue.putSync(3);
    assert.equal(queue.joinSync(0), false);
    queue.close();
  });
}

test('as in Python, an item may be called done before it is got; with redeliver not', () => {
  const queue = new JoinableQueue<number>();
  queue.putSync(1);
  queue.taskDone();
  assert.equal(queue.joinSync(0), true);
  const strict = new JoinableQueue<number>({ redeliver: true });
  strict.putSync(1);
  assert.throws(() => strict.taskDone(), tooOften);
});

for (const redeliver of [false, true]) {
  onEachWay(`redeliver: ${redeliver}: several consumers, several who join`, async ({ way, mp }) => {
    const queue = new mp.JoinableQueue<number>({ redeliver });
    const done = new mp.Value('i', 0);
    const consumers = [0, 1, 2].map((i) =>
      start(way, async () => {
        for await (const value of queue) {
          done.add(value);
          queue.taskDone();
        }
        return i;
      }),
    );
    await queue.putMany(Array.from({ length: 100 }, () => 1));
    const others = [
      start(way, () => [queue.joinSync(), done.value]),
      start(way, async () => [await queue.join(), done.value]),
    ];
    assert.equal(await queue.join(), true);
    assert.deepEqual([done.value, queue.unfinished()], [100, 0]);
    for (const other of others) assert.deepEqual(await other.result, [true, 100]);
    queue.putSync(1);
    assert.equal(queue.joinSync(), true);
    queue.shutdown();
    await Promise.all(consumers.map((member) => member.result));
    assert.equal(done.value, 101);
  });
}

onEachWay('the last taskDone wakes those who join in other processes and threads', async ({ way, mp }) => {
  const queue = new mp.JoinableQueue<number>();
  queue.putSync(1);
  const joins = [start(way, () => queue.joinSync()), start(way, () => queue.join())];
  await untilBlocked(queue, 'joiners', 2);
  queue.getSync();
  queue.taskDone();
  for (const join of joins) assert.equal(await join.result, true);
});
