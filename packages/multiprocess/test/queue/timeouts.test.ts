/** How long putting and getting wait, and how it is cancelled. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { JoinableQueue, Queue } from 'multiprocess';
import { onEachWay, start } from '../sync/crew.ts';
import { blocked, untilBlocked } from './support/blocked.ts';

const full = () => {
  const queue = new Queue<number>(1);
  queue.putSync(0);
  return queue;
};

const cancelled = (cause: unknown) => (error: { code?: string; cause?: unknown }) =>
  error.code === 'ERR_MP_CANCELLED' && error.cause === cause;

/** Every call that may wait, on a queue where it has to. */
const WAITS: [name: string, side: 'putters' | 'getters', code: string, call: (timeout: any) => unknown][] = [
  ['put', 'putters', 'ERR_MP_QUEUE_FULL', (timeout) => full().put(1, timeout)],
  ['putSync', 'putters', 'ERR_MP_QUEUE_FULL', (timeout) => full().putSync(1, timeout)],
  ['putMany', 'putters', 'ERR_MP_QUEUE_FULL', (timeout) => full().putMany([1], timeout)],
  ['putManySync', 'putters', 'ERR_MP_QUEUE_FULL', (timeout) => full().putManySync([1], timeout)],
  ['get', 'getters', 'ERR_MP_QUEUE_EMPTY', (timeout) => new Queue().get(timeout)],
  ['getSync', 'getters', 'ERR_MP_QUEUE_EMPTY', (timeout) => new Queue().getSync(timeout)],
  ['getMany', 'getters', 'ERR_MP_QUEUE_EMPTY', (timeout) => new Queue().getMany(1, timeout)],
  ['getManySync', 'getters', 'ERR_MP_QUEUE_EMPTY', (timeout) => new Queue().getManySync(1, timeout)],
];

for (const [name, , code, call] of WAITS) {
  test(`${name}: 0 and less do not wait`, async () => {
    for (const timeout of [0, -1, Number.NEGATIVE_INFINITY, { timeout: 0 }, { timeout: -5 }]) {
      const began = performance.now();
      await assert.rejects(async () => call(timeout), { code });
      assert.ok(performance.now() - began < 20_000);
    }
  });

  test(`${name}: waits as long as it is told, in either form`, async () => {
    for (const timeout of [60, { timeout: 60 }]) {
      const began = performance.now();
      await assert.rejects(async () => call(timeout), { code });
      const elapsed = performance.now() - began;
      assert.ok(elapsed >= 59, `${elapsed} ms`);
    }
  });

  test(`${name}: what is no timeout is refused`, async () => {
    for (const timeout of ['1', Number.NaN, null, 1n, { timeout: '1' }, { timeOut: 1 }, { signal: 'x' }]) {
      await assert.rejects(async () => call(timeout), { code: 'ERR_MP_INVALID_ARG' }, String(timeout));
    }
  });

  test(`${name}: a signal that has been aborted ends it before it begins`, async () => {
    const signal = AbortSignal.abort('why');
    await assert.rejects(async () => call({ signal }), cancelled('why'));
  });
}

test('a signal that has been aborted leaves the queue as it was', async () => {
  const queue = new Queue<number>();
  const signal = AbortSignal.abort();
  await assert.rejects(queue.put(1, { signal }), { code: 'ERR_MP_CANCELLED' });
  assert.throws(() => queue.putSync(1, { signal }), { code: 'ERR_MP_CANCELLED' });
  assert.equal(queue.isEmpty(), true);
  queue.putSync(1);
  await assert.rejects(queue.get({ signal }), { code: 'ERR_MP_CANCELLED' });
  assert.throws(() => queue.getSync({ signal }), { code: 'ERR_MP_CANCELLED' });
  assert.equal(queue.size(), 1);
});

test('a signal that is aborted meanwhile ends the wait, and nothing is put or taken', async () => {
  const queue = full();
  const empty = new Queue<number>();
  const joinable = new JoinableQueue<number>();
  joinable.putSync(1);
  for (const [one, side, call] of [
    [queue, 'putters', (signal: AbortSignal) => queue.put(1, { signal })],
    [queue, 'putters', (signal: AbortSignal) => queue.putMany([1], { signal, timeout: 60_000 })],
    [empty, 'getters', (signal: AbortSignal) => empty.get({ signal })],
    [empty, 'getters', (signal: AbortSignal) => empty.getMany(2, { signal })],
    [joinable, 'joiners', (signal: AbortSignal) => joinable.join({ signal })],
  ] as const) {
    const controller = new AbortController();
    const waits = call(controller.signal);
    await untilBlocked(one, side, 1);
    controller.abort('enough');
    await assert.rejects(waits, cancelled('enough'));
    assert.equal(blocked(one, side), 0);
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  }
  assert.equal(queue.getSync(), 0);
  assert.equal(queue.isEmpty(), true);
  empty.putSync(7);
  assert.equal(await empty.get(), 7);
});

test('a signal that is not aborted changes nothing, and loses its listeners', async () => {
  const queue = new Queue<number>(1);
  const { signal } = new AbortController();
  const got = queue.get({ signal });
  await queue.put(1, { signal });
  assert.equal(await got, 1);
  queue.putSync(2);
  const put = queue.put(3, { signal, timeout: 60_000 });
  assert.deepEqual([await queue.get({ signal }), await queue.get(60_000)], [2, 3]);
  await put;
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('Infinity, and more than a timer can hold, wait until it comes', async () => {
  const queue = new Queue<number>(1);
  for (const timeout of [undefined, Number.POSITIVE_INFINITY, 2 ** 40, {}, { timeout: undefined }]) {
    const got = queue.get(timeout);
    queue.putSync(1);
    const put = queue.put(2, timeout);
    assert.equal(await got, 1);
    await put;
    assert.equal(queue.getSync(timeout), 2);
  }
});

test('the timeout of one that has to wait for its turn counts from its call', async () => {
  const [queue, other] = [new Queue<number>(), new Queue<number>()];
  const ended: string[] = [];
  const note = (name: string) => (error: { code: string }) => ended.push(`${name} ${error.code}`);
  await Promise.all([
    queue.get(100).catch(note('first')),
    queue.get(110).catch(note('in turn')),
    other.get(190).catch(note('elsewhere')),
  ]);
  assert.deepEqual(
    ended,
    ['first', 'in turn', 'elsewhere'].map((name) => `${name} ERR_MP_QUEUE_EMPTY`),
  );
  assert.equal(blocked(queue, 'getters'), 0);
});

onEachWay(
  'a wait in another process or thread ends in time, and so does one that others overtake',
  async ({ way, mp }) => {
    const queue = new mp.Queue<number>(1);
    const code = await start(way, async () => {
      const codes: string[] = [];
      const note = (error: { code: string }) => codes.push(error.code);
      await queue.get(30).catch(note);
      try {
        queue.getSync(30);
      } catch (error) {
        note(error as never);
      }
      queue.putSync(1);
      await queue.put(2, 30).catch(note);
      try {
        queue.putSync(2, 30);
      } catch (error) {
        note(error as never);
      }
      return codes;
    }).result;
    assert.deepEqual(code, ['ERR_MP_QUEUE_EMPTY', 'ERR_MP_QUEUE_EMPTY', 'ERR_MP_QUEUE_FULL', 'ERR_MP_QUEUE_FULL']);
    assert.equal(queue.getSync(), 1);
  },
);
