/** CPython: test_concurrent_futures/test_process_pool.py, test_thread_pool.py and test_init.py: what becomes of workers. */
import assert from 'node:assert/strict';
import {
  getContext,
  ProcessPoolExecutor,
  processCpuCount,
  ThreadPoolExecutor,
  Value,
  type WorkerDiedError,
} from 'multiprocess';
import { memoryStats } from '../../dist/memory/index.js';
import { collect, until } from '../pool/helper.ts';
import { collectUntil } from '../shared/support/collect.ts';
import {
  type AnyExecutor,
  mul,
  pid,
  range,
  sleep,
  stay,
  withExecutors,
  withProcesses,
  withThreads,
} from './executor-kinds.ts';
import { conformsOnce } from './support.ts';

const saturates = async (executor: AnyExecutor) => {
  const futures = range(15 * 3).map(() => executor.submit(sleep, 1));
  for (const future of futures) {
    await future;
    assert.ok(executor.stats().workers <= 3);
  }
  assert.equal(executor.stats().workers, 3);
};

const reusesIdle = async (executor: AnyExecutor) => {
  for (const i of range(3)) assert.equal(await executor.submit(mul, i, 2), 2 * i);
  assert.equal(executor.stats().workers, 1);
};

conformsOnce(
  'InitializerMixin',
  'test_initializer',
  withExecutors(
    async (executor) => {
      const statuses = range(8).map(() => executor.submit(() => (globalThis as any).status));
      for (const status of statuses) assert.equal(await status, 'initialized');
    },
    { initializer: (x: string) => void Object.assign(globalThis, { status: x }), initArgs: ['initialized'] },
  ),
);

const failing = {
  initializer: () => {
    throw new TypeError('error in initializer');
  },
};

async function isBroken(executor: AnyExecutor): Promise<void> {
  const futures = [executor.submit(pid), executor.submit(pid)];
  for (const future of futures) {
    await assert.rejects(future.result(), { code: 'ERR_MP_BROKEN_POOL', message: /error in initializer/ });
  }
  assert.throws(() => executor.submit(pid), { code: 'ERR_MP_BROKEN_POOL' });
  await until(() => executor.stats().workers === 0, 'no worker is left');
}

conformsOnce('FailingInitializerMixin', 'test_initializer', withExecutors(isBroken, failing));

for (const [name, method] of [
  ['test_spawn', 'spawn'],
  ['test_forkserver', 'forkserver'],
] as const) {
  conformsOnce('FailingInitializerResourcesTest', name, async () => {
    const cells = () => memoryStats().cells;
    const run = async () => {
      const executor = new ProcessPoolExecutor({ maxWorkers: 2, context: getContext(method), ...failing });
      await isBroken(executor);
      await executor.shutdown();
    };
    await run(); // what is made once
    const before = cells();
    await run();
    assert.equal(cells(), before, 'shared memory is given back');
  });
}

conformsOnce(
  'ProcessPoolExecutorTest',
  'test_killed_child',
  withProcesses(async (executor) => {
    const begun = new Value('i32');
    const stayed = () => {
      begun.add(1);
      return stay();
    };
    const futures = range(3).map(() => executor.submit(stayed));
    await until(() => begun.value === 2, 'two run');
    process.kill(executor.stats().pids[0]!, 'SIGTERM');
    // CPython breaks the executor; here one call fails.
    const error = (await Promise.race(futures.map((future) => future.exception(30_000)))) as WorkerDiedError;
    assert.equal(error.code, 'ERR_MP_WORKER_DIED');
    assert.equal(error.signal, 'SIGTERM');
    assert.equal(futures.filter((future) => future.done()).length, 1);
  }),
);

conformsOnce(
  'ProcessPoolExecutorTest',
  'test_broken_process_pool_traceback',
  withProcesses(async (executor) => {
    const futures = range(3).map(() => executor.submit(pid));
    const errors = await Promise.all(futures.map((future) => future.exception(30_000)));
    assert.equal(new Set(errors).size, 3, 'an error object for each future');
  }, failing),
);

conformsOnce(
  'ProcessPoolExecutorTest',
  'test_map_chunksize',
  withProcesses(async (executor) => {
    const expected = range(40).map((i) => i * i);
    for (const chunkSize of [1, 5, 40, 50]) {
      assert.deepEqual(await collect(executor.map(mul, range(40), range(40), { chunkSize })), expected);
    }
    assert.throws(() => executor.map(mul, [1], [1], { chunkSize: -1 }), { code: 'ERR_MP_INVALID_ARG' });
  }),
);

conformsOnce(
  'ProcessPoolExecutorTest',
  'test_traceback',
  withProcesses(async (executor) => {
    const error = (await executor
      .submit(function refuse() {
        throw new RangeError('123');
      })
      .exception()) as Error;
    assert.ok(error instanceof RangeError);
    assert.match(error.stack!, /at refuse .*executor-workers\.test\.ts[\s\S]*--- process \d+/);
  }),
);

