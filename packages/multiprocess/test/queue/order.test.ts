/** First in, first out: per producer; and each value to one consumer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pipe, Queue } from 'multiprocess';
import { onEachWay, start, type Way } from '../sync/crew.ts';

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

test('puts that are not awaited keep the order of the calls, whatever room there is', async () => {
  const queue = new Queue<number>(1);
  const puts = [0, 1, 2].map((i) => queue.put(i));
  assert.equal(queue.getSync(), 0); // makes room for 1, which has not run yet
  puts.push(queue.put(3), queue.put(4), queue.putMany([5, 6]));
  const seen: number[] = [];
  while (seen.length < 6) seen.push(await queue.get());
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 6]);
  await Promise.all(puts);
});

test('a large one that waits is not overtaken by the small ones behind it', async () => {
  const queue = new Queue<string>({ maxBytes: 1000 });
  queue.putSync('first');
  const puts = [queue.put('x'.repeat(2000)), queue.put('small')];
  assert.equal(await queue.get(), 'first');
  assert.equal((await queue.get()).length, 2000);
  assert.equal(await queue.get(), 'small');
  await Promise.all(puts);
});

test('gets that are not awaited are served in the order of the calls', async () => {
  const queue = new Queue<number>();
  const gets = [queue.get(), queue.get()];
  queue.putSync(0); // for the first, which has not run yet
  gets.push(queue.get(), queue.get());
  queue.putManySync([1, 2, 3]);
  assert.deepEqual(await Promise.all(gets), [0, 1, 2, 3]);
});

test('one that gives up in between leaves the order of the others', async () => {
  const queue = new Queue<number>(1);
  const controller = new AbortController();
  const puts = [
    queue.put(0),
    queue.put(1),
    assert.rejects(queue.put(2, { signal: controller.signal }), { code: 'ERR_MP_CANCELLED' }),
    assert.rejects(queue.put(3, 5), { code: 'ERR_MP_QUEUE_FULL' }),
    queue.put(4),
  ];
  controller.abort();
  await Promise.all([puts[2], puts[3]]);
  assert.deepEqual([await queue.get(), await queue.get(), await queue.get()], [0, 1, 4]);
  await Promise.all(puts);
  assert.equal(queue.isEmpty(), true);
});

test('sends that are not awaited keep the order of the calls', async () => {
  const [a, b] = Pipe<Uint8Array | number>();
  const large = new Uint8Array(40 << 20); // two of them do not fit
  const sends = [a.send(large), a.send(large), a.send(2)];
  assert.equal(((await b.recv()) as Uint8Array).length, large.length);
  sends.push(a.send(3));
  assert.equal(((await b.recv()) as Uint8Array).length, large.length);
  assert.deepEqual([await b.recv(), await b.recv()], [2, 3]);
  await Promise.all(sends);
});

/** Four producers, some of whose puts are asynchronous, and three consumers. */
async function storm(ways: Way[], count: number, options: { maxSize?: number }): Promise<void> {
  const queue = new Queue<[producer: number, n: number]>(options);
  const way = (i: number) => ways[i % ways.length]!;
  const producers = range(4).map((producer) =>
    start(
      way(producer),
      async (me: number, n: number) => {
        for (let i = 0; i < n; i++) {
          if (me % 2) queue.putSync([me, i]);
          else await queue.put([me, i]);
        }
      },
      producer,
      count,
    ),
  );
  const consumers = range(3).map((i) =>
    start(
      way(i + 1),
      async (how: number) => {
        const seen: [number, number][] = [];
        try {
          for (;;) {
            if (how === 0) seen.push(queue.getSync());
            else if (how === 1) seen.push(await queue.get());
            else seen.push(...(await queue.getMany(7)));
          }
        } catch (error) {
          if ((error as { code: string }).code !== 'ERR_MP_QUEUE_SHUTDOWN') throw error;
        }
        return seen;
      },
      i,
    ),
  );
  await Promise.all(producers.map((member) => member.result));
  queue.shutdown();
  const perConsumer = await Promise.all(consumers.map((member) => member.result));
  for (const seen of perConsumer) {
    const last = [-1, -1, -1, -1];
    for (const [producer, n] of seen) {
      assert.ok(n > last[producer]!, `${producer}: ${n} after ${last[producer]}`);
      last[producer] = n;
    }
  }
  const all = perConsumer.flat().map(([producer, n]) => producer * count + n);
  assert.deepEqual(
    all.sort((a, b) => a - b),
    range(4 * count),
  );
}

onEachWay('several producers and consumers: nothing is lost, doubled or overtaken', async ({ way }) => {
  await storm([way], 1500, {});
  await storm([way], 400, { maxSize: 5 });
});

test('processes of both kinds and threads at one queue', async () => {
  await storm(['forkserver', 'thread', 'spawn'], 1000, { maxSize: 3 });
});
