/** Items of consumers that died are delivered again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinableQueue, type Lock } from 'multiprocess';
import { ensureRealm, memoryStats } from '../../dist/memory/index.js';
import { collectUntil, settle } from '../shared/support/collect.ts';
import { onEachWay, start } from '../sync/crew.ts';

const SIZES = [0, 100, 20_000]; // the last one lies in a cell of its own
ensureRealm();

/** Takes `n` items, and then does nothing more. */
async function taker(way: Parameters<typeof start>[0], mp: any, queue: JoinableQueue<any>, n: number) {
  const taken = new mp.Event();
  const member = start(way, async () => {
    for (let i = 0; i < n; i++) i % 2 ? queue.getSync() : await queue.get();
    taken.set();
    await new Promise<never>(() => setInterval(() => {}, 1000));
  });
  await taken.wait();
  return member;
}

onEachWay('each item of a killed consumer comes back once, before newer ones and in its order', async ({ way, mp }) => {
  for (const size of SIZES) {
    const queue = new mp.JoinableQueue<[number, string]>({ redeliver: true });
    const item = (n: number): [number, string] => [n, 'x'.repeat(size)];
    await queue.putMany([0, 1, 2, 3, 4, 5].map(item));
    const member = await taker(way, mp, queue, 3);
    assert.deepEqual([queue.size(), queue.unfinished()], [3, 6]);
    assert.deepEqual(queue.getSync(), item(3), 'while it lives nobody gets its items');
    await member.kill();
    const seen = [];
    for (let i = 0; i < 5; i++) seen.push(await queue.get(60_000));
    assert.deepEqual(seen, [0, 1, 2, 4, 5].map(item));
    assert.deepEqual([queue.tryGet(), queue.unfinished()], [undefined, 6]);
    for (let i = 0; i < 6; i++) queue.taskDone();
    assert.throws(() => queue.taskDone(), { code: 'ERR_MP_RELEASED_TOO_OFTEN' });
    assert.equal(queue.joinSync(0), true);
  }
});

onEachWay('those who wait get what the dead had', async ({ way, mp }) => {
  const queue = new mp.JoinableQueue<number>({ redeliver: true });
  queue.putManySync([1, 2, 3]);
  const member = await taker(way, mp, queue, 3);
  const other = start(way, async () => {
    const got = [await queue.get(), queue.getSync()];
    for (const _ of got) queue.taskDone();
    return got;
  });
  const own = queue.get();
  const join = queue.join();
  await member.kill();
  const all = [await own, ...(await other.result)];
  assert.deepEqual(all.sort(), [1, 2, 3]);
  assert.equal(queue.unfinished(), 1);
  queue.taskDone();
  assert.equal(await join, true);
});

onEachWay('taskDone is for the oldest item of its thread', async ({ way, mp }) => {
  const queue = new mp.JoinableQueue<number>({ redeliver: true });
  queue.putManySync([1, 2, 3]);
  const done = new mp.Event();
  const member = start(way, async () => {
    queue.getManySync(3);
    queue.taskDone();
    queue.taskDone();
    done.set();
    await new Promise<never>(() => setInterval(() => {}, 1000));
  });
  await done.wait();
  assert.throws(() => queue.taskDone(), { code: 'ERR_MP_RELEASED_TOO_OFTEN' }, 'it has none');
  await member.kill();
  assert.equal(await queue.get(60_000), 3);
  assert.equal(queue.unfinished(), 1);
});

onEachWay('an item may be lost by one after the other', async ({ way, mp }) => {
  const queue = new mp.JoinableQueue<{ text: string; lock: Lock }>({ redeliver: true });
  for (const size of SIZES) queue.putSync({ text: 'y'.repeat(size), lock: new mp.Lock() });
  for (let round = 0; round < 3; round++) await (await taker(way, mp, queue, 3)).kill();
  for (const size of SIZES) {
    const { text, lock } = await queue.get(60_000);
    assert.equal(text.length, size);
    assert.equal(lock.acquireSync(0), true, 'what is in it lives');
    lock.release();
    queue.taskDone();
  }
  assert.equal(queue.joinSync(0), true);
});

onEachWay('a consumer that ends without taskDone counts as dead', async ({ way, mp }) => {
  const queue = new mp.JoinableQueue<number>({ redeliver: true });
  queue.putManySync([1, 2]);
  assert.equal(await start(way, () => queue.get()).result, 1);
  assert.deepEqual([await queue.get(), await queue.get()], [1, 2]);
});

onEachWay('after an immediate shutdown nothing is delivered again, and join ends', async ({ way, mp }) => {
  const queue = new mp.JoinableQueue<number>({ redeliver: true });
  queue.putManySync([1, 2, 3]);
  const members = [await taker(way, mp, queue, 1), await taker(way, mp, queue, 1)];
  await members[0]!.kill();
  const join = queue.join();
  queue.shutdown({ immediate: true });
  assert.equal(queue.unfinished(), 1);
  await members[1]!.kill();
  assert.equal(await join, true);
  await assert.rejects(queue.get(), { code: 'ERR_MP_QUEUE_SHUTDOWN' });
  assert.throws(() => queue.tryGet(), { code: 'ERR_MP_QUEUE_SHUTDOWN' });
});

onEachWay('after a soft shutdown they are', async ({ way, mp }) => {
  const queue = new mp.JoinableQueue<number>({ redeliver: true });
  queue.putManySync([1, 2]);
  const member = await taker(way, mp, queue, 1);
  queue.shutdown();
  await member.kill();
  assert.deepEqual([await queue.get(), await queue.get()], [1, 2]);
  await assert.rejects(queue.get(), { code: 'ERR_MP_QUEUE_SHUTDOWN' });
});

onEachWay(
  'consumers that are killed again and again: every item is done in the end, in memory that is given back',
  async ({ way, mp }) => {
    const before = (await settle()).cells;
    await (async () => {
      const queue = new mp.JoinableQueue<[number, string]>({ redeliver: true });
      const done = new mp.Queue<number>({ waitForPeers: true });
      const work = async () => {
        for await (const [n] of queue) {
          done.putSync(n);
          queue.taskDone();
        }
      };
      for (let n = 0; n < 60; n++) queue.putSync([n, 'z'.repeat(n % 3 ? 10 : 20_000)]);
      let [kills, ended] = [0, false];
      const join = queue.join().finally(() => (ended = true));
      while (!ended && kills < 5) {
        const member = start(way, work);
        while (!ended && queue.unfinished() > 50 - kills * 10) await new Promise(setImmediate);
        await member.kill();
        kills++;
      }
      const last = start(way, work);
      assert.equal(await join, true);
      queue.shutdown();
      await last.result;
      const all = done.getManySync(Number.POSITIVE_INFINITY);
      assert.equal(new Set(all).size, 60);
      assert.ok(all.length <= 60 + kills, 'at most the one in work is done again');
      queue.close();
      done.close();
    })(); // whose variables are gone now
    await collectUntil(() => memoryStats().cells <= before);
    assert.equal(memoryStats().cells, before);
  },
);

test('every way out gives the memory back', async () => {
  const before = (await settle()).cells;
  const queue = new JoinableQueue<string>({ redeliver: true });
  for (let i = 0; i < 200; i++) queue.putSync('a'.repeat(i * 200));
  for (let i = 0; i < 200; i++) {
    assert.equal(queue.getSync().length, i * 200);
    if (i % 3 === 0) queue.taskDone();
  }
  queue.close();
  assert.equal(memoryStats().cells, before);
});
