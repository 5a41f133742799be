/** CPython: test_queue.py, for Queue and SimpleQueue between processes. */
import assert from 'node:assert/strict';
import { JoinableQueue, Queue, SimpleQueue } from 'multiprocess';
import { untilBlocked } from '../queue/support/blocked.ts';
import { start } from '../sync/crew.ts';
import { conformsEverywhere, conformsOnce } from './support.ts';

const SIZE = 5;
const SHUTDOWN = { code: 'ERR_MP_QUEUE_SHUTDOWN' };

conformsEverywhere('BaseQueueTestMixin', 'test_queue_task_done', async ({ way, mp }) => {
  const queue = new mp.JoinableQueue<number>();
  assert.throws(() => queue.taskDone(), {
    code: 'ERR_MP_RELEASED_TOO_OFTEN',
    message: 'task_done() called too many times',
  });
  const code = await start(way, () => {
    try {
      queue.taskDone();
    } catch (error) {
      return (error as { code: string }).code;
    }
    return 'nothing thrown';
  }).result;
  assert.equal(code, 'ERR_MP_RELEASED_TOO_OFTEN');
});

conformsEverywhere('BaseQueueTestMixin', 'test_queue_join', async ({ way, mp }) => {
  const queue = new mp.JoinableQueue<number | null>();
  for (let round = 0; round < 2; round++) {
    const sum = new mp.Value('i', 0);
    const workers = [0, 1].map(() =>
      start(way, () => {
        for (;;) {
          const n = queue.getSync();
          if (n === null) return queue.taskDone();
          sum.add(n);
          queue.taskDone();
        }
      }),
    );
    for (let i = 0; i < 100; i++) queue.putSync(i);
    queue.joinSync();
    assert.equal(sum.value, 4950);
    for (const _ of workers) queue.putSync(null);
    assert.equal(await queue.join(), true);
    await Promise.all(workers.map((worker) => worker.result));
  }
  assert.throws(() => queue.taskDone(), { code: 'ERR_MP_RELEASED_TOO_OFTEN' });
});

conformsEverywhere('BaseQueueTestMixin', 'test_basic', async ({ way, mp }) => {
  const queue = new mp.Queue<number | string>(SIZE);
  queue.putManySync([111, 333, 222]);
  assert.deepEqual([queue.getSync(), queue.getSync(), queue.getSync()], [111, 333, 222]);
  for (let i = 0; i < SIZE - 1; i++) {
    queue.putSync(i);
    assert.equal(queue.isEmpty(), false);
  }
  assert.equal(queue.isFull(), false);
  queue.putSync('last');
  assert.equal(queue.isFull(), true);
  assert.throws(() => queue.putNowait('full'), { code: 'ERR_MP_QUEUE_FULL' });
  assert.throws(() => queue.putSync('full', 10), { code: 'ERR_MP_QUEUE_FULL' });
  const putter = start(way, () => queue.putSync('blocked', 60_000));
  await untilBlocked(queue, 'putters', 1);
  for (let i = 0; i < SIZE - 1; i++) assert.equal(await queue.get(), i);
  assert.equal(await queue.get(), 'last');
  assert.equal(await queue.get(), 'blocked');
  await putter.result;
  assert.equal(queue.isEmpty(), true);
  assert.throws(() => queue.getNowait(), { code: 'ERR_MP_QUEUE_EMPTY' });
  const getter = start(way, () => queue.getSync(60_000));
  await untilBlocked(queue, 'getters', 1);
  queue.putSync('for the blocked');
  assert.equal(await getter.result, 'for the blocked');
});

conformsOnce('BaseQueueTestMixin', 'test_negative_timeout_raises_exception', () => {
  const queue = new Queue<number>(1);
  assert.throws(() => queue.getSync(-1), { code: 'ERR_MP_QUEUE_EMPTY' });
  queue.putSync(1, -1);
  assert.throws(() => queue.putSync(1, -1), { code: 'ERR_MP_QUEUE_FULL' });
});

