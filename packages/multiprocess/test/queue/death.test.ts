/** Producers and consumers that are killed, at whatever moment: nothing is lost but what they had, nothing comes twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinableQueue, Queue } from 'multiprocess';
import { ensureRealm, memoryStats } from '../../dist/memory/index.js';
import { collectUntil, settle } from '../shared/support/collect.ts';
import { onEachWay, start } from '../sync/crew.ts';
import { untilBlocked } from './support/blocked.ts';

ensureRealm();
const text = (n: number) => 'x'.repeat(n % 7 === 0 ? 20_000 : n % 50);

onEachWay('a producer that is killed while it puts: what came is whole and without gaps', async ({ way, mp }) => {
  const queue = new mp.Queue<[number, string]>({ maxSize: 200, waitForPeers: true });
  for (let round = 0; round < 4; round++) {
    const member = start(way, async () => {
      for (let i = 0; ; i++) queue.putSync([i, 'x'.repeat(i % 7 === 0 ? 20_000 : i % 50)]);
    });
    let next = 0;
    const check = ([n, given]: [number, string]) => {
      assert.equal(n, next++);
      assert.equal(given, text(n));
    };
    while (next < 50 * round + 20) check(await queue.get());
    await member.kill();
    for (let rest = queue.tryGet(); rest; rest = queue.tryGet()) check(rest.value);
  }
});

onEachWay('a consumer that is killed while it gets: the others get the rest, in order', async ({ way, mp }) => {
  const queue = new mp.Queue<[number, string]>({ maxSize: 50, waitForPeers: true });
  let put = 0;
  for (let round = 0; round < 4; round++) {
    const seen = new mp.Semaphore(0);
    const member = start(way, () => {
      for (;;) {
        queue.getSync();
        seen.release();
      }
    });
    for (let i = 0; i < 100; i++) {
      await queue.put([put, text(put)]);
      put++;
    }
    await seen.acquire();
    await member.kill();
    let last = -1;
    for (let rest = queue.tryGet(); rest; rest = queue.tryGet()) {
      assert.ok(rest.value[0] > last && rest.value[0] < put);
      assert.equal(rest.value[1], text(rest.value[0]));
      last = rest.value[0];
    }
    queue.putSync([-1, '']);
    assert.deepEqual(queue.getSync(), [-1, '']);
  }
});

onEachWay('whoever is killed while it waits leaves its place', async ({ way, mp }) => {
  const queue = new mp.Queue<number>({ maxSize: 1, waitForPeers: true });
  const getters = [start(way, () => queue.getSync()), start(way, () => queue.get())];
  await untilBlocked(queue, 'getters', 2);
  for (const getter of getters) await getter.kill();
  queue.putSync(1);
  const putters = [start(way, () => queue.putSync(2)), start(way, () => queue.put(2))];
  await untilBlocked(queue, 'putters', 2);
  for (const putter of putters) await putter.kill();
  assert.equal(await queue.get(), 1);
  assert.equal(queue.tryGet(), undefined);
  queue.putSync(3);
  const waiting = queue.put(4);
  assert.deepEqual([await queue.get(), await queue.get()], [3, 4]);
  await waiting;
});

test('killed at random moments, with redelivery: every item is done', async () => {
  const before = (await settle()).cells;
  await shake();
  await collectUntil(() => memoryStats().cells <= before);
  assert.equal(memoryStats().cells, before);
});

async function shake(): Promise<void> {
  const queue = new JoinableQueue<[number, string]>({ maxSize: 20, redeliver: true, waitForPeers: true });
  const done = new Queue<number>({ waitForPeers: true });
  const work = async () => {
    for await (const [n] of queue) {
      done.putSync(n);
      queue.taskDone();
    }
  };
  const ways = ['forkserver', 'thread', 'forkserver'] as const;
  const workers = ways.map((way) => start(way, work));
  const counts = new Map<number, number>();
  const [total, kills] = [600, 9];
  const feed = (async () => {
    for (let n = 0; n < total; n++) await queue.put([n, text(n)]);
  })();
  for (let kill = 0; kill < kills; kill++) {
    for (let i = 0; i < total / (kills + 1); i++) {
      const n = await done.get();
      counts.set(n, (counts.get(n) ?? 0) + 1);
    }
    const victim = kill % workers.length;
    await workers[victim]!.kill();
    workers[victim] = start(ways[victim]!, work);
  }
  await feed;
  assert.equal(await queue.join(), true);
  queue.shutdown();
  await Promise.all(workers.map((worker) => worker.result));
  for (let rest = done.tryGet(); rest; rest = done.tryGet()) counts.set(rest.value, (counts.get(rest.value) ?? 0) + 1);
  assert.equal(counts.size, total);
  assert.ok([...counts.values()].reduce((a, b) => a + b) <= total + kills, 'only what the dead had was done again');
  queue.close();
  done.close();
}

test('a child that puts 10 MB and ends at once: its parent joins first and reads afterwards', async () => {
  for (const way of ['forkserver', 'spawn'] as const) {
    const queue = new Queue<Uint8Array | string>();
    await start(way, () => {
      queue.putSync(new Uint8Array(10 << 20).fill(7));
      for (let i = 0; i < 1000; i++) void queue.put('x'.repeat(10_000)); // not even awaited
      process.exitCode = 0;
    }).result;
    assert.equal(queue.size(), 1001);
    const bytes = (await queue.get()) as Uint8Array;
    assert.deepEqual([bytes.length, bytes[0], bytes.at(-1)], [10 << 20, 7, 7]);
    for (let i = 0; i < 1000; i++) assert.equal((queue.getSync() as string).length, 10_000);
    queue.close();
  }
});
