/** The forms in which values are put and got, between all kinds of peers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinableQueue, Queue, SimpleQueue } from 'multiprocess';
import { onEachWay, start, type Way } from '../sync/crew.ts';

test('what each form puts, each form gets', async () => {
  for (const queue of [new Queue<number>(), new JoinableQueue<number>(), new Queue<number>(100)]) {
    await queue.put(0);
    queue.putSync(1);
    assert.equal(queue.tryPut(2), true);
    queue.putNowait(3);
    await queue.putMany([4, 5]);
    queue.putManySync(new Set([6, 7, 8, 9]));
    assert.equal(queue.size(), 10);
    assert.equal(await queue.get(), 0);
    assert.equal(queue.getSync(), 1);
    assert.deepEqual(queue.tryGet(), { value: 2 });
    assert.equal(queue.getNowait(), 3);
    assert.deepEqual(await queue.getMany(2), [4, 5]);
    assert.deepEqual(queue.getManySync(3), [6, 7, 8]);
    assert.deepEqual(await queue.getMany(Number.POSITIVE_INFINITY), [9]);
    assert.equal(queue.tryGet(), undefined);
    assert.deepEqual([queue.size(), queue.isEmpty(), queue.isFull()], [0, true, false]);
  }
});

test('a SimpleQueue has the forms that need no limits', async () => {
  const queue = new SimpleQueue<string>();
  assert.equal(queue.isEmpty(), true);
  await queue.put('a');
  queue.putSync('b');
  assert.equal(queue.tryPut('c'), true);
  assert.equal(queue.isEmpty(), false);
  assert.deepEqual(
    [await queue.get(), queue.getSync(), queue.tryGet(), queue.tryGet()],
    ['a', 'b', { value: 'c' }, undefined],
  );
  assert.equal(String(queue), '<SimpleQueue size=0>');
});

test('what is not there is not thrown as undefined, and undefined can be put', async () => {
  const queue = new Queue<undefined | null>();
  queue.putManySync([undefined, null]);
  assert.deepEqual(queue.tryGet(), { value: undefined });
  assert.equal(await queue.get(), null);
});

test('putting nothing, and getting at least one', async () => {
  const queue = new Queue<number>();
  await queue.putMany([]);
  queue.putManySync([]);
  assert.equal(queue.isEmpty(), true);
  for (const max of [0, -1, Number.NaN, '2' as never]) {
    await assert.rejects(queue.getMany(max), { code: 'ERR_MP_INVALID_ARG' });
    assert.throws(() => queue.getManySync(max), { code: 'ERR_MP_INVALID_ARG' });
  }
});

test('an error in the middle of putMany leaves what was put before', async () => {
  const queue = new Queue<number>();
  const values = function* () {
    yield 1;
    yield 2;
    throw new TypeError('no more');
  };
  await assert.rejects(queue.putMany(values()), { name: 'TypeError' });
  assert.throws(() => queue.putManySync([3, Promise.resolve() as never, 4]), { code: 'ERR_MP_CAPTURE' });
  assert.deepEqual(queue.getManySync(10), [1, 2, 3]);
});

test('async iteration gives everything up to the shutdown', async () => {
  const queue = new Queue<number>();
  queue.putManySync([1, 2, 3]);
  const seen: number[] = [];
  for await (const value of queue) {
    seen.push(value);
    if (value === 3) queue.putSync(4);
    if (value === 4) queue.shutdown();
  }
  assert.deepEqual(seen, [1, 2, 3, 4]);
  for await (const value of queue) assert.fail(`${value} after the end`);
});

test('leaving the iteration takes nothing more', async () => {
  const queue = new Queue<number>();
  queue.putManySync([1, 2]);
  for await (const value of queue) if (value === 1) break;
  assert.deepEqual(queue.getManySync(5), [2]);
});

onEachWay('every form of putting and getting, in another process or thread', async ({ way, mp }) => {
  const [there, back] = [new mp.Queue<number>(3), new mp.Queue<number>(3)];
  const member = start(way, async () => {
    await back.put(await there.get());
    back.putSync(there.getSync());
    for (let got = there.tryGet(); ; got = there.tryGet()) {
      if (!got) continue;
      while (!back.tryPut(got.value));
      break;
    }
    let many: number[] = [];
    while (many.length < 4) many = many.concat(await there.getMany(2));
    await back.putMany(many);
    many = [];
    while (many.length < 4) many = many.concat(there.getManySync(3));
    back.putManySync(many);
    for await (const value of there) back.putSync(value);
    return [there.isEmpty(), there.size()];
  });
  const sending = (async () => {
    for (let i = 0; i < 20; i++) await there.put(i);
    there.shutdown();
  })();
  for (let i = 0; i < 20; i++) assert.equal(await back.get(), i); // getSync() would keep what sends from going on
  await sending;
  assert.deepEqual(await member.result, [true, 0]);
});

const PAIRS: [Way, Way][] = [
  ['forkserver', 'spawn'],
  ['spawn', 'thread'],
  ['thread', 'forkserver'],
];

for (const [from, to] of PAIRS) {
  test(`from one child to another: ${from} to ${to}`, async () => {
    const queue = new Queue<number>(10);
    const producer = start(from, async () => {
      for (let i = 0; i < 500; i++) i % 2 ? queue.putSync(i) : await queue.put(i);
      queue.shutdown();
    });
    const consumer = start(to, async () => {
      const seen: number[] = [];
      for await (const value of queue) seen.push(value);
      return seen;
    });
    assert.deepEqual(
      await consumer.result,
      Array.from({ length: 500 }, (_, i) => i),
    );
    await producer.result;
  });
}
