import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { test } from 'node:test';
import { getContext, WorkerDiedError } from '../../dist/index.js';
import { seeded } from '../process/support/kill-round.ts';
import { closePoolsAfterEach, openPool, until } from './helper.ts';
import { killWorkers } from './support/killer.ts';

closePoolsAfterEach();

const die = (signal: NodeJS.Signals) => process.kill(process.pid, signal);

/** It may have ended already. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
  }
}

function died(expected: Partial<WorkerDiedError>) {
  return (error: unknown) => {
    assert.ok(error instanceof WorkerDiedError, String(error));
    assert.equal(error.code, 'ERR_MP_WORKER_DIED');
    for (const [key, value] of Object.entries(expected)) assert.equal(error[key as keyof WorkerDiedError], value, key);
    return true;
  };
}

test('a task that exits fails with the exit code, and names the task', async () => {
  const pool = openPool(1);
  const pid = await pool.apply(() => process.pid);
  await assert.rejects(
    pool.apply(function leave() {
      process.exit(3);
    }),
    died({ pid, exitCode: 3, signal: null, task: 'apply(leave)' }),
  );
  assert.notEqual(await pool.apply(() => process.pid), pid);
  assert.equal(pool.stats().deaths, 1);
});

test('a task whose worker is killed fails with the signal', async () => {
  const pool = openPool(1);
  const error = await pool.apply(die, ['SIGKILL']).catch((error) => error);
  died({ exitCode: -9, signal: 'SIGKILL' })(error);
  assert.match(error.message, /^worker PoolWorker-\d+ \(pid \d+\) was ended by SIGKILL while it ran apply\(die\)$/);
  assert.match(error.stack, /deaths\.test\.ts/);
  assert.equal(await pool.apply(Math.abs, [-1]), 1);
});

test('an uncaught error outside the task ends the worker, and fails what it runs', async () => {
  const pool = openPool(1);
  const failing = pool.apply(async () => {
    setTimeout(() => {
      process.stderr.write = () => true;
      process.exit(1); // as an uncaught error does, without its noise
    }, 1);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
  });
  await assert.rejects(failing, died({ exitCode: 1 }));
});

test('only the running item of a chunk fails; the others run, each once', async () => {
  const pool = openPool(2);
  const inputs = Array.from({ length: 100 }, (_, i) => i);
  const outcomes = await pool.map(
    (i: number) => {
      if (i === 37) process.kill(process.pid, 'SIGKILL');
      return i;
    },
    inputs,
    { chunkSize: 50, settle: true },
  );
  assert.deepEqual(
    outcomes.filter(({ status }) => status === 'rejected').map(({ index }) => index),
    [37],
  );
  const [failure] = outcomes.filter(({ status }) => status === 'rejected');
  died({ task: 'item 37 of map((anonymous))' })((failure as PromiseRejectedResult).reason);
  assert.deepEqual(
    outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
    inputs.filter((i) => i !== 37),
  );
});

test('an idle worker that is killed is replaced when there is work', async () => {
  const pool = openPool(1);
  const pid = await pool.apply(() => process.pid);
  process.kill(pid, 'SIGKILL');
  await until(() => pool.stats().deaths === 1, 'the death is noticed');
  assert.notEqual(await pool.apply(() => process.pid), pid);
});

test('a worker that is killed just as it gets a task', async () => {
  const pool = openPool(2);
  for (let i = 0; i < 20; i++) {
    for (const pid of pool.stats().pids) kill(pid);
    const results = await pool.map((x: number) => x, [1, 2, 3, 4], { settle: true });
    for (const outcome of results) {
      if (outcome.status === 'rejected') died({ signal: 'SIGKILL' })(outcome.reason);
      else assert.equal(outcome.value, outcome.index + 1);
    }
  }
});

test('a death while the pool closes does not stop it', async () => {
  const pool = openPool(2);
  const mapping = pool.map(
    async (i: number) => {
      if (i === 5) process.kill(process.pid, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 2));
      return i;
    },
    Array.from({ length: 30 }, (_, i) => i),
    { settle: true },
  );
  pool.close();
  await pool.join();
  const outcomes = await mapping;
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 29);
});

test('a task that cannot be read fails alone', async () => {
  const pool = openPool(1);
  const inputs = Array.from({ length: 10 }, (_, i) => (i === 4 ? new Unreadable() : { i }));
  const outcomes = await pool.map((x: object) => Object.keys(x).length, inputs, { chunkSize: 10, settle: true });
  assert.deepEqual(
    outcomes.filter(({ status }) => status === 'rejected').map(({ index }) => index),
    [4],
  );
  assert.match(String((outcomes[4] as PromiseRejectedResult).reason), /cannot be built here/);
  await assert.rejects(
    pool.apply((x: object) => x, [new Unreadable()]),
    /cannot be built here/,
  );
  assert.equal(pool.stats().deaths, 0);
});

test('a task that ends the process while it is read fails alone', async () => {
  const pool = openPool(1);
  const inputs = Array.from({ length: 4 }, (_, i) => (i === 2 ? new Deadly() : { i }));
  const outcomes = await pool.map((x: object) => Object.keys(x).length, inputs, { chunkSize: 1, settle: true });
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
  died({ exitCode: 9 })((outcomes[2] as PromiseRejectedResult).reason);
});

test('a result that cannot be read here fails alone', async () => {
  const pool = openPool(1);
  await assert.rejects(
    pool.apply(() => new Unreadable()),
    /cannot be built here/,
  );
  assert.equal(await pool.apply(Math.abs, [-2]), 2);
});

test('an error that cannot be read here says so, and fails alone', async () => {
  const pool = openPool(1);
  const failing = pool.apply(() => {
    throw Object.defineProperty(new Error('the original'), Symbol.for('multiprocess.reduce'), {
      value: new Unreadable()[Symbol.for('multiprocess.reduce') as never],
    });
  });
  await assert.rejects(failing, { code: 'ERR_MP_REMOTE', message: /the original/ });
  assert.equal(await pool.apply(Math.abs, [-2]), 2);
  assert.equal(pool.stats().deaths, 0);
});

test('native code that aborts', async () => {
  const pool = openPool(1);
  await assert.rejects(
    pool.apply(() => process.abort()),
    died({ exitCode: -6, signal: 'SIGABRT' }),
  );
  assert.equal(await pool.apply(Math.abs, [-2]), 2);
});

test('a worker whose heap is full', async () => {
  const context = getContext('spawn');
  class SmallProcess extends context.Process<any> {
    constructor(options: any) {
      super({ ...options, execArgv: ['--max-old-space-size=20'] });
    }
  }
  const pool = openPool(1, { context: { ...context, Process: SmallProcess as never } });
  const before = await pool.apply(() => {
    closeSync(2); // V8 says much
    return process.pid;
  });
  const filling = pool.apply(function fill() {
    const all: unknown[] = [];
    for (;;) all.push(new Array(1000).fill(all.length));
  });
  await assert.rejects(filling, died({ pid: before, signal: 'SIGABRT', task: 'apply(fill)' }));
  await assert.rejects(filling, /its heap was full/);
  assert.equal(await pool.apply(Math.abs, [-2]), 2);
});

test('workers under random signals: each task settles once, none runs twice, and nothing is left', async () => {
  const seed = Date.now() % 1_000_000;
  const totals = { kills: 0, tasks: 0, lost: 0, pids: 0 };
  const failures = await killWorkers(process.env.MP_TEST === 'full' ? 300 : 40, seeded(seed), totals);
  assert.deepEqual(failures, [], `seed ${seed}`);
  assert.ok(totals.lost < totals.tasks / 2, JSON.stringify(totals));
});

class Unreadable {
  [Symbol.for('multiprocess.reduce')]() {
    return [
      () => {
        throw new Error('cannot be built here');
      },
      [],
    ];
  }
}

class Deadly {
  [Symbol.for('multiprocess.reduce')]() {
    return [() => process.exit(9), []];
  }
}
