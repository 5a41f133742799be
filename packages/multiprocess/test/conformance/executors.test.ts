/** CPython: test_concurrent_futures/executor.py, with processes and with threads. */
import assert from 'node:assert/strict';
import { ProcessPoolExecutor, ThreadPoolExecutor, Value } from 'multiprocess';
import { collect, until } from '../pool/helper.ts';
import { collectUntil } from '../shared/support/collect.ts';
import { mul, range, sleep, withExecutors } from './executor-kinds.ts';
import { conformsOnce } from './support.ts';

const abs = (x: number) => Math.abs(x);
function* endless() {
  for (let i = 0; ; i++) yield i;
}

conformsOnce(
  'ExecutorTest',
  'test_submit',
  withExecutors(async (executor) => {
    assert.equal(await executor.submit(Math.pow, 2, 8).result(), 256);
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_submit_keyword',
  withExecutors(async (executor) => {
    assert.equal(await executor.submitWith({ kwargs: { y: 8 } }, (x: number, o?: any) => x * o.y, 2), 16);
    const all = await executor.submitWith({ kwargs: { self: 1, fn: 2 } }, (o?: any) => o);
    assert.deepEqual(all, { self: 1, fn: 2 });
    for (const none of [undefined, 1])
      assert.throws(() => executor.submit(none as never), { code: 'ERR_MP_INVALID_ARG' });
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_map',
  withExecutors(async (executor) => {
    assert.deepEqual(
      await collect(executor.map(Math.pow, range(10), range(10))),
      range(10).map((i) => i ** i),
    );
    assert.deepEqual(
      await collect(executor.map(Math.pow, range(10), range(10), { chunkSize: 3 })),
      range(10).map((i) => i ** i),
    );
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_map_exception',
  withExecutors(async (executor) => {
    const divide = (x: number, y: number) => {
      if (y === 0) throw new RangeError('division by zero');
      return x / y;
    };
    for (const options of [{}, { chunkSize: 2 }]) {
      const results = executor.map(divide, [1, 1, 1, 1], [2, 3, 0, 5], options);
      assert.equal((await results.next()).value, 1 / 2);
      assert.equal((await results.next()).value, 1 / 3);
      await assert.rejects(results.next(), RangeError);
      assert.equal((await results.next()).value, 1 / 5, 'it goes on');
      assert.equal((await results.next()).done, true);
    }
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_map_timeout_from_callable',
  withExecutors(async (executor) => {
    const late = (i: number) => {
      if (i === 0) throw Object.assign(new Error('of the task'), { code: 'ERR_MP_TIMEOUT' });
      return i;
    };
    const results = executor.map(late, [0, 1], { timeout: 60_000 });
    await assert.rejects(results.next(), /of the task/);
    assert.equal((await results.next()).value, 1, 'it goes on');
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_map_timeout',
  withExecutors(
    async (executor) => {
      await executor.submit(abs, 1); // the worker is there
      const seen: number[] = [];
      const results = executor.map(sleep, [0, 0, 60_000], { timeout: 1500 });
      await assert.rejects(
        async () => {
          for await (const ms of results) seen.push(ms);
        },
        { code: 'ERR_MP_TIMEOUT' },
      );
      assert.deepEqual(seen, [0, 0]);
      assert.equal((await results.next()).done, true);
    },
    { maxWorkers: 1 },
  ),
);

conformsOnce(
  'ExecutorTest',
  'test_map_close',
  withExecutors(async (executor) => {
    const begun = new Value('i32');
    const count = (i: number) => {
      begun.add(1);
      return sleep(i === 0 ? 0 : 20);
    };
    const results = executor.map(count, range(100), { chunkSize: 1 });
    await results.next();
    await results.return();
    await executor.shutdown();
    assert.ok(begun.value < 100);
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_map_buffersize_type_validation',
  withExecutors(async (executor) => {
    for (const bufferSize of ['foo', 2.5]) {
      const refused = {
        code: 'ERR_MP_INVALID_ARG',
        message: /bufferSize must be a whole number of at least 1, or null/,
      };
      assert.throws(() => executor.map(abs, range(4), { bufferSize: bufferSize as never }), refused);
    }
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_map_buffersize_value_validation',
  withExecutors(async (executor) => {
    for (const bufferSize of [0, -1]) {
      assert.throws(() => executor.map(abs, range(4), { bufferSize }), { code: 'ERR_MP_INVALID_ARG' });
    }
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_map_buffersize',
  withExecutors(async (executor) => {
    for (const bufferSize of [1, 2, 4, 8]) {
      assert.deepEqual(await collect(executor.map(abs, range(4), { bufferSize })), range(4));
    }
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_map_buffersize_on_multiple_iterables',
  withExecutors(async (executor) => {
    for (const bufferSize of [1, 2, 4, 8]) {
      assert.deepEqual(await collect(executor.map(mul, range(4), range(4), { bufferSize })), [0, 1, 4, 9]);
    }
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_map_buffersize_on_infinite_iterable',
  withExecutors(async (executor) => {
    const results = executor.map(abs, endless(), { bufferSize: 2 });
    for (const i of range(3)) assert.equal((await results.next()).value, i);
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_map_buffersize_on_multiple_infinite_iterables',
  withExecutors(async (executor) => {
    const results = executor.map(mul, endless(), endless(), { bufferSize: 2 });
    for (const i of range(3)) assert.equal((await results.next()).value, i * i);
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_map_buffersize_on_empty_iterable',
  withExecutors(async (executor) => {
    assert.deepEqual(await collect(executor.map(abs, [], { bufferSize: 1 })), []);
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_map_buffersize_without_iterable',
  withExecutors(async (executor) => {
    assert.deepEqual(await collect((executor.map as any)(abs, { bufferSize: 1 })), []);
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_map_buffersize_when_buffer_is_full',
  withExecutors(async (executor) => {
    const inputs = endless();
    const results = executor.map(abs, inputs, { bufferSize: 4 });
    await until(() => executor.stats().completed === 4, 'four have run');
    assert.equal(inputs.next().value, 4, 'no more has been read');
    await results.return();
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_shutdown_race_issue12456',
  withExecutors(async (executor) => {
    const calls = range(2 * 20).map(() => executor.submit(sleep, 0));
    await executor.shutdown();
    assert.ok(calls.every((call) => call.done()));
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_no_stale_references',
  withExecutors(async (executor) => {
    let collected = 0;
    const registry = new FinalizationRegistry(() => collected++);
    const runTask = async () => {
      const object = { data: range(100) };
      registry.register(object, undefined);
      await executor.submit((one: typeof object) => one.data.length, object);
    };
    await runTask();
    assert.ok(await collectUntil(() => collected === 1), 'the arguments are forgotten');
  }),
);

conformsOnce('ExecutorTest', 'test_max_workers_negative', () => {
  for (const Kind of [ProcessPoolExecutor, ThreadPoolExecutor]) {
    for (const maxWorkers of [0, -1]) {
      assert.throws(() => new Kind({ maxWorkers }), { message: /^max_workers must be greater than 0/ });
    }
  }
});

conformsOnce(
  'ExecutorTest',
  'test_free_reference',
  withExecutors(async (executor) => {
    let collected = 0;
    const registry = new FinalizationRegistry(() => collected++);
    const runTasks = async () => {
      for await (const one of executor.map((i: number) => ({ i }), range(10))) registry.register(one, undefined);
    };
    await runTasks();
    assert.ok(await collectUntil(() => collected === 10), 'the results are forgotten');
  }),
);

conformsOnce(
  'ExecutorTest',
  'test_swallows_falsey_exceptions',
  withExecutors(async (executor) => {
    for (const thrown of [undefined, null, 0, '', false]) {
      const future = executor.submit((value: unknown) => {
        throw value;
      }, thrown);
      await assert.rejects(future.result(), (error) => error === thrown);
    }
  }),
);
