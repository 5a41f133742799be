/** maxSize and maxBytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinableQueue, Queue } from 'multiprocess';
import { onEachWay, start } from '../sync/crew.ts';
import { untilBlocked } from './support/blocked.ts';

test('a full queue takes no more', async () => {
  const queue = new Queue<number>({ maxSize: 2 });
  assert.equal(queue.isFull(), false);
  queue.putSync(1);
  assert.deepEqual([queue.isFull(), queue.isEmpty(), queue.size()], [false, false, 1]);
  queue.putSync(2);
  assert.deepEqual([queue.isFull(), queue.isEmpty(), queue.size()], [true, false, 2]);
  assert.equal(queue.tryPut(3), false);
  assert.throws(() => queue.putNowait(3), { code: 'ERR_MP_QUEUE_FULL', message: 'queue is full' });
  assert.throws(() => queue.putSync(3, 5), { code: 'ERR_MP_QUEUE_FULL' });
  await assert.rejects(queue.put(3, 5), { code: 'ERR_MP_QUEUE_FULL' });
  await assert.rejects(queue.putMany([3, 4], 5), { code: 'ERR_MP_QUEUE_FULL' });
  assert.throws(() => queue.putManySync([3, 4], 5), { code: 'ERR_MP_QUEUE_FULL' });
  assert.deepEqual(queue.getManySync(9), [1, 2]);
  assert.throws(() => queue.getNowait(), { code: 'ERR_MP_QUEUE_EMPTY', message: 'queue is empty' });
});

test('putMany fills what room there is before it waits, and putting goes on as room is made', async () => {
  const queue = new Queue<number>(3);
  const put = queue.putMany([1, 2, 3, 4, 5, 6, 7]);
  assert.equal(queue.size(), 3);
  const seen: number[] = [];
  while (seen.length < 7) seen.push(...(await queue.getMany(2)));
  await put;
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7]);
});

test('sizes as Python takes them: 0 and less are no limit', () => {
  for (const queue of [new Queue(0), new Queue(-1), new Queue(), new Queue({ maxSize: Number.POSITIVE_INFINITY })]) {
    for (let i = 0; i < 1000; i++) queue.putNowait(i);
    assert.deepEqual([queue.isFull(), queue.size()], [false, 1000]);
  }
});

test('maxBytes: putting waits, and a value that is larger goes into an empty queue', async () => {
  const queue = new Queue<string>({ maxBytes: 10_000 });
  const large = 'x'.repeat(30_000);
  assert.equal(queue.tryPut(large), true, 'into the empty queue');
  assert.deepEqual([queue.isFull(), queue.tryPut('small')], [true, false]);
  assert.equal(queue.getSync(), large);
  for (let i = 0; i < 3; i++) assert.equal(queue.tryPut('y'.repeat(3000)), true);
  assert.equal(queue.tryPut('y'.repeat(3000)), false, 'not a fourth one');
  assert.equal(queue.isFull(), false);
  assert.equal(queue.tryPut('small'), true);
  const waiting = queue.put(large);
  assert.equal(queue.getManySync(4).length, 4);
  await waiting;
  assert.equal(await queue.get(), large);
});

test('bytes are counted over many times around', () => {
  const queue = new Queue<Uint8Array>({ maxBytes: 100_000 });
  for (let i = 0; i < 2000; i++) {
    queue.putNowait(new Uint8Array(30_000 + (i % 10_000)));
    queue.putNowait(new Uint8Array(i % 3000));
    assert.deepEqual([queue.getNowait().length, queue.getNowait().length], [30_000 + (i % 10_000), i % 3000]);
  }
  assert.equal(queue.isFull(), false);
});

test('options are checked', () => {
  const wrong = [
    { maxSize: 1.5 },
    { maxSize: '3' },
    { maxSize: Number.NaN },
    { maxBytes: 0 },
    { maxBytes: -1 },
    { maxBytes: 'many' },
    { waitForPeers: 1 },
    { redeliver: true },
    { maxsize: 3 },
    2.5,
    'three',
  ];
  for (const options of wrong) assert.throws(() => new Queue(options as never), { code: 'ERR_MP_INVALID_ARG' });
  assert.throws(() => new Queue({ maxsize: 3 } as never), /unknown option 'maxsize'; accepted are maxSize, maxBytes/);
  assert.throws(() => new JoinableQueue({ redeliver: 1 as never }), { code: 'ERR_MP_INVALID_ARG' });
  new JoinableQueue({ redeliver: true });
});

onEachWay('who puts into a full queue of another process waits for room', async ({ way, mp }) => {
  for (const options of [{ maxSize: 1 }, { maxBytes: 50_000 }]) {
    const queue = new mp.Queue<string>(options);
    queue.putSync('x'.repeat(49_000));
    const member = start(way, async () => {
      queue.putSync('a'.repeat(40_000));
      await queue.put('b'.repeat(40_000));
    });
    for (const first of ['x', 'a', 'b']) {
      if (first !== 'b') await untilBlocked(queue, 'putters', 1);
      assert.equal((await queue.get())[0], first);
    }
    await member.result;
  }
});

onEachWay('a large value gets its turn among a stream of small ones', async ({ way, mp }) => {
  const queue = new mp.Queue<number | Uint8Array>({ maxBytes: 4000 });
  const end = new mp.Event();
  const producers = [1, 2].map(() =>
    start(way, () => {
      let put = 0;
      while (!end.isSet()) {
        queue.putSync(put++, 60_000);
      }
      return put;
    }),
  );
  while (!queue.isFull()) await new Promise(setImmediate);
  const large = start(way, () => queue.putSync(new Uint8Array(8000), 60_000));
  let got = 0;
  while (typeof (await queue.get(60_000)) === 'number') got++;
  end.set();
  const drain = (async () => {
    for (;;) {
      try {
        await queue.get();
        got++;
      } catch {
        return;
      }
    }
  })();
  await large.result;
  const puts = await Promise.all(producers.map((member) => member.result));
  await drain; // ends with ERR_MP_PEER_GONE
  assert.equal(got, puts[0]! + puts[1]!);
});
