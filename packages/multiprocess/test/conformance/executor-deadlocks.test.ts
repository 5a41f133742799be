/**
 * CPython: test_concurrent_futures/test_deadlock.py. Whatever goes wrong at whatever moment, the future is done and `shutdown`
 * returns. CPython then breaks the executor; here only the one call fails.
 */
import assert from 'node:assert/strict';
import type { WorkerDiedError } from 'multiprocess';
import { runProgram } from '../pool/helper.ts';
import { type AnyExecutor, mul, range, withExecutors, withProcesses } from './executor-kinds.ts';
import { conformsOnce } from './support.ts';

const reduce = Symbol.for('multiprocess.reduce');

const exit = (): never => process.exit(1);
const crash = () => process.kill(process.pid, 'SIGSEGV');
const raise = () => {
  throw new Error('by the object');
};

/** Objects that do something when they are sent. */
const atSending = (act: () => unknown) => Object.defineProperty({}, reduce, { value: act });
/** Objects that do something when they arrive. */
const atArrival = (act: () => unknown) => Object.defineProperty({}, reduce, { value: () => [act, []] });
const show = (x: object) => String(x);

/** The call fails, and the executor goes on. */
async function fails(
  executor: AnyExecutor,
  code: string | RegExp,
  fn: (...args: any[]) => unknown,
  ...args: unknown[]
) {
  const error = (await executor.submit(fn, ...args).exception(30_000)) as WorkerDiedError;
  if (typeof code === 'string') assert.equal(error?.code, code, String(error));
  else assert.match(String(error), code);
  assert.equal(await executor.submit(mul, 6, 7).result(30_000), 42, 'the executor goes on');
  return error;
}

conformsOnce(
  'ExecutorDeadlockTest',
  'test_error_at_task_pickle',
  withExecutors(async (executor) => {
    assert.throws(() => executor.submit(show, atSending(raise)), /by the object/);
    assert.equal(await executor.submit(mul, 6, 7), 42);
  }),
);

conformsOnce(
  'ExecutorDeadlockTest',
  'test_exit_at_task_unpickle',
  withProcesses(async (executor) => {
    const { exitCode } = await fails(executor, 'ERR_MP_WORKER_DIED', show, atArrival(exit));
    assert.equal(exitCode, 1);
  }),
);

conformsOnce(
  'ExecutorDeadlockTest',
  'test_error_at_task_unpickle',
  withExecutors(async (executor) => {
    await fails(executor, /by the object/, show, atArrival(raise));
  }),
);

conformsOnce(
  'ExecutorDeadlockTest',
  'test_crash_at_task_unpickle',
  withProcesses(async (executor) => {
    const { signal } = await fails(executor, 'ERR_MP_WORKER_DIED', show, atArrival(crash));
    assert.equal(signal, 'SIGSEGV');
  }),
);

conformsOnce(
  'ExecutorDeadlockTest',
  'test_crash_during_func_exec_on_worker',
  withProcesses(async (executor) => {
    const { signal } = await fails(executor, 'ERR_MP_WORKER_DIED', crash);
    assert.equal(signal, 'SIGSEGV');
  }),
);

conformsOnce(
  'ExecutorDeadlockTest',
  'test_exit_during_func_exec_on_worker',
  withExecutors(async (executor) => {
    const { exitCode } = await fails(executor, 'ERR_MP_WORKER_DIED', exit);
    assert.equal(exitCode, 1);
  }),
);

conformsOnce(
  'ExecutorDeadlockTest',
  'test_error_during_func_exec_on_worker',
  withExecutors(async (executor) => {
    await fails(executor, /by the object/, raise);
  }),
);

conformsOnce(
  'ExecutorDeadlockTest',
  'test_crash_during_result_pickle_on_worker',
  withProcesses(async (executor) => {
    await fails(executor, 'ERR_MP_WORKER_DIED', () => atSending(crash));
  }),
);

conformsOnce(
  'ExecutorDeadlockTest',
  'test_exit_during_result_pickle_on_worker',
  withProcesses(async (executor) => {
    await fails(executor, 'ERR_MP_WORKER_DIED', () => atSending(exit));
  }),
);

conformsOnce(
  'ExecutorDeadlockTest',
  'test_error_during_result_pickle_on_worker',
  withExecutors(async (executor) => {
    await fails(executor, /by the object/, () => atSending(raise));
  }),
);

conformsOnce(
  'ExecutorDeadlockTest',
  'test_error_during_result_unpickle_in_result_handler',
  withExecutors(async (executor) => {
    await fails(executor, /by the object/, () => atArrival(raise));
  }),
);

conformsOnce('ExecutorDeadlockTest', 'test_exit_during_result_unpickle_in_result_handler', async () => {
  // What exits there is this process: it does, and leaves nothing.
  const { code, stdout } = await runProgram(`
    const executor = new mp.ProcessPoolExecutor({ maxWorkers: 1 });
    const reduce = Symbol.for('multiprocess.reduce');
    process.on('exit', () => console.log('left'));
    await executor.submit(() => ({ [reduce]: () => [() => process.exit(3), []] }));
  `);
  assert.deepEqual({ code, stdout }, { code: 3, stdout: 'left\n' });
});

conformsOnce(
  'ExecutorDeadlockTest',
  'test_shutdown_deadlock',
  withProcesses(async (executor) => {
    const begun = executor.submit(crash);
    const ended = executor.shutdown();
    assert.equal(((await begun.exception(30_000)) as WorkerDiedError).code, 'ERR_MP_WORKER_DIED');
    await ended;
    assert.equal(executor.stats().workers, 0);
  }),
);

conformsOnce(
  'ExecutorDeadlockTest',
  'test_shutdown_deadlock_pickle',
  withExecutors(async (executor) => {
    await executor.submit(mul, 1, 1);
    const results = executor.map((x: object) => x, [atSending(raise)]); // captured when it is sent: after shutdown
    await executor.shutdown({ wait: false });
    await assert.rejects(results.next(), /by the object/);
    await executor.shutdown();
    assert.equal(executor.stats().workers, 0);
  }),
);

conformsOnce(
  'ExecutorDeadlockTest',
  'test_crash_big_data',
  withProcesses(async (executor) => {
    const data = 'a'.repeat(5 * 1024 * 1024);
    const futures = range(10).map((i) =>
      executor.submit((i: number, text: string) => (i === 3 ? process.kill(process.pid, 'SIGSEGV') : text), i, data),
    );
    const outcomes = await Promise.all(futures.map((future) => future.exception(30_000)));
    assert.deepEqual(
      outcomes.map((error) => (error as WorkerDiedError | undefined)?.code),
      range(10).map((i) => (i === 3 ? 'ERR_MP_WORKER_DIED' : undefined)),
    );
    for (const [i, future] of futures.entries()) if (i !== 3) assert.equal((await future) as unknown, data);
  }),
);

conformsOnce(
  'ExecutorDeadlockTest',
  'test_gh105829_should_not_deadlock_if_wakeup_pipe_full',
  withExecutors(async (executor) => {
    await executor.submit(mul, 1, 1);
    // Nobody reads what rings here meanwhile.
    const futures = range(5000).map((i) => executor.submit(mul, i, 1));
    for (const [i, future] of futures.entries()) assert.equal(await future, i);
  }),
);
