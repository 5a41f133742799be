/** CPython: test_threading.py, what it says of errors, locks and names; and test_thread.py. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';
import { Worker } from 'node:worker_threads';
import { Barrier, BoundedSemaphore, Condition, Event, getContext, Lock, Queue, RLock, Value } from 'multiprocess';
import * as threading from 'multiprocess/threading';
import { activeCount, currentThread, enumerate, getIdent, mainThread, Thread } from 'multiprocess/threading';
import { heldInTheEnd } from '../threading/support/slots.ts';
import { codeOf, conformsOnce } from './support.ts';

const LIMIT = 60_000;
const nothing = () => {};

/** Runs a thread; what its target returns. */
async function inThread<R>(target: () => R): Promise<Awaited<R>> {
  const told = new Queue<Awaited<R>>();
  const thread = new Thread({ target: async () => told.putSync(await target()) });
  thread.start();
  await thread.join();
  return told.get(LIMIT);
}

const foreign = `
  const { parentPort } = require('node:worker_threads');
  import('${import.meta.resolve('multiprocess/threading')}').then(({ currentThread, getIdent, enumerate }) => {
    const self = currentThread();
    const joining = (() => { try { self.joinSync() } catch (error) { return error.code } })();
    parentPort.postMessage([self.ident === getIdent(), self.isAlive(), self.name, joining, enumerate().includes(self)]);
  });`;

