import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import {
  type ExecutorOptions,
  getReusableExecutor,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
  Value,
} from '../../dist/index.js';
import { collect, until } from '../pool/helper.ts';

const opened: ProcessPoolExecutor[] = [];

function open(maxWorkers: number, options: ExecutorOptions<any> = {}): ProcessPoolExecutor {
  const executor = new ProcessPoolExecutor({ maxWorkers, ...options });
  opened.push(executor);
  return executor;
}

afterEach(async () => {
  for (const executor of opened.splice(0)) await executor.killWorkers();
});

const pid = () => process.pid;
const stay = () => new Promise<never>((_, reject) => setTimeout(reject, 60_000));
const failOnOdd = (i: number) => {
  if (i % 2 === 1) throw new Error(`odd: ${i}`);
  return i;
};

for (const Executor of [ProcessPoolExecutor, ThreadPoolExecutor]) {
  test(`submit, map and shutdown of ${Executor.name}`, async () => {
    const executor = new Executor({ maxWorkers: 2 });
    const add = (a: number, b: number) => a + b;
    assert.deepEqual(await collect(executor.map(add, [1, 2, 3], new Set([10, 20]))), [11, 22], 'on a fresh executor');
    assert.equal(await executor.submit(Math.pow, 2, 8), 256);
    const withKwargs = executor.submitWith({ kwargs: { b: 2 } }, (a: number, options?: any) => a + options.b, 1);
    assert.equal(await withKwargs.result(), 3);
    async function* inputs() {
      yield* [5, 6];
    }
    assert.deepEqual(await collect(executor.map(add, inputs(), [1, 1])), [6, 7]);
    assert.deepEqual(await collect(executor.map((i: number) => i, [1, 2, 3, 4, 5], { chunkSize: 3 })), [1, 2, 3, 4, 5]);
    assert.deepEqual(await collect(executor.map((i: number) => i, [])), []);
    await executor.shutdown();
    await executor.shutdown();
    const refused = { code: 'ERR_MP_POOL_CLOSED', message: 'cannot schedule new futures after shutdown' };
    assert.throws(() => executor.submit(pid), refused);
    assert.throws(() => executor.map(pid), refused);
  });
}

test('an error comes at its place, and the iteration goes on', async () => {
  const results = open(2).map(failOnOdd, [0, 1, 2, 3]);
  assert.equal((await results.next()).value, 0);
  await assert.rejects(results.next(), /odd: 1/);
  assert.equal((await results.next()).value, 2);
  await assert.rejects(results.next(), /odd: 3/);
  assert.equal((await results.next()).done, true);
});

test('a bufferSize is exact', async () => {
  let read = 0;
  let isClosed = false;
  function* inputs() {
    try {
      for (;;) yield read++;
    } finally {
      isClosed = true;
    }
  }
  const executor = open(1);
  const results = executor.map((i: number) => i, inputs(), { bufferSize: 4 });
  await until(() => executor.stats().completed === 4, 'four have run');
  assert.equal(read, 4);
  assert.equal((await results.next()).value, 0);
  await until(() => executor.stats().completed === 5, 'one more has run');
  assert.equal(read, 5);
  await executor.shutdown();
  assert.ok(isClosed);
  for (const i of [1, 2, 3, 4]) assert.equal((await results.next()).value, i);
  await assert.rejects(results.next(), { code: 'ERR_MP_POOL_CLOSED' });
  assert.equal((await results.next()).done, true);
});

