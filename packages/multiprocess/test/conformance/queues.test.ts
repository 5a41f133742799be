/** CPython: _test_multiprocessing.py, _TestQueue and TestSimpleQueue. */
import assert from 'node:assert/strict';
import { JoinableQueue, Queue, SimpleQueue } from 'multiprocess';
import { untilBlocked } from '../queue/support/blocked.ts';
import { start } from '../sync/crew.ts';
import { codeOf, conformsEverywhere, conformsOnce } from './support.ts';

const FULL = { code: 'ERR_MP_QUEUE_FULL' };
const EMPTY = { code: 'ERR_MP_QUEUE_EMPTY' };
const TIMEOUT = 100;

/** How long `act` takes, which throws `code`. */
async function timed(code: string, act: () => unknown): Promise<number> {
  const began = performance.now();
  await assert.rejects(async () => act(), { code });
  return performance.now() - began;
}

const atOnce = (ms: number) => assert.ok(ms < 1000, `${ms} ms`);
const inTime = (ms: number) => assert.ok(ms >= TIMEOUT - 2 && ms < 20 * TIMEOUT, `${ms} ms`);

conformsEverywhere('_TestQueue', 'test_put', async ({ way, mp }) => {
  const queue = new mp.Queue<number>(6);
  const [startNow, mayGoOn] = [new mp.Event(), new mp.Event()];
  const child = start(way, async () => {
    await startNow.wait();
    for (let i = 0; i < 6; i++) queue.getSync();
    mayGoOn.set();
  });
  assert.deepEqual([queue.isEmpty(), queue.isFull()], [true, false]);
  queue.putSync(1);
  await queue.put(2);
  queue.putSync(3, {});
  await queue.put(4, Number.POSITIVE_INFINITY);
  assert.equal(queue.tryPut(5), true);
  queue.putNowait(6);
  assert.deepEqual([queue.isEmpty(), queue.isFull()], [false, true]);
  atOnce(await timed(FULL.code, () => queue.putNowait(7)));
  atOnce(await timed(FULL.code, () => queue.put(7, 0)));
  atOnce(await timed(FULL.code, () => queue.putSync(7, -1)));
  inTime(await timed(FULL.code, () => queue.putSync(7, TIMEOUT)));
  inTime(await timed(FULL.code, () => queue.put(7, { timeout: TIMEOUT })));
  startNow.set();
  await mayGoOn.wait();
  assert.deepEqual([queue.isEmpty(), queue.isFull()], [true, false]);
  await child.result;
  queue.close();
});

conformsEverywhere('_TestQueue', 'test_get', async ({ way, mp }) => {
  const queue = new mp.Queue<number>();
  const [startNow, mayGoOn] = [new mp.Event(), new mp.Event()];
  const child = start(way, async () => {
    await startNow.wait();
    for (const i of [2, 3, 4, 5]) queue.putSync(i);
    mayGoOn.set();
  });
  assert.equal(queue.isEmpty(), true);
  startNow.set();
  await mayGoOn.wait();
  assert.equal(queue.isEmpty(), false);
  assert.deepEqual([await queue.get(), queue.getSync({}), await queue.get(1000), queue.getNowait()], [2, 3, 4, 5]);
  await child.result;
  assert.equal(queue.isEmpty(), true);
  atOnce(await timed(EMPTY.code, () => queue.getNowait()));
  atOnce(await timed(EMPTY.code, () => queue.getSync(0)));
  atOnce(await timed(EMPTY.code, () => queue.get(-1)));
  queue.close();
  const own = new Queue<number>(); // in a queue whose other users are gone a wait ends with ERR_MP_PEER_GONE
  inTime(await timed(EMPTY.code, () => own.getSync(TIMEOUT)));
  inTime(await timed(EMPTY.code, () => own.get({ timeout: TIMEOUT })));
});

conformsEverywhere('_TestQueue', 'test_fork', async ({ way, mp }) => {
  const queue = new mp.Queue<number>();
  for (let i = 0; i < 10; i++) queue.putSync(i);
  const child = start(way, () => {
    for (let i = 10; i < 20; i++) queue.putSync(i);
  });
  await child.result;
  for (let i = 0; i < 20; i++) assert.equal(queue.getSync(), i);
  assert.throws(() => queue.getNowait(), EMPTY);
});