/** What a thread says that this library has not started, once it has ended: of a quick one both come at once. */
async function foreignThread(): Promise<unknown[]> {
  const worker = new Worker(foreign, { eval: true });
  const [[message]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  return message;
}

conformsOnce('ThreadTests', 'test_ident_of_no_threading_threads', async () => {
  assert.equal(currentThread().ident, getIdent());
  const [hasIdent] = await foreignThread();
  assert.equal(hasIdent, true);
});

conformsOnce('ThreadTests', 'test_foreign_thread', async () => {
  const [, isAlive, name, joining, isListed] = await foreignThread();
  assert.deepEqual([isAlive, joining, isListed], [true, 'ERR_MP_DEADLOCK', true]);
  assert.match(name as string, /^Thread-\d+$/);
});

conformsOnce('ThreadTests', 'test_limbo_cleanup', () => {
  const thread = new Thread({ target: nothing, args: [Promise.resolve()] } as {});
  assert.equal(
    codeOf(() => thread.start()),
    'ERR_MP_CAPTURE',
  );
  assert.equal(enumerate().includes(thread as Thread), false);
});

conformsOnce('ThreadTests', 'test_join_from_multiple_threads', async () => {
  const go = new Event();
  const thread = new Thread({ target: () => go.waitSync(LIMIT) });
  thread.start();
  const joins = Array.from({ length: 10 }, () => thread.join(LIMIT));
  go.set();
  assert.deepEqual(new Set(await Promise.all(joins)), new Set([true]));
});

conformsOnce('ThreadTests', 'test_no_refcycle_through_target', async () => {
  let argument: object | undefined = { large: true };
  const seen = new WeakRef(argument);
  const thread = new Thread({ target: nothing, args: [argument] } as {});
  thread.start();
  argument = undefined;
  await thread.join();
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  for (let i = 0; i < 20 && seen.deref(); i++) {
    await sleep(1); // a WeakRef is kept until its job is done
    collect();
  }
  assert.equal(seen.deref(), undefined);
  assert.equal(thread.isAlive(), false);
});

conformsOnce('ThreadTests', 'test_BoundedSemaphore_limit', async () => {
  const few = new BoundedSemaphore();
  const code = await inThread(() => {
    few.acquireSync();
    few.release();
    return codeOf(() => few.release());
  });
  assert.equal(code, 'ERR_MP_RELEASED_TOO_OFTEN');
});

conformsOnce('ThreadTests', 'test_leak_without_join', async () => {
  const before = await heldInTheEnd();
  for (let i = 0; i < 3; i++) new Thread({ target: nothing }).start();
  while (activeCount() > 1) await sleep(1);
  assert.deepEqual(await heldInTheEnd(), before);
});

conformsOnce('ThreadingExceptionTests', 'test_releasing_unacquired_lock', () => {
  assert.equal(
    codeOf(() => new Lock().release()),
    'ERR_MP_RELEASED_TOO_OFTEN',
  );
});

conformsOnce('ThreadingExceptionTests', 'test_recursion_limit', async () => {
  const name = await inThread(() => {
    const deeper = (): number => deeper() + 1;
    try {
      return deeper();
    } catch (error) {
      return (error as Error).name;
    }
  });
  assert.equal(name, 'RangeError');
});

conformsOnce('CRLockTests', 'test_different_thread', async () => {
  const lock = new RLock();
  lock.acquireSync();
  assert.equal(await inThread(() => codeOf(() => lock.release())), 'ERR_MP_NOT_OWNER');
  lock.release();
});

conformsOnce('ConditionAsRLockTests', 'test_different_thread', async () => {
  const condition = new Condition(new RLock()); // by default it has a Lock
  condition.acquireSync();
  assert.equal(await inThread(() => codeOf(() => condition.release())), 'ERR_MP_NOT_OWNER');
  condition.release();
});

conformsOnce('ThreadingMiscTestCase', 'test__all__', () => {
  const python = 'Thread Timer Lock RLock Condition Semaphore BoundedSemaphore Event Barrier BrokenBarrierError local';
  const functions = 'currentThread mainThread enumerate activeCount getIdent getNativeId';
  for (const name of `${python} ${functions}`.split(' ')) assert.ok(name in threading, name);
});

/** What the kernel calls this thread. */
const commandName = () => readFileSync('/proc/thread-self/comm', 'utf8').trimEnd();

conformsOnce('ThreadingMiscTestCase', 'test_set_name', async () => {
  const told = new Queue<string>();
  for (const [name, expected] of [
    ['name', 'name'],
    ['a name that is too long', 'a name that is '],
  ] as const) {
    const target = async () => {
      const { readFileSync } = await import('node:fs');
      told.putSync(readFileSync('/proc/thread-self/comm', 'utf8').slice(0, -1));
    };
    const thread = new Thread({ name, target });
    thread.start();
    await thread.join();
    assert.equal(await told.get(LIMIT), expected);
  }
});

conformsOnce('ThreadingMiscTestCase', 'test_change_name', async () => {
  const own = commandName();
  const names = await inThread(async () => {
    const { readFileSync } = await import('node:fs');
    currentThread().name = 'new';
    return [currentThread().name, readFileSync('/proc/thread-self/comm', 'utf8').trimEnd()];
  });
  assert.deepEqual(names, ['new', 'new']);
  assert.equal(commandName(), own, 'the name of the process');
});

conformsOnce('InterruptMainTests', 'test_can_interrupt_tight_loops', async () => {
  const turns = new Value('i32');
  const busy = new (getContext('thread').Process)({
    target: () => {
      for (;;) turns.add(1);
    },
  });
  busy.start();
  while (turns.value === 0) await sleep(1);
  busy.terminate();
  assert.equal(await busy.join(LIMIT), true);
  assert.equal(busy.exitCode, -15);
});

conformsOnce('ThreadRunningTests', 'test_starting_threads', async () => {
  const done = new Value('i32');
  const threads = Array.from({ length: 10 }, () => new Thread({ target: () => done.add(1) }));
  for (const thread of threads) thread.start();
  for (const thread of threads) await thread.join();
  assert.equal(done.value, 10);
});

conformsOnce('ThreadRunningTests', 'test__count', async () => {
  const go = new Event();
  const before = activeCount();
  const thread = new Thread({ target: () => go.waitSync(LIMIT) });
  thread.start();
  assert.equal(activeCount(), before + 1);
  go.set();
  await thread.join();
  assert.equal(activeCount(), before);
});

conformsOnce('ThreadRunningTests', 'test_join_several_times', async () => {
  const thread = new Thread({ target: nothing });
  thread.start();
  for (let i = 0; i < 3; i++) assert.equal(await thread.join(), true);
  for (let i = 0; i < 3; i++) assert.equal(thread.joinSync(), true);
});

conformsOnce('ThreadRunningTests', 'test_join_then_self_join', async () => {
  const go = new Event();
  const told = new Queue<string>();
  const thread = new Thread({
    target: () => {
      go.waitSync(LIMIT);
      told.putSync(codeOf(() => currentThread().joinSync()));
    },
  });
  thread.start();
  const joining = thread.join();
  go.set();
  assert.equal(await told.get(LIMIT), 'ERR_MP_DEADLOCK');
  assert.equal(await joining, true);
});

conformsOnce('BarrierTest', 'test_barrier', async () => {
  const both = new Barrier(3, { timeout: LIMIT });
  const sum = new Value('i32');
  const threads = Array.from(
    { length: 3 },
    () =>
      new Thread({
        target: () => {
          for (let round = 1; round <= 5; round++) {
            sum.add(1);
            both.waitSync();
            if (sum.value !== 3 * round) throw new Error(`${sum.value} in round ${round}`);
            both.waitSync();
          }
        },
      }),
  );
  for (const thread of threads) thread.start();
  for (const thread of threads) await thread.join();
  assert.equal(sum.value, 15);
  assert.equal(mainThread().isAlive(), true);
});