conformsOnce('BaseQueueTestMixin', 'test_nowait', () => {
  const queue = new Queue<number>(SIZE);
  for (let i = 0; i < SIZE; i++) queue.putNowait(1);
  assert.throws(() => queue.putNowait(1), { code: 'ERR_MP_QUEUE_FULL' });
  for (let i = 0; i < SIZE; i++) queue.getNowait();
  assert.throws(() => queue.getNowait(), { code: 'ERR_MP_QUEUE_EMPTY' });
});

conformsOnce('BaseQueueTestMixin', 'test_shutdown_empty', async () => {
  const queue = new Queue<number>();
  queue.shutdown();
  await assert.rejects(queue.put(1), SHUTDOWN);
  await assert.rejects(queue.get(), SHUTDOWN);
});

conformsOnce('BaseQueueTestMixin', 'test_shutdown_nonempty', () => {
  const queue = new Queue<number>();
  queue.putSync(1);
  queue.shutdown();
  assert.equal(queue.getSync(), 1);
  assert.throws(() => queue.getSync(), SHUTDOWN);
});

conformsOnce('BaseQueueTestMixin', 'test_shutdown_immediate', () => {
  const queue = new Queue<number>();
  queue.putSync(1);
  queue.shutdown({ immediate: true });
  assert.throws(() => queue.getSync(), SHUTDOWN);
});

conformsOnce('BaseQueueTestMixin', 'test_shutdown_allowed_transitions', () => {
  const queue = new Queue<number>();
  queue.putSync(1);
  for (const immediate of [false, false, true, true, false]) queue.shutdown({ immediate });
  assert.throws(() => queue.getSync(), SHUTDOWN);
});

async function inOneThread(immediate: boolean): Promise<void> {
  const queue = new JoinableQueue<number>(2);
  queue.putSync(1);
  queue.putSync(2);
  queue.shutdown({ immediate });
  for (const put of [
    () => queue.putSync(3),
    () => queue.putSync(3, 10),
    () => queue.putNowait(3),
    () => queue.tryPut(3),
  ]) {
    assert.throws(put, SHUTDOWN);
  }
  if (!immediate) {
    assert.deepEqual([queue.getSync(), queue.getNowait()], [1, 2]);
    queue.taskDone();
    queue.taskDone();
  }
  for (const get of [() => queue.getSync(), () => queue.getSync(10), () => queue.getNowait(), () => queue.tryGet()]) {
    assert.throws(get, SHUTDOWN);
  }
  assert.equal(queue.joinSync(), true);
  assert.throws(() => queue.taskDone(), { code: 'ERR_MP_RELEASED_TOO_OFTEN' });
}

conformsOnce('BaseQueueTestMixin', 'test_shutdown_all_methods_in_one_thread', () => inOneThread(false));
conformsOnce('BaseQueueTestMixin', 'test_shutdown_immediate_all_methods_in_one_thread', () => inOneThread(true));

const MANY: [name: string, immediate: boolean][] = [
  ['test_shutdown_all_methods_in_many_threads', false],
  ['test_shutdown_immediate_all_methods_in_many_threads', true],
];
for (const [name, immediate] of MANY) {
  conformsEverywhere('BaseQueueTestMixin', name, async ({ way, mp }) => {
    const queue = new mp.JoinableQueue<number>(50);
    const [begun, allBegun] = [new mp.Semaphore(0), new mp.Event()];
    const until = async (act: () => unknown) => {
      let count = 0;
      try {
        for (; ; count++) {
          await act();
          if (count === 20) begun.release();
        }
      } catch (error) {
        if ((error as { code: string }).code !== 'ERR_MP_QUEUE_SHUTDOWN') throw error;
      }
      return count;
    };
    const putters = [start(way, () => until(() => queue.putSync(1))), start(way, () => until(() => queue.put(1)))];
    const get = (act: () => unknown) =>
      start(way, () =>
        until(async () => {
          await act();
          queue.taskDone();
        }),
      );
    const getters = [get(() => queue.getSync()), get(() => queue.get())];
    const joiner = start(way, () => {
      allBegun.waitSync();
      return queue.joinSync();
    });
    for (let i = 0; i < 4; i++) await begun.acquire();
    allBegun.set();
    queue.shutdown({ immediate });
    const total = async (members: { result: Promise<number> }[]) =>
      (await Promise.all(members.map((member) => member.result))).reduce((a, b) => a + b);
    const [put, got] = [await total(putters), await total(getters)];
    if (immediate) assert.ok(got <= put && got >= put - 50, `${got} of ${put}`);
    else assert.equal(got, put);
    assert.deepEqual([await joiner.result, queue.unfinished()], [true, 0]);
  });
}

