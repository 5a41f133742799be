/** CPython: lock_tests.py, BarrierTests, and _test_multiprocessing.py, _TestBarrier: the same cases, there with processes. */
import assert from 'node:assert/strict';
import { Barrier, type Context, getContext } from 'multiprocess';
import { crew, type Way } from '../sync/crew.ts';
import { queued } from '../sync/queued.ts';
import { codeOf, conforms, conformsOnce } from './support.ts';

const N = 4;
const LIMIT = 60_000;
const mp = getContext();

async function passInStep(mp: Context, way: Way, rounds: number): Promise<void> {
  const barrier = new mp.Barrier(N, { timeout: LIMIT });
  const passed = new mp.Semaphore(0);
  const all = await crew(way, N, () => {
    const seen: number[] = [];
    for (let round = 0; round < rounds; round++) {
      barrier.waitSync();
      passed.release();
      barrier.waitSync();
      seen.push(passed.getValue());
      barrier.waitSync();
    }
    return seen;
  });
  const expected = Array.from({ length: rounds }, (_, round) => N * (round + 1));
  assert.deepEqual(all, Array(N).fill(expected), 'nobody runs ahead, nobody stays behind');
  assert.equal(barrier.broken, false);
}

async function waitReturn(mp: Context, way: Way): Promise<void> {
  const barrier = new mp.Barrier(N, { timeout: LIMIT });
  const all = await crew(way, N, async () => [barrier.waitSync(), await barrier.wait()]);
  for (const round of [0, 1]) assert.deepEqual(all.map((indices) => indices[round]!).sort(), [0, 1, 2, 3]);
}

async function action(mp: Context, way: Way): Promise<void> {
  const acted = new mp.Semaphore(0);
  const barrier = new mp.Barrier(N, { action: () => acted.release(), timeout: LIMIT });
  const seen = await crew(way, N, async () => {
    const values: number[] = [];
    for (let round = 0; round < 2; round++) {
      await barrier.wait();
      values.push(acted.getValue());
      barrier.waitSync(); // acts, too
    }
    return values;
  });
  assert.deepEqual(seen, Array(N).fill([1, 3]));
}

/** What members saw that wait until one of them, the third to arrive, breaks the barrier with `act`. */
async function broken(mp: Context, way: Way, act: 'abort' | 'reset', waits: 'wait' | 'waitSync') {
  const barrier = new mp.Barrier(N, { timeout: LIMIT });
  const member = async () => {
    const codes: string[] = [];
    const index = barrier.waitSync();
    while (index === 2 && act === 'reset' && barrier.nWaiting < N - 1) await new Promise(setImmediate);
    if (index === 2) barrier[act]();
    else {
      const error = await (async () => barrier[waits]())().catch((thrown) => thrown);
      codes.push(error.code, error.name);
    }
    return codes;
  };
  const all = await crew(way, N, member);
  assert.deepEqual(all.flat().sort(), [
    ...Array(3).fill('BrokenBarrierError'),
    ...Array(3).fill('ERR_MP_BROKEN_BARRIER'),
  ]);
  return barrier;
}

async function abort(mp: Context, way: Way): Promise<void> {
  for (const waits of ['wait', 'waitSync'] as const) {
    const barrier = await broken(mp, way, 'abort', waits);
    assert.equal(barrier.broken, true);
    assert.equal(barrier.nWaiting, 0);
    assert.throws(() => barrier.waitSync(), { code: 'ERR_MP_BROKEN_BARRIER' });
  }
}

async function reset(mp: Context, way: Way): Promise<void> {
  const barrier = await broken(mp, way, 'reset', 'waitSync');
  assert.equal(barrier.broken, false);
  const indices = await crew(way, N, () => barrier.waitSync());
  assert.deepEqual(indices.sort(), [0, 1, 2, 3]);
}

async function abortAndReset(mp: Context, way: Way): Promise<void> {
  const barrier = await broken(mp, way, 'abort', 'wait');
  barrier.reset();
  assert.equal(barrier.broken, false);
  const indices = await crew(way, N, () => barrier.wait());
  assert.deepEqual(indices.sort(), [0, 1, 2, 3]);
}

