/** close(): one thread lets go of a queue. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinableQueue, Queue, SimpleQueue, wait } from 'multiprocess';
import { memoryStats } from '../../dist/memory/index.js';
import { settle } from '../shared/support/collect.ts';
import { onEachWay, start } from '../sync/crew.ts';

const closed = (name: string) => ({ code: 'ERR_MP_CLOSED', message: `${name} is closed` });

test('every use after it is refused', async () => {
  const queue = new JoinableQueue<number>();
  queue.putSync(1);
  queue.close();
  queue.close();
  assert.equal(queue.closed, true);
  assert.equal(String(queue), '<JoinableQueue closed>');
  const uses: (() => unknown)[] = [
    () => queue.put(1),
    () => queue.putSync(1),
    () => queue.tryPut(1),
    () => queue.putNowait(1),
    () => queue.putMany([1]),
    () => queue.putMany([]),
    () => queue.putManySync([]),
    () => queue.get(),
    () => queue.getSync(),
    () => queue.tryGet(),
    () => queue.getNowait(),
    () => queue.getMany(1),
    () => queue.getManySync(1),
    () => queue.size(),
    () => queue.isEmpty(),
    () => queue.isFull(),
    () => queue.shutdown(),
    () => queue.taskDone(),
    () => queue.unfinished(),
    () => queue.join(),
    () => queue.joinSync(),
    () => queue[Symbol.asyncIterator]().next(),
  ];
  for (const use of uses) await assert.rejects(async () => use(), closed('JoinableQueue'), String(use));
  assert.throws(() => new Queue().putSync(queue), closed('JoinableQueue'), 'nor can it be sent');
});

test('the other classes, and disposal', () => {
  for (const queue of [new Queue(), new SimpleQueue()]) {
    queue[Symbol.dispose]();
    assert.throws(() => queue.putSync(1), closed(queue.constructor.name));
    assert.throws(() => queue.isEmpty(), closed(queue.constructor.name));
  }
});

test('calls that wait are refused, and the memory goes when they have been', async () => {
  const { cells } = memoryStats();
  const [empty, full] = [new JoinableQueue<number>(), new Queue<string>(1)];
  full.putSync('x');
  empty.putSync(0);
  empty.getSync();
  const waits = [empty.get(), empty.get(), empty.getMany(2), empty.join()].map((one) =>
    assert.rejects(one as Promise<unknown>, closed('JoinableQueue')),
  );
  const large = 'y'.repeat(50_000); // lies in a cell of its own while it waits
  waits.push(
    ...[full.put(large), full.put(large), full.putMany([large])].map((one) => assert.rejects(one, closed('Queue'))),
  );
  const ready = wait([empty]);
  empty.close();
  full.close();
  await Promise.all(waits);
  assert.deepEqual(await ready, [empty]);
  assert.equal(memoryStats().cells, cells);
});

test('putMany over values that close the queue meanwhile', async () => {
  const values = function* (queue: Queue<number>) {
    yield 1;
    queue.close();
    yield 2;
  };
  const [one, other] = [new Queue<number>(), new Queue<number>()];
  await assert.rejects(one.putMany(values(one)), closed('Queue'));
  assert.throws(() => other.putManySync(values(other)), closed('Queue'));
});

onEachWay('others go on', async ({ way, mp }) => {
  const queue = new mp.Queue<number>();
  const [opened, gone] = [new mp.Event(), new mp.Event()];
  const back = new mp.Queue<number>();
  const member = start(way, async () => {
    opened.set();
    gone.waitSync();
    queue.putSync(2);
    back.putSync(queue.getSync() + queue.getSync());
    queue.close();
    try {
      queue.getSync();
    } catch (error) {
      return (error as { code: string }).code;
    }
    return 'not refused';
  });
  await opened.wait();
  queue.putSync(40);
  queue.close();
  gone.set();
  assert.equal(await back.get(), 42);
  assert.equal(await member.result, 'ERR_MP_CLOSED');
});

onEachWay('with the last one who has it a queue goes, with all that is in it', async ({ way, mp }) => {
  const opened = new mp.Event();
  const { cells } = await settle();
  const queue = new mp.Queue<unknown>();
  const member = start(way, async () => {
    opened.set();
    for (let i = 0; i < 300; i++)
      queue.putSync({ i, text: 'z'.repeat(i * 100), lock: new mp.Lock(), inner: new mp.Queue() });
  });
  await opened.wait();
  queue.close();
  await member.result;
  // The references of a thread or a process are dropped a moment after its end has been seen.
  while (memoryStats().cells > cells) await new Promise(setImmediate);
  assert.equal(memoryStats().cells, cells);
});
