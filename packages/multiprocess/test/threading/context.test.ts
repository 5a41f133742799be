/** getContext('thread'): the process API over threads, as CPython's multiprocessing.dummy. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as mp from 'multiprocess';
import { getContext, Lock, Queue, Value } from 'multiprocess';
import { currentThread, Thread } from 'multiprocess/threading';
import { codeOf } from '../conformance/support.ts';

const LIMIT = 60_000;
const dummy = getContext('thread');
const { Process } = dummy;

test('a process is a thread of this process, with the properties of one', async () => {
  const told = new Queue<unknown>();
  const go = new dummy.Event();
  const child = new Process({
    target: (a: number, options: object) => {
      const { name, pid, exitCode, daemon } = dummy.currentProcess();
      told.putSync([a, options, process.pid, name, pid, exitCode, daemon]);
      go.waitSync(60_000);
    },
    args: [1],
    kwargs: { b: 2 },
    name: 'Ada',
  } as {});
  assert.ok(child instanceof Thread);
  assert.deepEqual([child.pid, child.exitCode, child.signalCode, child.isAlive()], [undefined, null, null, false]);
  child.start();
  assert.deepEqual(await told.get(LIMIT), [1, { b: 2 }, process.pid, 'Ada', process.pid, null, false]);
  assert.deepEqual([child.pid, child.exitCode, child.isAlive()], [process.pid, null, true]);
  assert.deepEqual(dummy.activeChildren(), [child]);
  assert.match(`${child}`, /^<DummyProcess\(Ada, started \d+\)>$/);
  go.set();
  assert.equal(await child.join(), true);
  assert.deepEqual([child.exitCode, child.signalCode, dummy.activeChildren()], [0, null, []]);
});

test('exit codes: 0, that of process.exit(), 1 after an error, -15 and -9; known to who blocks, too', async () => {
  const cases: [expected: number, target: () => unknown][] = [
    [0, () => {}],
    [7, () => process.exit(7)],
    [1, () => process.exit(1)],
  ];
  for (const [expected, target] of cases) {
    for (const blocks of [true, false]) {
      const child = new Process({ target });
      child.start();
      if (blocks) child.joinSync();
      else await child.join();
      assert.equal(child.exitCode, expected);
    }
  }
  for (const [how, code, signal] of [
    ['terminate', -15, 'SIGTERM'],
    ['kill', -9, 'SIGKILL'],
  ] as const) {
    const child = new Process({ target: () => new dummy.Lock().acquire().then(() => setInterval(() => {}, 1000)) });
    child.start();
    child[how]();
    assert.equal(await child.join(), true);
    assert.deepEqual([child.exitCode, child.signalCode], [code, signal]);
    child[how](); // it has ended
    assert.equal(child.exitCode, code);
  }
});

test('terminating one that has ended leaves the next one in its worker alone', async () => {
  const first = new Process({ target: () => {} });
  first.start();
  first.joinSync();
  const told = new Queue<number>();
  const second = new Process({ target: () => told.get() });
  second.start();
  first.terminate();
  told.putSync(1);
  assert.equal(await second.join(), true);
  assert.deepEqual([first.exitCode, second.exitCode], [0, 0]);
});

test('one that has been joined has an exit code, though its worker takes long to leave, and is at the next one', async () => {
  const done = new Value('i32');
  for (let round = 0; round < 8; round++) {
    done.value = 0;
    const first = new Process({
      target: () => {
        for (let i = 0; i < 20_000; i++) new Lock(); // to be swept when it leaves
        done.value = 1;
      },
    });
    first.start();
    const code = first.join().then(() => first.exitCode);
    while (done.value === 0);
    for (const end = performance.now() + round; performance.now() < end; ); // no message gets through
    const second = new Process({ target: () => {} });
    second.start();
    assert.equal(await code, 0);
    assert.equal(await second.join(), true);
  }
});

test('one that was closed before the message of its end came stays closed', async () => {
  const first = new Process({ target: () => {} });
  first.start();
  first.joinSync();
  first.close();
  const second = new Process({ target: () => {} });
  second.start();
  await second.join();
  assert.throws(() => first.isAlive(), { code: 'ERR_MP_CLOSED' });
});

test('a subclass', async () => {
  const told = new Queue<unknown>();
  class Greeter extends Process {
    readonly who: string;
    constructor(who: string) {
      super();
      this.who = who;
    }
    override run() {
      told.putSync([this.who, this.pid === process.pid, this === (currentThread() as unknown)]);
    }
  }
  const greeter = new Greeter('Ada');
  greeter.start();
  assert.deepEqual(await told.get(LIMIT), ['Ada', true, true]);
  await greeter[Symbol.asyncDispose]();
  assert.equal(
    codeOf(() => greeter.isAlive()),
    'ERR_MP_CLOSED',
  );
});

test('misuse', async () => {
  const child = new Process({ target: () => {} });
  assert.equal(
    codeOf(() => child.terminate()),
    'ERR_MP_NOT_STARTED',
  );
  assert.equal(
    codeOf(() => child.joinSync()),
    'ERR_MP_NOT_STARTED',
  );
  child.start();
  assert.equal(
    codeOf(() => child.start()),
    'ERR_MP_ALREADY_STARTED',
  );
  assert.throws(() => child.interrupt(), {
    code: 'ERR_MP_UNSUPPORTED',
    message: /^a thread has no interrupt\(\): ask/,
  });
  assert.throws(() => child.sentinel, { code: 'ERR_MP_UNSUPPORTED', message: /^a thread has no sentinel: use join/ });
  await child.join();
  child.close();
  child.close();
  for (const use of [() => child.isAlive(), () => child.name, () => child.exitCode, () => child.start()]) {
    assert.equal(codeOf(use), 'ERR_MP_CLOSED');
  }
  const busy = new Process({ target: () => new Promise(() => setInterval(() => {}, 1000)) });
  busy.start();
  assert.equal(
    codeOf(() => busy.close()),
    'ERR_MP_STILL_RUNNING',
  );
  busy.terminate();
  await busy.join();
  for (const option of ['env', 'cwd', 'execArgv', 'orphan']) {
    assert.throws(() => new Process({ [option]: {} } as {}), {
      code: 'ERR_MP_INVALID_ARG',
      message: `unknown option '${option}'; accepted are target, args, kwargs, name, daemon, group`,
    });
  }
});

test('its pools have threads; what it shares is what all share', async () => {
  const pool = new dummy.Pool(2);
  assert.deepEqual(await pool.map((x: number) => [x * x, process.pid], [1, 2]), [
    [1, process.pid],
    [4, process.pid],
  ]);
  assert.ok(pool instanceof mp.ThreadPool);
  pool.close();
  await pool.join();
  assert.equal(dummy.ProcessPoolExecutor, mp.ThreadPoolExecutor);
  assert.deepEqual([dummy.Lock, dummy.Queue, dummy.Value, dummy.Pipe], [mp.Lock, mp.Queue, mp.Value, mp.Pipe]);
});

test('its start method is no one that processes could have', () => {
  assert.equal(dummy, getContext('thread'));
  assert.equal(dummy.getStartMethod(), 'thread');
  assert.throws(() => dummy.setStartMethod('spawn'), { code: 'ERR_MP_INVALID_ARG' });
  assert.throws(() => mp.setStartMethod('thread' as 'spawn'), { code: 'ERR_MP_INVALID_ARG' });
  assert.equal(mp.getAllStartMethods().includes('thread' as 'spawn'), false);
});