async function timeout(mp: Context, way: Way, { byDefault }: { byDefault: boolean }): Promise<void> {
  const barrier = new mp.Barrier(N, byDefault ? { timeout: 300 } : {});
  const codes = await crew(way, N - 1, () => {
    try {
      return `${barrier.waitSync(byDefault ? undefined : 300)}`;
    } catch (error) {
      return (error as { code: string }).code;
    }
  });
  assert.deepEqual(codes, Array(N - 1).fill('ERR_MP_BROKEN_BARRIER'));
  assert.equal(barrier.broken, true);
}

async function alone(mp: Context): Promise<void> {
  const barrier = new mp.Barrier(1);
  for (let i = 0; i < 3; i++) assert.deepEqual([barrier.waitSync(), await barrier.wait()], [0, 0]);
}

conforms('_TestBarrier', 'test_barrier', ({ mp, method }) => passInStep(mp, method, 1));
conforms('_TestBarrier', 'test_barrier_10', ({ mp, method }) => passInStep(mp, method, 10));
conforms('_TestBarrier', 'test_wait_return', ({ mp, method }) => waitReturn(mp, method));
conforms('_TestBarrier', 'test_action', ({ mp, method }) => action(mp, method));
conforms('_TestBarrier', 'test_abort', ({ mp, method }) => abort(mp, method));
conforms('_TestBarrier', 'test_reset', ({ mp, method }) => reset(mp, method));
conforms('_TestBarrier', 'test_abort_and_reset', ({ mp, method }) => abortAndReset(mp, method));
conforms('_TestBarrier', 'test_timeout', ({ mp, method }) => timeout(mp, method, { byDefault: false }));
conforms('_TestBarrier', 'test_default_timeout', ({ mp, method }) => timeout(mp, method, { byDefault: true }));
conforms('_TestBarrier', 'test_single_thread', ({ mp }) => alone(mp));
conforms('_TestBarrier', 'test_thousand', ({ mp, method }) => passInStep(mp, method, 1000));

conformsOnce('BarrierTests', 'test_constructor', () => {
  for (const parties of [0, -1, 1.5, Number.NaN]) {
    assert.equal(
      codeOf(() => new Barrier(parties)),
      'ERR_MP_INVALID_ARG',
    );
  }
});
conformsOnce('BarrierTests', 'test_barrier', () => passInStep(mp, 'thread', 1));
conformsOnce('BarrierTests', 'test_barrier_10', () => passInStep(mp, 'thread', 10));
conformsOnce('BarrierTests', 'test_wait_return', () => waitReturn(mp, 'thread'));
conformsOnce('BarrierTests', 'test_action', () => action(mp, 'thread'));
conformsOnce('BarrierTests', 'test_abort', () => abort(mp, 'thread'));
conformsOnce('BarrierTests', 'test_reset', () => reset(mp, 'thread'));
conformsOnce('BarrierTests', 'test_abort_and_reset', () => abortAndReset(mp, 'thread'));
conformsOnce('BarrierTests', 'test_timeout', () => timeout(mp, 'thread', { byDefault: false }));
conformsOnce('BarrierTests', 'test_default_timeout', () => timeout(mp, 'thread', { byDefault: true }));
conformsOnce('BarrierTests', 'test_single_thread', () => alone(mp));
conformsOnce('BarrierTests', 'test_repr', async () => {
  const barrier = new mp.Barrier(N);
  assert.equal(`${barrier}`, 'Barrier(0/4)');
  const all = crew('thread', N - 1, () => barrier.waitSync(LIMIT));
  await queued(barrier, N - 1);
  assert.equal(`${barrier}`, 'Barrier(3/4)');
  assert.equal(barrier.waitSync(LIMIT), N - 1);
  await all;
  barrier.abort();
  assert.equal(`${barrier}`, 'Barrier(broken)');
});
