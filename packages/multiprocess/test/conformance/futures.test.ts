/** CPython: test_concurrent_futures/test_as_completed.py and test_wait.py, as far as they concern futures themselves. */
import assert from 'node:assert/strict';
import { asCompleted, FIRST_COMPLETED, FIRST_EXCEPTION, Future, ThreadPoolExecutor, waitFutures } from 'multiprocess';
import { conformsOnce } from './support.ts';

/** CPython's CANCELLED, EXCEPTION and SUCCESSFUL futures. */
function made() {
  const [cancelled, failed, successful] = [new Future<number>(), new Future<number>(), new Future<number>()];
  cancelled.cancel();
  failed.setException(new Error('os'));
  successful.setResult(42);
  return { cancelled, failed, successful };
}

async function list<T>(iterable: AsyncIterator<T>): Promise<T[]> {
  const items: T[] = [];
  for (let step = await iterable.next(); !step.done; step = await iterable.next()) items.push(step.value);
  return items;
}

async function withExecutor(body: (executor: ThreadPoolExecutor) => Promise<void>): Promise<void> {
  const executor = new ThreadPoolExecutor({ maxWorkers: 2 });
  try {
    await body(executor);
  } finally {
    await executor.killWorkers();
  }
}

const mul = (x: number, y: number) => x * y;
const stay = () => new Promise<number>((resolve) => setTimeout(resolve, 60_000, 0));
const fail = (): number => {
  throw new Error('this is an exception');
};

conformsOnce('AsCompletedTests', 'test_no_timeout', () =>
  withExecutor(async (executor) => {
    const { cancelled, failed, successful } = made();
    const [a, b] = [executor.submit(mul, 2, 21), executor.submit(mul, 7, 6)];
    const all = await list(asCompleted([cancelled, failed, successful, a, b]));
    assert.deepEqual(new Set(all), new Set([cancelled, failed, successful, a, b]));
  }),
);

conformsOnce('AsCompletedTests', 'test_future_times_out', async () => {
  const { cancelled, failed, successful } = made();
  const pending = new Future<number>();
  for (const timeout of [0, 10]) {
    const results = asCompleted([cancelled, failed, successful, pending], timeout);
    const seen = new Set([1, 2, 3].map(() => results.next()));
    const first = new Set((await Promise.all(seen)).map(({ value }) => value));
    await assert.rejects(results.next(), { code: 'ERR_MP_TIMEOUT' });
    assert.ok(first.size === 3 && !first.has(pending));
  }
});

conformsOnce('AsCompletedTests', 'test_duplicate_futures', () =>
  withExecutor(async (executor) => {
    const future = executor.submit(mul, 2, 3);
    assert.equal((await list(asCompleted([future, future].values()))).length, 1);
  }),
);

conformsOnce('AsCompletedTests', 'test_correct_timeout_exception_msg', async () => {
  const { cancelled, successful } = made();
  await assert.rejects(list(asCompleted([cancelled, new Future(), new Future(), successful], 0)), {
    message: '2 (of 4) futures unfinished',
  });
});

conformsOnce('WaitTests', 'test_20369', () =>
  withExecutor(async (executor) => {
    const future = executor.submit(mul, 1, 2);
    const { done, notDone } = await waitFutures([future, future]);
    assert.ok(done.size === 1 && done.has(future) && notDone.size === 0);
  }),
);

conformsOnce('WaitTests', 'test_first_completed', () =>
  withExecutor(async (executor) => {
    const { cancelled } = made();
    const [slow, quick] = [executor.submit(stay), executor.submit(mul, 21, 2)];
    const { done, notDone } = await waitFutures([slow, quick], { returnWhen: FIRST_COMPLETED });
    assert.ok(done.size === 1 && done.has(quick) && notDone.has(slow));
    assert.ok((await waitFutures([cancelled, slow], { returnWhen: FIRST_COMPLETED })).done.has(cancelled));
  }),
);

conformsOnce('WaitTests', 'test_first_exception', () =>
  withExecutor(async (executor) => {
    const good = executor.submit(mul, 2, 21);
    await good;
    const [bad, slow] = [executor.submit(fail), executor.submit(stay)];
    const { done, notDone } = await waitFutures([good, bad, slow], { returnWhen: FIRST_EXCEPTION });
    assert.ok(done.size === 2 && done.has(bad) && notDone.has(slow));
  }),
);

conformsOnce('WaitTests', 'test_all_completed', () =>
  withExecutor(async (executor) => {
    const { cancelled, failed, successful } = made();
    const all = [cancelled, failed, successful, executor.submit(fail), executor.submit(mul, 2, 21)];
    assert.deepEqual((await waitFutures(all)).done, new Set(all));
  }),
);

conformsOnce('WaitTests', 'test_timeout', () =>
  withExecutor(async (executor) => {
    const { cancelled } = made();
    const slow = executor.submit(stay);
    const { done, notDone } = await waitFutures([cancelled, slow], { timeout: 20 });
    assert.ok(done.size === 1 && done.has(cancelled) && notDone.size === 1 && notDone.has(slow));
  }),
);

for (const [name, others] of [
  ['test_first_completed_some_already_completed', { returnWhen: FIRST_COMPLETED }],
  ['test_first_exception_some_already_complete', { returnWhen: FIRST_EXCEPTION }],
  ['test_first_exception_one_already_failed', { returnWhen: FIRST_EXCEPTION }],
] as const) {
  conformsOnce('WaitTests', name, async () => {
    const { failed, successful } = made();
    const pending = new Future<number>();
    const first = others.returnWhen === FIRST_COMPLETED ? successful : failed;
    const { done, notDone } = await waitFutures([first, pending], others);
    assert.ok(done.size === 1 && done.has(first) && notDone.has(pending));
  });
}