test('break cancels the rest, and closes the iterables', async () => {
  let isClosed = false;
  function* inputs() {
    try {
      yield* Array.from({ length: 1000 }, (_, i) => i);
    } finally {
      isClosed = true;
    }
  }
  const executor = open(1);
  const runs = new Value('i32');
  const count = async (i: number) => {
    runs.add(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return i;
  };
  for await (const i of executor.map(count, inputs(), { chunkSize: 1 })) if (i === 3) break;
  await executor.shutdown();
  assert.ok(isClosed);
  assert.ok(runs.value < 1000, `${runs.value}`);
});

test('a map has a time limit in all', async () => {
  const executor = open(1);
  const results = executor.map((ms: number) => new Promise((resolve) => setTimeout(resolve, ms, ms)), [0, 60_000, 0], {
    timeout: 500,
  });
  assert.equal((await results.next()).value, 0);
  await assert.rejects(results.next(), { code: 'ERR_MP_TIMEOUT', message: /not all there within 500 ms/ });
  assert.equal((await results.next()).done, true);
  assert.equal(await executor.submit(Math.abs, -1), 1);
  assert.deepEqual(await collect(executor.map(Math.abs, [-1], { timeout: Number.POSITIVE_INFINITY })), [1]);
});

test('a cancelled call never runs, wherever it was', async () => {
  const executor = open(1);
  const runs = new Value('i32');
  const count = () => runs.add(1);
  for (let i = 0; i < 20; i++) await executor.submit(count); // quick: the next ones are sent ahead
  let kept = runs.value;
  for (let round = 0; round < 30; round++) {
    const futures = Array.from({ length: 8 }, () => executor.submit(count));
    if (round % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
    for (const future of futures.toReversed()) if (!future.cancel()) kept++;
    for (const future of futures) {
      if (future.cancelled()) await assert.rejects(future.result(), { code: 'ERR_MP_CANCELLED' });
      else await future;
    }
  }
  await executor.shutdown();
  assert.equal(runs.value, kept);
});

test('a running call cannot be cancelled, one that waits can', async () => {
  const executor = open(1);
  const [running, waiting] = [executor.submit(stay), executor.submit(stay)];
  await until(() => running.running(), 'it runs');
  assert.equal(running.cancel(), false);
  assert.equal(waiting.running(), false);
  assert.equal(waiting.cancel(), true);
  await executor.killWorkers();
  assert.equal(((await running.exception()) as any).code, 'ERR_MP_CANCELLED');
});

test('a worker that is killed takes one call along', async () => {
  const executor = open(2);
  const futures = [0, 1, 2, 3].map((i) =>
    executor.submit((i: number) => (i === 1 ? process.kill(process.pid, 'SIGKILL') : i), i),
  );
  const codes = await Promise.all(futures.map((future) => future.exception()));
  assert.deepEqual(
    codes.map((error: any) => error?.code),
    [undefined, 'ERR_MP_WORKER_DIED', undefined, undefined],
  );
  assert.equal(await executor.submit(Math.abs, -1), 1);
});

test('workers come as they are needed, are used again, and are never too many', async () => {
  const executor = open(2);
  assert.equal(executor.stats().workers, 0);
  const first = await executor.submit(pid);
  for (let i = 0; i < 5; i++) assert.equal(await executor.submit(pid), first);
  assert.equal(executor.stats().workers, 1);
  assert.deepEqual(await collect(executor.map(Math.abs, [-1])), [1]);
  assert.equal(executor.stats().workers, 1, 'a map of one needs one');
  let most = 0;
  const futures = Array.from({ length: 20 }, () => executor.submit(pid));
  for (const future of futures) {
    await future;
    most = Math.max(most, executor.stats().workers);
  }
  assert.equal(most, 2);
});

test('the initializer runs in each worker; one that fails breaks the executor', async () => {
  const good = open(1, { initializer: (x: number) => void Object.assign(globalThis, { x }), initArgs: [5] });
  assert.equal(await good.submit(() => (globalThis as any).x), 5);
  const bad = open(1, {
    initializer: () => {
      throw new TypeError('not today');
    },
  });
  const futures = [bad.submit(pid), bad.submit(pid)];
  for (const future of futures) assert.equal(((await future.exception()) as any).code, 'ERR_MP_BROKEN_POOL');
  assert.throws(() => bad.submit(pid), { code: 'ERR_MP_BROKEN_POOL', message: /not today/ });
  await bad.shutdown();
});

test('maxTasksPerChild replaces workers', async () => {
  const executor = open(1, { maxTasksPerChild: 2 });
  const pids = await Promise.all(Array.from({ length: 4 }, () => executor.submit(pid)));
  assert.equal(new Set(pids).size, 2);
});

test('maxMemoryPerChild replaces workers, of threads too', async () => {
  const ident = async () => (await import('multiprocess/threading')).currentThread().ident;
  for (const Executor of [ProcessPoolExecutor, ThreadPoolExecutor]) {
    const executor = new Executor({ maxWorkers: 1, maxMemoryPerChild: 1 });
    const first = await executor.submit(ident);
    await until(async () => (await executor.submit(ident)) !== first, 'it is replaced');
    assert.equal(executor.stats().deaths, 0);
    await executor.shutdown();
  }
});

test('shutdown without waiting, and with cancelling', async () => {
  const executor = open(1);
  const future = executor.submit((x: number) => x, 7);
  await executor.shutdown({ wait: false });
  assert.equal(future.done(), false);
  assert.equal(await future, 7);
  const other = open(1);
  const runs = new Value('i32');
  const task = async () => {
    runs.add(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
  };
  const futures = Array.from({ length: 10 }, () => other.submit(task));
  const results = other.map((_: number) => task(), [1, 2, 3]);
  await until(() => runs.value > 0, 'one runs');
  await other.shutdown({ cancelFutures: true });
  assert.ok(futures.every((future) => future.done()));
  const cancelled = futures.filter((future) => future.cancelled()).length;
  assert.equal(cancelled + runs.value, 10, 'each was cancelled or has run');
  assert.ok(cancelled >= 7);
  await assert.rejects(results.next(), { code: 'ERR_MP_CANCELLED' });
});

test('terminateWorkers and killWorkers end what runs, at once', async () => {
  for (const method of ['terminateWorkers', 'killWorkers'] as const) {
    const executor = open(1);
    const future = executor.submit(stay);
    await until(() => future.running(), 'it runs');
    await executor[method]();
    await assert.rejects(future.result(), { code: 'ERR_MP_CANCELLED' });
    assert.throws(() => executor.submit(pid), { code: 'ERR_MP_POOL_CLOSED', message: /after its workers were/ });
    assert.equal(executor.stats().workers, 0);
    await executor[method]();
    await open(1)[method]();
  }
});

test('resize', async () => {
  const executor = open(1);
  await executor.submit(pid);
  executor.resize(3);
  const futures = Array.from({ length: 3 }, () => executor.submit(stay));
  await until(() => futures.every((future) => future.running()), 'three run');
  assert.throws(() => executor.resize(0), {
    code: 'ERR_MP_INVALID_ARG',
    message: /max_workers must be greater than 0/,
  });
});

test('the reusable executor is one, and its idle workers leave and come back', async () => {
  const executor = getReusableExecutor({ maxWorkers: 1, idleTimeout: 50 });
  opened.push(executor);
  assert.equal(executor, getReusableExecutor({ maxWorkers: 2, idleTimeout: 50 }));
  assert.equal(executor.stats().size, 2);
  const first = await executor.submit(pid);
  await until(() => executor.stats().workers === 0, 'they leave');
  assert.equal(executor.stats().deaths, 0);
  assert.notEqual(await executor.submit(pid), first);
  const other = getReusableExecutor({ idleTimeout: 60 });
  opened.push(other);
  assert.notEqual(other, executor);
  await other.shutdown();
  const third = getReusableExecutor({ idleTimeout: 60 });
  opened.push(third);
  assert.notEqual(third, other);
});

test('the reusable executor changes its size under load', async () => {
  const get = (maxWorkers: number) => getReusableExecutor({ maxWorkers, idleTimeout: 70 });
  const executor = get(1);
  opened.push(executor);
  const runs = new Value('i32');
  const task = async (i: number) => {
    runs.add(1);
    await new Promise((resolve) => setTimeout(resolve, i % 3));
    return i;
  };
  const futures = [];
  for (let i = 0; i < 400; i++) {
    futures.push(executor.submit(task, i));
    if (i % 20 === 0) assert.equal(get(1 + ((i / 20) % 4)), executor);
    if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(executor.stats().workers <= 4);
  }
  get(2);
  for (const [i, future] of futures.entries()) assert.equal(await future, i);
  assert.equal(runs.value, 400, 'each has run once');
  await until(() => executor.stats().workers <= 2, 'those that are too many have left');
  assert.equal(executor.stats().deaths, 0);
  await executor.shutdown();
});

test('falsy errors are not lost, and what cannot be sent is refused', async () => {
  const executor = open(1);
  for (const thrown of [undefined, null, 0, '']) {
    const future = executor.submit((value: unknown) => {
      throw value;
    }, thrown);
    await assert.rejects(
      async () => await future,
      (error) => error === thrown,
    );
  }
  const timer = setTimeout(() => {}, 1).unref();
  assert.throws(() => executor.submit(() => timer), { code: 'ERR_MP_CAPTURE' });
  await assert.rejects(executor.submit(() => new WeakRef({})).result(), { code: 'ERR_MP_CAPTURE' });
});

test('bad arguments are named', async () => {
  const refused = (message: RegExp) => ({ code: 'ERR_MP_INVALID_ARG', message });
  for (const maxWorkers of [0, -1, 1.5, '2']) {
    assert.throws(
      () => new ProcessPoolExecutor({ maxWorkers: maxWorkers as number }),
      refused(/max_workers must be greater than 0/),
    );
  }
  assert.throws(
    () => new ProcessPoolExecutor({ max: 1 } as never),
    refused(/unknown option 'max'; accepted are maxWorkers/),
  );
  assert.throws(
    () => new ProcessPoolExecutor({ maxMemoryPerChild: '1' as never }),
    refused(/maxMemoryPerChild must be a number/),
  );
  assert.throws(() => new ProcessPoolExecutor({ context: {} as never }), refused(/context/));
  const executor = open(1);
  assert.throws(() => executor.submit(5 as never), refused(/fn must be a function, not 5/));
  for (const options of [null, undefined, 0, '', []]) {
    assert.throws(() => executor.submitWith(options as never, pid), {
      code: 'ERR_MP_INVALID_ARG',
      message: /^options must be an object/,
    });
  }
  assert.throws(
    () => executor.submitWith({ time: 1 } as never, pid),
    refused(/unknown option 'time'; accepted are signal/),
  );
  assert.throws(
    () => executor.submitWith({ timeout: '5' as never }, pid),
    refused(/timeout must be a number of milli/),
  );
  assert.throws(() => executor.map(Math.abs, [1], { bufferSize: 0 }), refused(/bufferSize must be a whole number/));
  assert.throws(() => executor.map(Math.abs, [1], { chunkSize: -1 }), refused(/chunkSize must be a whole number/));
  assert.throws(() => executor.map(Math.abs, 5 as never), refused(/options must be an object, not 5/));
});
