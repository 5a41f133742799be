/** ERR_MP_PEER_GONE: a wait that would never end, and when it may end after all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Queue } from 'multiprocess';
import { onEachWay, start } from '../sync/crew.ts';
import { blocked, untilBlocked } from './support/blocked.ts';

const gone = { code: 'ERR_MP_PEER_GONE' };

onEachWay('producers that are killed before they put anything', async ({ way, mp }) => {
  const queue = new mp.Queue<number>();
  const ready = new mp.Semaphore(0);
  const target = async () => {
    queue.isEmpty();
    ready.release();
    await new Promise<never>(() => setInterval(() => {}, 1000));
  };
  const members = [start(way, target), start(way, target)];
  await ready.acquire();
  await ready.acquire();
  const get = assert.rejects(queue.get(), gone);
  await members[0]!.kill();
  await assert.rejects(queue.get(100), { code: 'ERR_MP_QUEUE_EMPTY' }, 'the other one lives');
  await members[1]!.kill();
  await get;
  await assert.rejects(queue.get(60_000), gone);
  assert.throws(() => queue.getSync(), gone);
  assert.throws(() => queue.getSync(60_000), gone);
});

onEachWay('the consumer of a full queue is killed', async ({ way, mp }) => {
  const queue = new mp.Queue<number>(1);
  queue.putSync(0);
  const ready = new mp.Event();
  const member = start(way, async () => {
    queue.isFull();
    ready.set();
    await new Promise<never>(() => setInterval(() => {}, 1000));
  });
  await ready.wait();
  const puts = [queue.put(1), queue.putMany([2, 3])].map((put) => assert.rejects(put, gone));
  await member.kill();
  await Promise.all(puts);
  assert.throws(() => queue.putSync(1), gone);
  assert.equal(queue.size(), 1, 'what was there can be got');
  assert.equal(queue.getSync(), 0);
  queue.putSync(2);
  assert.equal(await queue.get(), 2);
});

onEachWay('a producer that ends well: all it has put is got first', async ({ way, mp }) => {
  const queue = new mp.Queue<number>();
  const member = start(way, () => {
    for (let i = 0; i < 1000; i++) queue.putSync(i);
  });
  const seen: number[] = [];
  await assert.rejects(async () => {
    for await (const value of queue) seen.push(value);
  }, gone);
  assert.equal(seen.length, 1000);
  await member.result;
});

onEachWay('a child whose parent lets go of the queue', async ({ way, mp }) => {
  const queue = new mp.Queue<number>();
  const [opened, sync] = [new mp.Event(), new mp.Event()];
  const members = [
    start(way, async () => {
      opened.set();
      return queue.get().catch((error) => error.code);
    }),
  ];
  await opened.wait();
  await untilBlocked(queue, 'getters', 1);
  assert.equal(sync.isSet(), false);
  queue.close();
  assert.equal(await members[0]!.result, 'ERR_MP_PEER_GONE');
});

test('nobody has been given the queue: an asynchronous wait goes on, a blocking one cannot end', async () => {
  const queue = new Queue<number>(1);
  const get = queue.get();
  await assert.rejects(queue.get(150), { code: 'ERR_MP_QUEUE_EMPTY' });
  assert.throws(() => queue.getSync(150), { code: 'ERR_MP_QUEUE_EMPTY' });
  assert.throws(() => queue.getSync(), gone);
  assert.equal(blocked(queue, 'getters'), 1);
  queue.putSync(1);
  assert.equal(await get, 1);
  queue.putSync(2);
  assert.throws(() => queue.putSync(3), gone);
});

onEachWay('another holder lives, whoever that is', async ({ way, mp }) => {
  const queue = new mp.Queue<number>();
  const [opened, end] = [new mp.Event(), new mp.Event()];
  const holder = start(way, async () => {
    queue.isEmpty(); // has it, and does nothing
    opened.set();
    await end.wait();
    queue.putSync(7);
  });
  await opened.wait();
  const get = queue.get();
  const other = start(way, () => queue.tryGet() ?? 'nothing');
  assert.equal(await other.result, 'nothing');
  await assert.rejects(queue.get(300), { code: 'ERR_MP_QUEUE_EMPTY' });
  end.set();
  assert.equal(await get, 7);
  await holder.result;
});

onEachWay('with waitForPeers they may come later', async ({ way, mp }) => {
  const queue = new mp.Queue<number>({ waitForPeers: true });
  await start(way, () => queue.putSync(1)).result;
  assert.equal(await queue.get(), 1);
  const get = queue.get();
  await assert.rejects(queue.get(300), { code: 'ERR_MP_QUEUE_EMPTY' });
  await start(way, () => queue.putSync(2)).result;
  assert.equal(await get, 2);
});

test('a queue that lies in another one is held by it', async () => {
  const [queue, carrier] = [new Queue<number>(), new Queue<Queue<number>>()];
  await start('forkserver', () => queue.isEmpty()).result;
  carrier.putSync(queue);
  await assert.rejects(queue.get(300), { code: 'ERR_MP_QUEUE_EMPTY' });
  carrier.getSync().close();
  await assert.rejects(queue.get(60_000), gone);
});