conformsOnce(
  'ProcessPoolExecutorTest',
  'test_traceback_when_child_process_terminates_abruptly',
  withProcesses(async (executor) => {
    const error = (await executor.submit(() => process.exit(99)).exception()) as WorkerDiedError;
    assert.match(error.message, /ended with exit code 99 while it ran submit/);
    assert.equal(error.exitCode, 99);
  }),
);

conformsOnce(
  'ProcessPoolExecutorTest',
  'test_ressources_gced_in_workers',
  withProcesses(
    async (executor) => {
      const watch = (one: object) => {
        (globalThis as any).collected = false;
        (globalThis as any).registry = new FinalizationRegistry(() => ((globalThis as any).collected = true));
        (globalThis as any).registry.register(one, undefined);
      };
      const collectThere = async () => {
        const { setFlagsFromString } = await import('node:v8');
        const { runInNewContext } = await import('node:vm');
        setFlagsFromString('--expose-gc');
        for (let i = 0; i < 50 && !(globalThis as any).collected; i++) {
          runInNewContext('gc')();
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        return (globalThis as any).collected;
      };
      await executor.submit(watch, { some: 'object' });
      assert.equal(await executor.submit(collectThere), true);
    },
    { maxWorkers: 1 },
  ),
);

conformsOnce('ProcessPoolExecutorTest', 'test_saturation', withProcesses(saturates, { maxWorkers: 3 }));

conformsOnce('ProcessPoolExecutorTest', 'test_idle_process_reuse_one', withProcesses(reusesIdle, { maxWorkers: 4 }));

conformsOnce(
  'ProcessPoolExecutorTest',
  'test_idle_process_reuse_multiple',
  withProcesses(
    async (executor) => {
      for (const i of range(3)) {
        await Promise.all([executor.submit(mul, i, 7), executor.submit(mul, i, 3)]);
      }
      assert.ok(executor.stats().workers <= 3);
    },
    { maxWorkers: 4 },
  ),
);

conformsOnce(
  'ProcessPoolExecutorTest',
  'test_max_tasks_per_child',
  withProcesses(
    async (executor) => {
      const first = await executor.submit(pid);
      assert.equal(await executor.submit(pid), first);
      assert.equal(await executor.submit(pid), first);
      const second = await executor.submit(pid);
      assert.notEqual(second, first);
      assert.deepEqual(executor.stats().pids, [second], 'never more than one');
    },
    { maxWorkers: 1, maxTasksPerChild: 3 },
  ),
);

conformsOnce(
  'ProcessPoolExecutorTest',
  'test_max_tasks_per_child_pending_tasks_gh115634',
  withProcesses(
    async (executor) => {
      const futures = range(20).map((i) => executor.submit(mul, i, 1));
      for (const [i, future] of futures.entries()) assert.equal(await future.result(30_000), i);
    },
    { maxWorkers: 1, maxTasksPerChild: 2 },
  ),
);

conformsOnce(
  'ProcessPoolExecutorTest',
  'test_shutdown_no_wait_max_tasks_gh119592',
  withProcesses(
    async (executor) => {
      const futures = range(8).map((i) => executor.submit(mul, i, 1));
      await executor.shutdown({ wait: false });
      for (const [i, future] of futures.entries()) assert.equal(await future.result(30_000), i);
    },
    { maxWorkers: 1, maxTasksPerChild: 1 },
  ),
);

conformsOnce('ProcessPoolExecutorTest', 'test_gc_during_max_tasks_worker_exit_gh152967', async () => {
  const begin = () => {
    const executor = new ProcessPoolExecutor({ maxWorkers: 1, maxTasksPerChild: 1 });
    return range(5).map((i) => executor.submit(mul, i, 1));
  };
  const futures = begin();
  let isDone = false;
  const all = Promise.all(futures).finally(() => (isDone = true));
  await collectUntil(() => isDone);
  assert.deepEqual(await all, range(5));
});

conformsOnce(
  'ProcessPoolExecutorTest',
  'test_force_shutdown_during_max_tasks_worker_exit',
  withProcesses(
    async (executor) => {
      const futures = range(10).map(() => executor.submit(pid));
      const first = await futures[0]!; // its worker is just being replaced
      await executor.killWorkers();
      assert.equal(executor.stats().workers, 0, 'no replacement has escaped');
      assert.throws(() => process.kill(first, 0), { code: 'ESRCH' });
      const last = (await futures.at(-1)!.exception()) as { code: string } | undefined;
      assert.equal(last?.code, 'ERR_MP_CANCELLED');
    },
    { maxWorkers: 1, maxTasksPerChild: 1 },
  ),
);

conformsOnce('ProcessPoolExecutorTest', 'test_failed_worker_replacement_breaks_pool', async () => {
  const context = getContext();
  let count = 0;
  class FailingProcess extends context.Process<any> {
    override start() {
      if (count++ > 0) throw new Error('fork failed');
      super.start();
    }
  }
  const executor = new ProcessPoolExecutor({
    maxWorkers: 1,
    maxTasksPerChild: 1,
    context: { ...context, Process: FailingProcess } as never,
  });
  const [first, second] = [executor.submit(mul, 6, 7), executor.submit(mul, 6, 7)];
  assert.equal(await first, 42);
  await assert.rejects(second.result(30_000), {
    code: 'ERR_MP_BROKEN_POOL',
    message: 'the pool is broken: no worker can be started: fork failed',
  });
  await executor.shutdown();
});

conformsOnce('ProcessPoolExecutorTest', 'test_max_tasks_early_shutdown', async () => {
  const executor = new ProcessPoolExecutor({ maxWorkers: 3, maxTasksPerChild: 1 });
  const futures = range(6).map((i) => executor.submit(mul, i, i));
  await executor.shutdown();
  for (const [i, future] of futures.entries()) assert.equal(await future.result(0), i * i);
});

for (const [name, method, signal] of [
  ['test_terminate_workers', 'terminateWorkers', 'SIGTERM'],
  ['test_kill_workers', 'killWorkers', 'SIGKILL'],
] as const) {
  conformsOnce('ProcessPoolExecutorTest', name, async () => {
    const ends: unknown[] = [];
    const { channel } = await import('node:diagnostics_channel');
    const note = (message: any) => ends.push(message.signal);
    channel('multiprocess.worker.end').subscribe(note);
    const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
    await executor.submit(pid);
    await executor[method]();
    channel('multiprocess.worker.end').unsubscribe(note);
    assert.deepEqual(ends, [signal]);
  });
}

conformsOnce(
  'ProcessPoolExecutorTest',
  'test_force_shutdown_workers',
  withProcesses(async (executor) => {
    for (const method of ['terminateWorkers', 'killWorkers'] as const) {
      const one = new ProcessPoolExecutor({ maxWorkers: 1 });
      const future = one.submit(stay);
      await until(() => future.running(), 'it runs');
      const pids = one.stats().pids;
      await one[method]();
      assert.equal(((await future.exception()) as any).code, 'ERR_MP_CANCELLED');
      for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    }
    assert.equal(await executor.submit(mul, 6, 7), 42, 'others are not concerned');
  }),
);

conformsOnce('ProcessPoolExecutorTest', 'test_force_shutdown_workers_dead_workers', async () => {
  for (const method of ['terminateWorkers', 'killWorkers'] as const) {
    const executor = new ProcessPoolExecutor({ maxWorkers: 1, ...failing });
    await assert.rejects(executor.submit(pid).result(), { code: 'ERR_MP_BROKEN_POOL' });
    await executor[method]();
  }
});

conformsOnce('ProcessPoolExecutorTest', 'test_force_shutdown_workers_not_started_yet', async () => {
  for (const method of ['terminateWorkers', 'killWorkers'] as const) {
    const executor = new ProcessPoolExecutor();
    await executor[method]();
    assert.equal(executor.stats().workers, 0);
  }
});

conformsOnce('ProcessPoolExecutorTest', 'test_force_shutdown_workers_stops_pool', async () => {
  for (const method of ['terminateWorkers', 'killWorkers'] as const) {
    const executor = new ProcessPoolExecutor({ maxWorkers: 1 });
    await executor.submit(pid);
    await executor[method]();
    assert.throws(() => executor.submit(pid), { code: 'ERR_MP_POOL_CLOSED' });
  }
});

conformsOnce(
  'ThreadPoolExecutorTest',
  'test_map_submits_without_iteration',
  withThreads(async (executor) => {
    const finished = new Value('i32');
    executor.map((i: number) => finished.add(i > -1 ? 1 : 0), range(10));
    await executor.shutdown();
    assert.equal(finished.value, 10);
  }),
);

conformsOnce('ThreadPoolExecutorTest', 'test_default_workers', async () => {
  const executor = new ThreadPoolExecutor();
  assert.equal(executor.stats().size, Math.min(32, processCpuCount() + 4));
  await executor.shutdown();
});

conformsOnce('ThreadPoolExecutorTest', 'test_saturation', withThreads(saturates, { maxWorkers: 3 }));

conformsOnce('ThreadPoolExecutorTest', 'test_idle_thread_reuse', withThreads(reusesIdle, { maxWorkers: 1000 }));

conformsOnce(
  'ThreadPoolExecutorTest',
  'test_executor_map_current_future_cancel',
  withThreads(
    async (executor) => {
      const begun = new Value('i32');
      const block = (i: number) => {
        begun.add(1);
        return sleep(i === 0 ? 60_000 : 0);
      };
      const results = executor.map(block, range(5), { timeout: 200, chunkSize: 1 });
      await assert.rejects(results.next(), { code: 'ERR_MP_TIMEOUT' });
      assert.equal((await results.next()).done, true);
      await executor.submit(pid);
      assert.ok(begun.value <= 1, 'those behind it have not begun');
    },
    { maxWorkers: 1 },
  ),
);
