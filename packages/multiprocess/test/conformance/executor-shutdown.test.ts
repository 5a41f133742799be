/** CPython: test_concurrent_futures/test_shutdown.py. */
import assert from 'node:assert/strict';
import { ProcessPoolExecutor, ThreadPoolExecutor } from 'multiprocess';
import { runProgram, until } from '../pool/helper.ts';
import { collectUntil } from '../shared/support/collect.ts';
import { type AnyExecutor, mul, range, sleep, withExecutors } from './executor-kinds.ts';
import { conformsOnce } from './support.ts';

const KINDS = ['ProcessPoolExecutor', 'ThreadPoolExecutor'] as const;

/** Runs a program for each kind of executor; it ends by itself, and says no more than `expected`. */
async function prints(expected: string, body: (kind: string) => string): Promise<void> {
  for (const kind of KINDS) {
    const { code, stdout, stderr } = await runProgram(body(`mp.${kind}`));
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: expected, stderr: '' }, kind);
  }
}

conformsOnce(
  'ExecutorShutdownTest',
  'test_run_after_shutdown',
  withExecutors(async (executor) => {
    await executor.shutdown();
    const refused = { code: 'ERR_MP_POOL_CLOSED', message: 'cannot schedule new futures after shutdown' };
    assert.throws(() => executor.submit(mul, 2, 5), refused);
  }),
);

conformsOnce('ExecutorShutdownTest', 'test_interpreter_shutdown', () =>
  prints(
    'apple\n',
    (Kind) => `
      const executor = new ${Kind}({ maxWorkers: 2 });
      executor.submit((ms, text) => new Promise((resolve) => setTimeout(resolve, ms, text)), 200, 'apple').then(console.log);
    `,
  ),
);

conformsOnce(
  'ExecutorShutdownTest',
  'test_hang_issue12364',
  withExecutors(async (executor) => {
    const futures = range(50).map(() => executor.submit(sleep, 5));
    await executor.shutdown();
    for (const future of futures) assert.equal(await future.result(0), 5);
  }),
);

async function cancelsFutures(executor: AnyExecutor): Promise<void> {
  const futures = range(50).map(() => executor.submit(sleep, 20));
  await until(() => futures[0]!.running(), 'one runs');
  await executor.shutdown({ cancelFutures: true });
  assert.ok(futures.every((future) => future.done()));
  const cancelled = futures.filter((future) => future.cancelled());
  assert.ok(cancelled.length > 20, `${cancelled.length}`);
  for (const future of futures) if (!future.cancelled()) assert.equal(await future, 20);
}

conformsOnce('ExecutorShutdownTest', 'test_cancel_futures', withExecutors(cancelsFutures));

conformsOnce('ExecutorShutdownTest', 'test_hang_gh83386', () =>
  prints(
    'shutdown\napple\n',
    (Kind) => `
      const executor = new ${Kind}({ maxWorkers: 2 });
      executor.submit((ms) => new Promise((resolve) => setTimeout(resolve, ms, 'apple')), 200).then(console.log);
      await executor.shutdown({ wait: false });
      console.log('shutdown');
    `,
  ),
);

conformsOnce('ExecutorShutdownTest', 'test_hang_gh94440', async () => {
  for (const Kind of [ProcessPoolExecutor, ThreadPoolExecutor]) {
    for (const _ of range(5)) {
      const executor: AnyExecutor = new Kind({ maxWorkers: 1 });
      const first = executor.submit(mul, 2, 3);
      const second = executor.submit(mul, 2, 3);
      second.cancel();
      assert.equal(await first, 6);
      await executor.shutdown();
    }
  }
});

/** Three calls at the same time have three workers; after shutdown there is none. */
async function workersEnd(executor: AnyExecutor, end: (executor: AnyExecutor) => Promise<unknown>): Promise<void> {
  const futures = range(3).map(() => executor.submit(sleep, 30));
  await until(() => executor.stats().workers === 3, 'there are three');
  await end(executor);
  await until(() => executor.stats().workers === 0, 'they end');
  for (const future of futures) assert.equal(await future.result(0), 30);
}