conformsOnce('_TestQueue', 'test_qsize', () => {
  const queue = new Queue<number>();
  const sizes = [queue.size()];
  for (const act of [() => queue.putSync(1), () => queue.putSync(5), () => queue.getSync(), () => queue.getSync()]) {
    act();
    sizes.push(queue.size());
  }
  assert.deepEqual(sizes, [0, 1, 2, 1, 0]);
});

conformsEverywhere('_TestQueue', 'test_task_done', async ({ way, mp }) => {
  const queue = new mp.JoinableQueue<number | null>();
  const workers = Array.from({ length: 4 }, () =>
    start(way, () => {
      let done = 0;
      while (queue.getSync() !== null) {
        done++;
        queue.taskDone();
      }
      return done;
    }),
  );
  for (let i = 0; i < 10; i++) queue.putSync(i);
  assert.equal(await queue.join(), true);
  assert.equal(queue.unfinished(), 0);
  for (const _ of workers) queue.putSync(null);
  const counts = await Promise.all(workers.map((worker) => worker.result));
  assert.equal(
    counts.reduce((a, b) => a + b),
    10,
  );
});

conformsOnce('_TestQueue', 'test_timeout', async () => {
  const queue = new Queue();
  inTime(await timed(EMPTY.code, () => queue.getSync(TIMEOUT)));
});

conformsOnce('_TestQueue', 'test_queue_feeder_donot_stop_onexc', () => {
  const queue = new Queue<unknown>(1);
  const failing = {
    get n(): number {
      throw new TypeError('not serialisable');
    },
  };
  assert.throws(() => queue.putSync(failing), { code: 'ERR_MP_CAPTURE', message: /\.n\n.*not serialisable/ });
  assert.equal(queue.isFull(), false, 'its place is free');
  queue.putNowait(true);
  assert.deepEqual([queue.getSync(1000), queue.isEmpty()], [true, true]);
});

conformsOnce('_TestQueue', 'test_closed_queue_empty_exceptions', () => {
  const [unused, used] = [new Queue(), new Queue()];
  used.putSync('foo');
  for (const queue of [unused, used]) {
    queue.close();
    assert.throws(() => queue.isEmpty(), { code: 'ERR_MP_CLOSED', message: 'Queue is closed' });
  }
});

conformsOnce('_TestQueue', 'test_closed_queue_put_get_exceptions', async () => {
  for (const queue of [new Queue(), new JoinableQueue()]) {
    queue.close();
    const closed = { code: 'ERR_MP_CLOSED', message: /is closed/ };
    assert.throws(() => queue.putSync('foo'), closed);
    assert.throws(() => queue.getSync(), closed);
    await assert.rejects(queue.put('foo'), closed);
    await assert.rejects(queue.get(), closed);
  }
});

conformsOnce('TestSimpleQueue', 'test_empty_exceptions', () => {
  const queue = new SimpleQueue();
  queue.close();
  assert.throws(() => queue.isEmpty(), { code: 'ERR_MP_CLOSED', message: /is closed/ });
});

conformsEverywhere('TestSimpleQueue', 'test_empty', async ({ way, mp }) => {
  const queue = new mp.SimpleQueue<boolean>();
  const [mayGoOn, parentMayGoOn] = [new mp.Event(), new mp.Event()];
  const child = start(way, async () => {
    await mayGoOn.wait();
    queue.putSync(queue.isEmpty());
    queue.putSync(queue.isEmpty());
    parentMayGoOn.set();
  });
  assert.equal(queue.isEmpty(), true);
  mayGoOn.set();
  await parentMayGoOn.wait();
  assert.equal(queue.isEmpty(), false);
  assert.deepEqual([queue.getSync(), await queue.get()], [true, false]);
  assert.equal(queue.isEmpty(), true);
  await child.result;
});

conformsOnce('TestSimpleQueue', 'test_close', () => {
  const queue = new SimpleQueue();
  queue.close();
  queue.close();
});

conformsOnce('TestSimpleQueue', 'test_closed', async () => {
  const queue = new SimpleQueue();
  const get = queue.get();
  await untilBlocked(queue as Queue, 'getters', 1);
  queue.close();
  assert.equal(queue.closed, true);
  await assert.rejects(get, { code: 'ERR_MP_CLOSED' });
  assert.equal(
    codeOf(() => queue.putSync(1)),
    'ERR_MP_CLOSED',
  );
});