const BLOCKED: [name: string, immediate: boolean, side: 'get' | 'put'][] = [
  ['test_shutdown_get', false, 'get'],
  ['test_shutdown_immediate_get', true, 'get'],
  ['test_shutdown_put', false, 'put'],
  ['test_shutdown_immediate_put', true, 'put'],
];
for (const [name, immediate, side] of BLOCKED) {
  conformsEverywhere('BaseQueueTestMixin', name, async ({ way, mp }) => {
    const queue = new mp.Queue<number>(1);
    if (side === 'put') queue.putSync(0);
    const members = [0, 1].map(() =>
      start(way, () => {
        try {
          if (side === 'put') queue.putSync(1);
          else queue.getSync();
        } catch (error) {
          return (error as { code: string }).code;
        }
        return 'not blocked';
      }),
    );
    await untilBlocked(queue, side === 'put' ? 'putters' : 'getters', 2);
    queue.shutdown({ immediate });
    for (const member of members) assert.equal(await member.result, SHUTDOWN.code);
  });
}

const JOINS: [name: string, immediate: boolean, putToo: boolean][] = [
  ['test_shutdown_immediate_join', true, false],
  ['test_shutdown_join', false, false],
  ['test_shutdown_immediate_put_join', true, true],
  ['test_shutdown_put_join', false, true],
];
for (const [name, immediate, putToo] of JOINS) {
  conformsEverywhere('BaseQueueTestMixin', name, async ({ way, mp }) => {
    const queue = new mp.JoinableQueue<number>(2);
    queue.putManySync([1, 2]);
    const joiners = [start(way, () => queue.joinSync()), start(way, () => queue.join())];
    const putter = putToo ? start(way, () => queue.put(3).catch((error) => error.code)) : undefined;
    await untilBlocked(queue, 'joiners', 2);
    if (putToo) await untilBlocked(queue, 'putters', 1);
    queue.shutdown({ immediate });
    assert.equal(await putter?.result, putToo ? SHUTDOWN.code : undefined);
    if (!immediate) {
      assert.equal(queue.joinSync(0), false);
      for (const _ of [1, 2]) {
        queue.getSync();
        queue.taskDone();
      }
    }
    for (const joiner of joiners) assert.equal(await joiner.result, true);
  });
}

conformsEverywhere('BaseQueueTestMixin', 'test_shutdown_get_task_done_join', async ({ way, mp }) => {
  const queue = new mp.JoinableQueue<number>(4);
  const got = new mp.Semaphore(0);
  const mayGoOn = new mp.Event();
  queue.putManySync([1, 2]);
  const workers = [0, 1].map(() =>
    start(way, async () => {
      queue.getSync();
      got.release();
      await mayGoOn.wait();
      queue.taskDone();
      return queue.joinSync();
    }),
  );
  for (const _ of workers) await got.acquire();
  queue.shutdown();
  assert.equal(queue.unfinished(), 2);
  mayGoOn.set();
  assert.equal(await queue.join(), true);
  for (const worker of workers) assert.equal(await worker.result, true);
});

conformsEverywhere('BaseQueueTestMixin', 'test_shutdown_pending_get', async ({ way, mp }) => {
  const queue = new mp.Queue<string>();
  const getters = [0, 1].map(() =>
    start(way, async () => {
      try {
        return await queue.get();
      } catch (error) {
        return (error as { code: string }).code;
      }
    }),
  );
  await untilBlocked(queue, 'getters', 2);
  queue.putSync('item');
  queue.shutdown();
  const ends = await Promise.all(getters.map((getter) => getter.result));
  assert.deepEqual(ends.sort(), [SHUTDOWN.code, 'item']);
});

