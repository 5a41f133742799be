/** CPython: test_concurrent_futures/test_future.py, and the race of test_wait.py. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { FIRST_COMPLETED, Future, waitFutures } from 'multiprocess';
import { range, withThreads } from './executor-kinds.ts';
import { conformsOnce } from './support.ts';

type State = 'pending' | 'running' | 'cancelled' | 'failed' | 'successful';
const STATES: State[] = ['pending', 'running', 'cancelled', 'failed', 'successful'];

function make(state: State): Future<number> {
  const future = new Future<number>();
  if (state === 'cancelled') future.cancel();
  if (state === 'running') future.setRunningOrNotifyCancel();
  if (state === 'failed') future.setException(new TypeError('os'));
  if (state === 'successful') future.setResult(42);
  return future;
}

const over = (act: (future: Future<number>) => unknown) => STATES.map((state) => act(make(state)));
/** What `wait` brings, for each state, in 5 ms. */
const outcomes = (wait: (future: Future<number>) => Promise<unknown>) =>
  Promise.all(over((future) => wait(future).catch((error) => error.code ?? error.name)) as Promise<unknown>[]);

/** What a callback that is added to a future before, or after, it ends, gets to see. */
function seenBy(end: (future: Future<number>) => unknown, isAddedBefore: boolean): string {
  const future = new Future<number>();
  let seen = 'nothing';
  const callback = (done: Future<number>) => {
    seen = String(done);
    assert.equal(done, future);
  };
  if (isAddedBefore) future.addDoneCallback(callback);
  end(future);
  if (!isAddedBefore) future.addDoneCallback(callback);
  return seen;
}

const succeed = (future: Future<number>) => future.setResult(5);
const fail = (future: Future<number>) => future.setException(new Error('test'));
const cancel = (future: Future<number>) => future.cancel();

for (const [name, end, isAddedBefore, expected] of [
  ['test_done_callback_with_result', succeed, true, '<Future state=finished returned number>'],
  ['test_done_callback_with_exception', fail, true, '<Future state=finished raised Error>'],
  ['test_done_callback_with_cancel', cancel, true, '<Future state=cancelled>'],
  ['test_done_callback_already_successful', succeed, false, '<Future state=finished returned number>'],
  ['test_done_callback_already_failed', fail, false, '<Future state=finished raised Error>'],
  ['test_done_callback_already_cancelled', cancel, false, '<Future state=cancelled>'],
] as const) {
  conformsOnce('FutureTests', name, () => assert.equal(seenBy(end, isAddedBefore), expected));
}

for (const [name, isAddedBefore] of [
  ['test_done_callback_raises', true],
  ['test_done_callback_raises_already_succeeded', false],
] as const) {
  conformsOnce('FutureTests', name, async () => {
    const future = new Future<number>();
    const called: string[] = [];
    const add = () => {
      future.addDoneCallback(() => {
        called.push('raising');
        throw new Error('doh!');
      });
      future.addDoneCallback(() => called.push('fine'));
    };
    const warned = once(process, 'warning');
    if (isAddedBefore) add();
    future.setResult(5);
    if (!isAddedBefore) add();
    assert.deepEqual(called, ['raising', 'fine']);
    const [warning] = await warned;
    assert.equal(warning.code, 'MP_FUTURE_CALLBACK');
    assert.match(warning.message, /exception calling callback .*doh!/);
  });
}

conformsOnce('FutureTests', 'test_repr', () => {
  assert.deepEqual(over(String), [
    '<Future state=pending>',
    '<Future state=running>',
    '<Future state=cancelled>',
    '<Future state=finished raised TypeError>',
    '<Future state=finished returned number>',
  ]);
});

conformsOnce('FutureTests', 'test_cancel', () => {
  assert.deepEqual(
    over((future) => [future.cancel(), future.cancelled()]),
    [
      [true, true],
      [false, false],
      [true, true],
      [false, false],
      [false, false],
    ],
  );
});

conformsOnce('FutureTests', 'test_cancelled', () => {
  assert.deepEqual(
    over((future) => future.cancelled()),
    [false, false, true, false, false],
  );
});

conformsOnce('FutureTests', 'test_done', () => {
  assert.deepEqual(
    over((future) => future.done()),
    [false, false, true, true, true],
  );
});

conformsOnce('FutureTests', 'test_running', () => {
  assert.deepEqual(
    over((future) => future.running()),
    [false, true, false, false, false],
  );
});

conformsOnce('FutureTests', 'test_result_with_timeout', async () => {
  assert.deepEqual(await outcomes((future) => future.result(5)), [
    'ERR_MP_TIMEOUT',
    'ERR_MP_TIMEOUT',
    'ERR_MP_CANCELLED',
    'TypeError',
    42,
  ]);
});

conformsOnce('FutureTests', 'test_exception_with_timeout', async () => {
  const shown = await outcomes((future) => future.exception(5).then((error) => (error as Error | undefined)?.name));
  assert.deepEqual(shown, ['ERR_MP_TIMEOUT', 'ERR_MP_TIMEOUT', 'ERR_MP_CANCELLED', 'TypeError', undefined]);
});

conformsOnce('FutureTests', 'test_result_with_success', async () => {
  const future = new Future<number>();
  const waiting = future.result(5000);
  await turn();
  future.setResult(42);
  assert.equal(await waiting, 42);
});

conformsOnce('FutureTests', 'test_result_with_cancel', async () => {
  const future = new Future<number>();
  const waiting = assert.rejects(future.result(5000), { code: 'ERR_MP_CANCELLED' });
  await turn();
  future.cancel();
  await waiting;
});

conformsOnce('FutureTests', 'test_exception_with_success', async () => {
  const future = new Future<number>();
  const waiting = future.exception(5000);
  await turn();
  future.setException(new TypeError());
  assert.ok((await waiting) instanceof TypeError);
});

conformsOnce('FutureTests', 'test_multiple_set_result', async () => {
  const future = new Future<number>();
  future.setResult(1);
  const refused = { code: 'ERR_MP_INVALID_STATE', message: 'FINISHED: <Future state=finished returned number>' };
  assert.throws(() => future.setResult(2), refused);
  assert.equal(await future, 1);
});

conformsOnce('FutureTests', 'test_multiple_set_exception', async () => {
  const future = new Future<number>();
  future.setException(new RangeError());
  const refused = { code: 'ERR_MP_INVALID_STATE', message: 'FINISHED: <Future state=finished raised RangeError>' };
  assert.throws(() => future.setException(new Error()), refused);
  assert.ok((await future.exception()) instanceof RangeError);
});

conformsOnce(
  'ThreadPoolWaitTests',
  'test_pending_calls_race',
  withThreads(async (executor) => {
    const futures = new Set(range(100).map((i) => executor.submit((x: number) => x, i)));
    let left: Set<Future<number>> = futures;
    while (left.size > 0) {
      const { done, notDone } = await waitFutures(left, { returnWhen: FIRST_COMPLETED });
      assert.ok(done.size > 0);
      left = notDone;
    }
  }),
);
