import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_COMPLETED, asCompleted, FIRST_COMPLETED, FIRST_EXCEPTION, Future, waitFutures } from '../../dist/index.js';

const made = (count: number) => Array.from({ length: count }, () => new Future<number>());

test('all of them', async () => {
  const [a, b, c] = made(3) as [Future<number>, Future<number>, Future<number>];
  for (const options of [undefined, { returnWhen: ALL_COMPLETED } as const]) {
    assert.deepEqual(await waitFutures([], options), { done: new Set(), notDone: new Set() });
  }
  const waiting = waitFutures([a, b, c]);
  let isOver = false;
  void waiting.then(() => (isOver = true));
  a.setResult(1);
  b.setException(new Error('b'));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isOver, false);
  c.cancel();
  assert.deepEqual(await waiting, { done: new Set([a, b, c]), notDone: new Set() });
  assert.deepEqual(await waitFutures([a, b, c]), { done: new Set([a, b, c]), notDone: new Set() });
});

test('the first of them', async () => {
  const [a, b, c] = made(3) as [Future<number>, Future<number>, Future<number>];
  const waiting = waitFutures([a, b], { returnWhen: FIRST_COMPLETED });
  b.cancel();
  assert.deepEqual(await waiting, { done: new Set([b]), notDone: new Set([a]) });
  assert.deepEqual(await waitFutures([a, b, c], { returnWhen: FIRST_COMPLETED }), {
    done: new Set([b]),
    notDone: new Set([a, c]),
  });
});

test('the first that fails; one that is cancelled has not', async () => {
  const [a, b, c, d] = made(4) as [Future<number>, Future<number>, Future<number>, Future<number>];
  const waiting = waitFutures([a, b, c, d], { returnWhen: FIRST_EXCEPTION });
  a.setResult(1);
  b.cancel();
  let isOver = false;
  void waiting.then(() => (isOver = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isOver, false);
  c.setException(undefined);
  assert.deepEqual(await waiting, { done: new Set([a, b, c]), notDone: new Set([d]) });
  assert.deepEqual((await waitFutures([c, d], { returnWhen: FIRST_EXCEPTION })).notDone, new Set([d]));
  d.setResult(1);
  assert.equal((await waitFutures([a, b, d], { returnWhen: FIRST_EXCEPTION })).done.size, 3, 'or all of them');
});

test('a wait has its limits', async () => {
  const [a, b] = made(2) as [Future<number>, Future<number>];
  a.setResult(1);
  for (const timeout of [20, 0, -1]) {
    assert.deepEqual(await waitFutures([a, b], { timeout }), { done: new Set([a]), notDone: new Set([b]) });
  }
  await assert.rejects(waitFutures([a, b], { signal: AbortSignal.abort() }), { code: 'ERR_MP_CANCELLED' });
  const controller = new AbortController();
  const waiting = waitFutures([a, b], { signal: controller.signal });
  controller.abort();
  await assert.rejects(waiting, { code: 'ERR_MP_CANCELLED' });
});

test('the same future twice counts once, of any iterable', async () => {
  const [a, b] = made(2) as [Future<number>, Future<number>];
  a.setResult(1);
  b.setResult(2);
  const { done } = await waitFutures(
    (function* () {
      yield* [a, b, a, b];
    })(),
  );
  assert.deepEqual([...done], [a, b]);
  const seen: unknown[] = [];
  for await (const future of asCompleted(new Set([a, b]).values())) seen.push(future);
  for await (const future of asCompleted([a, a, b])) seen.push(future);
  assert.deepEqual(seen, [a, b, a, b]);
});

test('bad arguments are named', async () => {
  const refused = (message: RegExp) => ({ code: 'ERR_MP_INVALID_ARG', message });
  await assert.rejects(
    waitFutures([], { returnWhen: 'SOME' as never }),
    refused(/Invalid return condition: 'SOME'; accepted/),
  );
  await assert.rejects(waitFutures([], { until: 1 } as never), refused(/unknown option 'until'/));
  await assert.rejects(waitFutures(5 as never), refused(/futures must be an iterable of futures, not 5/));
  await assert.rejects(waitFutures([Promise.resolve()] as never), refused(/futures must be an iterable of futures/));
  assert.throws(() => asCompleted([5] as never), refused(/futures/));
  assert.throws(() => asCompleted([], 'soon' as never), refused(/timeout/));
});

test('asCompleted gives those that are done first, then the others as they come', async () => {
  const [a, b, c] = made(3) as [Future<number>, Future<number>, Future<number>];
  c.setResult(3);
  const seen: Future<number>[] = [];
  for await (const future of asCompleted([a, b, c])) {
    seen.push(future);
    if (future === c) b.setException(new Error('b'));
    if (future === b) a.cancel();
  }
  assert.deepEqual(seen, [c, b, a]);
});

test('asCompleted with a limit says how many are missing', async () => {
  const futures = made(4);
  futures[1]!.setResult(1);
  futures[2]!.setResult(2);
  const seen: unknown[] = [];
  await assert.rejects(
    async () => {
      for await (const future of asCompleted(futures, 10)) seen.push(future);
    },
    { code: 'ERR_MP_TIMEOUT', message: '2 (of 4) futures unfinished' },
  );
  assert.deepEqual(seen, [futures[1], futures[2]]);
  await assert.rejects(asCompleted(futures.slice(0, 1), 0).next(), { message: '1 (of 1) futures unfinished' });
});

test('asCompleted ends by a signal, and by leaving it', async () => {
  const futures = made(2);
  const controller = new AbortController();
  const next = asCompleted(futures, { signal: controller.signal }).next();
  controller.abort();
  await assert.rejects(next, { code: 'ERR_MP_CANCELLED' });
  futures[0]!.setResult(1);
  for await (const future of asCompleted(futures)) {
    assert.equal(future, futures[0]);
    break;
  }
});

test('next can be called several times at once', async () => {
  const futures = made(2);
  const results = asCompleted(futures);
  const all = Promise.all([results.next(), results.next(), results.next()]);
  futures[1]!.setResult(1);
  futures[0]!.setException(1);
  const given = (await all).map(({ value }) => value);
  assert.ok(given[0] === futures[1] && given[1] === futures[0] && given[2] === undefined);
});

test('many that are done at once', async () => {
  const futures = made(1000);
  const waiting = waitFutures(futures);
  for (const future of futures) future.setResult(1);
  assert.equal((await waiting).done.size, 1000);
});
