/** CPython: test_threading.py and test_threading_local.py. */
import assert from 'node:assert/strict';
import { Event, Queue, Semaphore, Value } from 'multiprocess';
import { currentThread, enumerate, local, mainThread, Thread, Timer } from 'multiprocess/threading';
import { codeOf, conformsOnce } from './support.ts';

const LIMIT = 60_000;
const nothing = () => {};

conformsOnce('ThreadTests', 'test_name', () => {
  assert.equal(new Thread({ name: 'myname1' }).name, 'myname1');
  assert.match(new Thread().name, /^Thread-\d+$/);
  assert.match(new Thread({ target: nothing }).name, /^Thread-\d+$/);
});

conformsOnce('ThreadTests', 'test_args_argument', async () => {
  const told = new Queue<unknown[]>();
  for (const args of [['str'], [[1, 2]], [1, 2]]) {
    const thread = new Thread({ target: (...all: unknown[]) => told.putSync(all), args } as {});
    thread.start();
    await thread.join();
    assert.deepEqual(told.getSync(), args);
  }
});

conformsOnce('ThreadTests', 'test_various_ops', async () => {
  const running = new Value('i32');
  const most = new Value('i32');
  const few = new Semaphore(3);
  const threads = Array.from(
    { length: 6 },
    (_, i) =>
      new Thread({
        name: `<thread ${i}>`,
        target: async () => {
          await few.acquire();
          const now = running.add(1);
          if (now > most.value) most.value = now;
          await new Promise(setImmediate);
          running.add(-1);
          few.release();
        },
      }),
  );
  for (const thread of threads) {
    assert.equal(thread.ident, undefined);
    assert.match(`${thread}`, /^<Thread\(<thread \d>, initial\)>$/);
    thread.start();
  }
  for (const thread of threads) {
    assert.equal(await thread.join(LIMIT), true);
    assert.equal(thread.isAlive(), false);
    assert.notEqual(thread.ident, undefined);
    assert.match(`${thread}`, /^<Thread\(<thread \d>, stopped \d+\)>$/);
  }
  assert.equal(running.value, 0);
  assert.ok(most.value >= 1 && most.value <= 3);
});

conformsOnce('ThreadTests', 'test_enumerate_after_join', async () => {
  for (let i = 0; i < 5; i++) {
    const thread = new Thread({ target: nothing });
    thread.start();
    thread.joinSync();
    assert.equal(enumerate().includes(thread as Thread), false);
  }
});

conformsOnce('ThreadTests', 'test_join_with_timeout', async () => {
  const go = new Event();
  const thread = new Thread({ target: () => go.wait(LIMIT) });
  thread.start();
  await thread.join(10);
  assert.equal(thread.isAlive(), true);
  go.set();
  await thread.join();
  assert.equal(thread.isAlive(), false);
});

conformsOnce('ThreadTests', 'test_repr_daemon', () => {
  const thread = new Thread();
  assert.equal(`${thread}`.includes('daemon'), false);
  thread.daemon = true;
  assert.equal(`${thread}`.includes('daemon'), true);
});

conformsOnce('ThreadTests', 'test_daemon_param', () => {
  assert.equal(new Thread().daemon, false);
  assert.equal(new Thread({ daemon: false }).daemon, false);
  assert.equal(new Thread({ daemon: true }).daemon, true);
});

conformsOnce('ThreadTests', 'test_main_thread', async () => {
  const told = new Queue<boolean>();
  assert.equal(mainThread(), currentThread());
  assert.equal(mainThread().ident, currentThread().ident);
  const thread = new Thread({ target: () => told.putSync(mainThread().ident === currentThread().ident) });
  thread.start();
  await thread.join();
  assert.equal(told.getSync(), false);
});

conformsOnce('ThreadTests', 'test_repr_stopped', async () => {
  const go = new Event();
  const thread = new Thread({ target: () => go.wait(LIMIT) });
  thread.start();
  assert.match(`${thread}`, /started/);
  go.set();
  await thread.join();
  assert.match(`${thread}`, /stopped/);
});

conformsOnce('ThreadJoinOnShutdown', 'test_thread_from_thread', async () => {
  const order = new Queue<string>();
  const thread = new Thread({
    target: async () => {
      const inner = new Thread({ target: () => order.putSync('inner') });
      inner.start();
      await inner.join();
      order.putSync('outer');
    },
  });
  thread.start();
  await thread.join();
  assert.deepEqual([order.getSync(), order.getSync()], ['inner', 'outer']);
});

conformsOnce('ThreadingExceptionTests', 'test_start_thread_again', async () => {
  const thread = new Thread();
  thread.start();
  assert.equal(
    codeOf(() => thread.start()),
    'ERR_MP_ALREADY_STARTED',
  );
  await thread.join();
});

conformsOnce('ThreadingExceptionTests', 'test_joining_current_thread', () => {
  assert.equal(
    codeOf(() => currentThread().joinSync()),
    'ERR_MP_DEADLOCK',
  );
});

conformsOnce('ThreadingExceptionTests', 'test_joining_inactive_thread', () => {
  assert.equal(
    codeOf(() => new Thread().joinSync()),
    'ERR_MP_NOT_STARTED',
  );
});

conformsOnce('ThreadingExceptionTests', 'test_daemonize_active_thread', async () => {
  const thread = new Thread();
  thread.start();
  assert.equal(
    codeOf(() => {
      thread.daemon = true;
    }),
    'ERR_MP_ALREADY_STARTED',
  );
  await thread.join();
});

conformsOnce('TimerTests', 'test_init_immutable_default_args', async () => {
  const told = new Queue<unknown[]>();
  const first = new Timer(1, (...all: unknown[]) => told.putSync(all));
  (first.fnArgs as unknown[]).push('blah');
  first.start();
  assert.deepEqual(await told.get(LIMIT), ['blah']);
  const second = new Timer(1, (...all: unknown[]) => told.putSync(all));
  second.start();
  assert.deepEqual(await told.get(LIMIT), []);
  await Promise.all([first.join(), second.join()]);
});

conformsOnce('BaseLocalTest', 'test_threading_local', async () => {
  const told = new Queue<unknown[]>();
  const mine = local();
  mine.x = 'mine';
  const thread = new Thread({
    target: () => {
      const own = local();
      told.putSync(['x' in own]);
      own.x = 'theirs';
    },
  });
  thread.start();
  await thread.join();
  assert.deepEqual(told.getSync(), [false]);
  assert.equal(mine.x, 'mine');
});
