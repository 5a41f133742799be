import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Future, Pool } from '../../dist/index.js';

type Name = 'pending' | 'running' | 'cancelled' | 'failed' | 'succeeded';

/** A future in each of its states. */
function make(name: Name): Future<number> {
  const future = new Future<number>();
  if (name === 'cancelled') future.cancel();
  else if (name !== 'pending') future.setRunningOrNotifyCancel();
  if (name === 'failed') future.setException(new RangeError('no'));
  if (name === 'succeeded') future.setResult(42);
  return future;
}

const NAMES: Name[] = ['pending', 'running', 'cancelled', 'failed', 'succeeded'];
const over = (act: (future: Future<number>) => unknown) => NAMES.map((name) => act(make(name)));

test('what each state answers', () => {
  assert.deepEqual(
    over((future) => future.cancel()),
    [true, false, true, false, false],
  );
  assert.deepEqual(
    over((future) => future.cancelled()),
    [false, false, true, false, false],
  );
  assert.deepEqual(
    over((future) => future.running()),
    [false, true, false, false, false],
  );
  assert.deepEqual(
    over((future) => future.done()),
    [false, false, true, true, true],
  );
});

test('result and exception of each state', async () => {
  for (const method of ['result', 'exception'] as const) {
    for (const name of ['pending', 'running'] as const) {
      await assert.rejects(make(name)[method](1), { code: 'ERR_MP_TIMEOUT', message: /not done within 1 ms/ });
      await assert.rejects(make(name)[method]({ timeout: 0 }), { code: 'ERR_MP_TIMEOUT' });
      await assert.rejects(make(name)[method]({ signal: AbortSignal.abort() }), { code: 'ERR_MP_CANCELLED' });
    }
    await assert.rejects(make('cancelled')[method](), {
      code: 'ERR_MP_CANCELLED',
      message: 'the future was cancelled',
    });
  }
  await assert.rejects(make('failed').result(), RangeError);
  assert.ok((await make('failed').exception()) instanceof RangeError);
  assert.equal(await make('succeeded').result(), 42);
  assert.equal(await make('succeeded').exception(), undefined);
  assert.equal(await make('succeeded'), 42, 'awaitable');
  await assert.rejects(async () => await make('failed'), RangeError);
});

test('those who wait get what comes', async () => {
  for (const [end, check] of [
    [(future: Future<number>) => future.setResult(7), (outcome: any) => assert.equal(outcome.value, 7)],
    [(future: Future<number>) => future.setException(null), (outcome: any) => assert.equal(outcome.reason, null)],
    [
      (future: Future<number>) => future.cancel(),
      (outcome: any) => assert.equal(outcome.reason.code, 'ERR_MP_CANCELLED'),
    ],
  ] as const) {
    const future = new Future<number>();
    const waiting = Promise.allSettled([future.result(), future.result(60_000), future]);
    end(future);
    for (const outcome of await waiting) check(outcome);
  }
});

test('a signal ends the wait, and not the future', async () => {
  const future = new Future<number>();
  const controller = new AbortController();
  const waiting = future.result({ signal: controller.signal });
  controller.abort(new Error('enough'));
  const error = await waiting.catch((error) => error);
  assert.equal(error.code, 'ERR_MP_CANCELLED');
  assert.equal(error.cause.message, 'enough');
  assert.equal(future.done(), false);
  future.setResult(1);
  assert.equal(await future, 1);
});

test('bad waits are refused', async () => {
  await assert.rejects(make('pending').result('5' as never), { code: 'ERR_MP_INVALID_ARG', message: /timeout/ });
  await assert.rejects(make('pending').exception({ time: 5 } as never), { message: /unknown option 'time'/ });
});

test('it ends once', () => {
  for (const name of ['cancelled', 'failed', 'succeeded'] as const) {
    const refused = {
      code: 'ERR_MP_INVALID_STATE',
      message: new RegExp(name === 'cancelled' ? 'CANCELLED' : 'FINISHED'),
    };
    assert.throws(() => make(name).setResult(1), refused);
    assert.throws(() => make(name).setException(1), refused);
  }
  for (const name of ['running', 'failed', 'succeeded'] as const) {
    assert.throws(() => make(name).setRunningOrNotifyCancel(), { code: 'ERR_MP_INVALID_STATE' });
  }
  assert.equal(make('cancelled').setRunningOrNotifyCancel(), false);
  assert.equal(make('pending').setRunningOrNotifyCancel(), true);
});

test('it prints its state', () => {
  assert.deepEqual(over(String), [
    '<Future state=pending>',
    '<Future state=running>',
    '<Future state=cancelled>',
    '<Future state=finished raised RangeError>',
    '<Future state=finished returned number>',
  ]);
  assert.equal(inspect(make('pending')), '<Future state=pending>');
});

test('callbacks are called in order, once, at once when it is done', () => {
  for (const end of ['setResult', 'setException', 'cancel'] as const) {
    const future = new Future<any>();
    const seen: string[] = [];
    future.addDoneCallback((done) => seen.push(`a ${done === future} ${done.done()}`));
    future.addDoneCallback(() => seen.push('b'));
    future[end](1);
    future.cancel();
    assert.deepEqual(seen, ['a true true', 'b']);
    future.addDoneCallback(() => seen.push('c'));
    assert.deepEqual(seen, ['a true true', 'b', 'c']);
  }
});

test('a callback that throws is a warning, and keeps none from being called', async () => {
  const quiet = process.listeners('warning');
  process.removeAllListeners('warning');
  try {
    for (const isDone of [false, true]) {
      const future = make(isDone ? 'succeeded' : 'running');
      const seen: number[] = [];
      const warned = once(process, 'warning');
      future.addDoneCallback(() => {
        throw new Error('doh!');
      });
      future.addDoneCallback(() => seen.push(1));
      if (!isDone) future.setResult(1);
      const [warning] = await warned;
      assert.equal(warning.code, 'MP_FUTURE_CALLBACK');
      assert.match(warning.message, /exception calling callback[\s\S]*doh!/);
      assert.deepEqual(seen, [1]);
    }
  } finally {
    for (const listener of quiet) process.on('warning', listener);
  }
});

test('a failure that nobody asks for says nothing', async () => {
  const seen: unknown[] = [];
  const note = (reason: unknown) => seen.push(reason);
  process.on('unhandledRejection', note);
  make('failed');
  make('cancelled');
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  assert.deepEqual(seen, []);
});

test('it cannot be sent', async () => {
  const pool = new Pool(1);
  const future = make('pending');
  await assert.rejects(
    pool.apply(() => future.done()),
    { code: 'ERR_MP_CAPTURE', message: /send its result/ },
  );
  pool.close();
  await pool.join();
});