/** What nobody can use any more does its work, and its workers end. */
async function endsWhenForgotten(Kind: typeof ProcessPoolExecutor | typeof ThreadPoolExecutor): Promise<void> {
  const { channel } = await import('node:diagnostics_channel');
  let workers = 0;
  const count = () => workers++;
  const discount = () => workers--;
  channel('multiprocess.worker.start').subscribe(count);
  channel('multiprocess.worker.end').subscribe(discount);
  const begin = () => {
    const executor = new Kind({ maxWorkers: 2 });
    return range(4).map((i) => executor.submit(mul, i, 1));
  };
  const futures = begin();
  assert.deepEqual(await Promise.all(futures), range(4));
  assert.ok(workers > 0);
  await collectUntil(() => workers === 0);
  await until(() => workers === 0, 'the workers have ended');
  channel('multiprocess.worker.start').unsubscribe(count);
  channel('multiprocess.worker.end').unsubscribe(discount);
}

const threads = () => new ThreadPoolExecutor({ maxWorkers: 3 });
const processes = () => new ProcessPoolExecutor({ maxWorkers: 3 });
const wait = (executor: AnyExecutor) => executor.shutdown();
const dispose = (executor: AnyExecutor) => executor[Symbol.asyncDispose]();
const noWait = (executor: AnyExecutor) => executor.shutdown({ wait: false });

for (const [name, body] of [
  ['test_threads_terminate', () => workersEnd(threads(), wait)],
  ['test_context_manager_shutdown', () => workersEnd(threads(), dispose)],
  ['test_del_shutdown', () => endsWhenForgotten(ThreadPoolExecutor)],
  ['test_shutdown_no_wait', () => workersEnd(threads(), noWait)],
] as const) {
  conformsOnce('ThreadPoolShutdownTest', name, body);
}

conformsOnce('ThreadPoolShutdownTest', 'test_thread_names_assigned', () =>
  haveNames({ threadNamePrefix: 'Special' }, /^Special_\d$/),
);
conformsOnce('ThreadPoolShutdownTest', 'test_thread_names_default', () => haveNames({}, /^ThreadPoolExecutor-\d+_\d$/));

async function haveNames(options: { threadNamePrefix?: string }, pattern: RegExp): Promise<void> {
  const executor = new ThreadPoolExecutor({ maxWorkers: 2, ...options });
  const name = async () => {
    const { currentThread } = await import('multiprocess/threading');
    return currentThread().name;
  };
  for (const one of await Promise.all([executor.submit(name), executor.submit(name)])) assert.match(one, pattern);
  await executor.shutdown();
}

conformsOnce('ThreadPoolShutdownTest', 'test_cancel_futures_wait_false', async () => {
  const { code, stdout, stderr } = await runProgram(`
    const executor = new mp.ThreadPoolExecutor({ maxWorkers: 2 });
    const future = executor.submit((ms) => new Promise((resolve) => setTimeout(resolve, ms, 'apple')), 200);
    while (!future.running()) await new Promise((resolve) => setTimeout(resolve, 1));
    void future.then(console.log);
    await executor.shutdown({ wait: false, cancelFutures: true });
  `);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'apple\n', stderr: '' });
});

for (const [name, body] of [
  ['test_cancel_futures', () => cancelsFutures(processes())],
  ['test_processes_terminate', () => workersEnd(processes(), wait)],
  ['test_context_manager_shutdown', () => workersEnd(processes(), dispose)],
  ['test_del_shutdown', () => endsWhenForgotten(ProcessPoolExecutor)],
  ['test_shutdown_no_wait', () => workersEnd(processes(), noWait)],
  ['test_shutdown_gh_132969_case_1', () => survivesFailures(1)],
  ['test_shutdown_gh_132969_case_2', () => survivesFailures(4)],
] as const) {
  conformsOnce('ProcessPoolShutdownTest', name, body);
}

/** A task that fails, workers for one task each, and nobody who waits. */
async function survivesFailures(maxWorkers: number): Promise<void> {
  const { code, stdout, stderr } = await runProgram(`
    const executor = new mp.ProcessPoolExecutor({ maxWorkers: ${maxWorkers}, maxTasksPerChild: 1 });
    const fail = () => { throw new Error('failed'); };
    const futures = [executor.submit(fail), executor.submit(Math.abs, -3), executor.submit(Math.abs, -4)];
    await executor.shutdown({ wait: false });
    const outcomes = await Promise.allSettled(futures);
    console.log(outcomes.map(({ value, reason }) => value ?? reason.message).join(' '));
  `);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'failed 3 4\n', stderr: '' });
}