conformsEverywhere('FailingQueueTest', 'test_failing_queue', async ({ way, mp }) => {
  const queue = new mp.Queue<unknown>(2);
  const failing = {
    get n(): number {
      throw new RangeError('fails');
    },
  };
  const put = (form: 'putSync' | 'put', timeout?: number) =>
    assert.rejects(async () => queue[form](failing, timeout), { code: 'ERR_MP_CAPTURE', message: /\.n\n.*fails/ });
  await put('putSync');
  queue.putSync('first');
  await put('put', 10);
  queue.putSync('last');
  for (const form of ['put', 'putSync'] as const) await put(form, 10);
  assert.equal(queue.isFull(), true);
  const putter = start(way, () => queue.putSync('blocked', 60_000));
  await untilBlocked(queue, 'putters', 1);
  assert.deepEqual([await queue.get(), await queue.get(), await queue.get()], ['first', 'last', 'blocked']);
  await putter.result;
  assert.equal(queue.isEmpty(), true);
});

conformsOnce('BaseSimpleQueueTest', 'test_basic', async () => {
  const queue = new SimpleQueue<number>();
  assert.equal(queue.isEmpty(), true);
  for (const put of [() => queue.putSync(1), () => queue.put(1), () => queue.tryPut(1)]) {
    await put();
    assert.equal(queue.isEmpty(), false);
    assert.equal(queue.getSync(0), 1);
    assert.equal(queue.isEmpty(), true);
  }
});

conformsOnce('BaseSimpleQueueTest', 'test_negative_timeout_raises_exception', async () => {
  const queue = new SimpleQueue<number>();
  assert.throws(() => queue.getSync(-1), { code: 'ERR_MP_QUEUE_EMPTY' });
  await assert.rejects(queue.get(-1), { code: 'ERR_MP_QUEUE_EMPTY' });
});

/** What `consumers` take of 1000 numbers from `producers`, in the order in which each of them got them. */
async function relay(
  { way, mp }: Parameters<Parameters<typeof conformsEverywhere>[2]>[0],
  producers: number,
  consumers: number,
  form: 'blocking' | 'trying' | 'with timeout',
): Promise<number[][]> {
  const queue = new mp.SimpleQueue<number | null>();
  const feed = (from: number, to: number) => {
    for (let i = from; i < to; i++) queue.putSync(i);
  };
  const share = 1000 / producers;
  const feeders = Array.from({ length: producers }, (_, i) => start(way, feed, i * share, (i + 1) * share));
  const consume = async (how: string) => {
    const seen: number[] = [];
    for (;;) {
      let value: number | null | undefined;
      if (how === 'blocking') value = queue.getSync();
      else if (how === 'trying') value = queue.tryGet()?.value;
      else value = await queue.get(1).catch((error) => void assertEmpty(error));
      if (value === null) return seen;
      if (value !== undefined) seen.push(value);
    }
  };
  const assertEmpty = (error: { code: string }) => {
    if (error.code !== 'ERR_MP_QUEUE_EMPTY') throw error;
  };
  const members = Array.from({ length: consumers }, () => start(way, consume, form));
  await Promise.all(feeders.map((member) => member.result));
  for (const _ of members) queue.putSync(null);
  return Promise.all(members.map((member) => member.result));
}

const ALL = Array.from({ length: 1000 }, (_, i) => i);
const sorted = (lists: number[][]) => lists.flat().sort((a, b) => a - b);

conformsEverywhere('BaseSimpleQueueTest', 'test_order', async (given) => {
  assert.deepEqual(await relay(given, 1, 1, 'blocking'), [ALL]);
});

conformsEverywhere('BaseSimpleQueueTest', 'test_many_threads', async (given) => {
  assert.deepEqual(sorted(await relay(given, 4, 4, 'blocking')), ALL);
});

conformsEverywhere('BaseSimpleQueueTest', 'test_many_threads_nonblock', async (given) => {
  assert.deepEqual(sorted(await relay(given, 2, 2, 'trying')), ALL);
});

conformsEverywhere('BaseSimpleQueueTest', 'test_many_threads_timeout', async (given) => {
  assert.deepEqual(sorted(await relay(given, 4, 4, 'with timeout')), ALL);
});

conformsOnce('BaseSimpleQueueTest', 'test_references', () => {
  const queue = new SimpleQueue<object>();
  const object = { n: 1 };
  queue.putSync(object);
  const got = queue.getSync();
  assert.deepEqual(got, object);
  assert.notEqual(got, object, 'a queue keeps bytes, so no object of the program');
});
