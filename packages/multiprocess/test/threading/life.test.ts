/** A thread from its start to its end. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { Event, Queue, Value } from 'multiprocess';
import { currentThread, getIdent, getNativeId, mainThread, Thread } from 'multiprocess/threading';

const LIMIT = 20_000;

test('start, join: the target has run with its arguments, in this process', async () => {
  const [go, told] = [new Event(), new Queue<unknown[]>()];
  const tell = (a: number, b: string) => go.waitSync(LIMIT) && told.putSync([a, b, process.pid]);
  const thread = new Thread({ target: tell, args: [5, 'x'] });
  assert.equal(thread.isAlive(), false);
  assert.equal(thread.start(), undefined);
  assert.equal(thread.isAlive(), true);
  go.set();
  assert.equal(await thread.join(), true);
  assert.equal(thread.isAlive(), false);
  assert.deepEqual(told.getSync(), [5, 'x', process.pid]);
});

test('joinSync blocks until the end, and may be repeated', () => {
  const runs = new Value('i32');
  const thread = new Thread({ target: () => runs.add(1) });
  thread.start();
  assert.equal(thread.joinSync(), true);
  assert.equal(runs.value, 1);
  assert.equal(thread.joinSync(), true);
  assert.equal(thread.joinSync(0), true);
});

test('join and joinSync with a timeout: false while it runs, true afterwards', async () => {
  const go = new Event();
  const thread = new Thread({ target: () => go.waitSync(LIMIT) });
  thread.start();
  for (const timeout of [5, 0, -1]) {
    assert.equal(await thread.join(timeout), false, `join(${timeout})`);
    assert.equal(await thread.join({ timeout }), false);
    assert.equal(thread.joinSync(timeout), false, `joinSync(${timeout})`);
  }
  assert.equal(thread.isAlive(), true);
  go.set();
  assert.equal(await thread.join(LIMIT), true);
  assert.equal(await thread.join(0), true);
});

test('several joins at once all learn of the end', async () => {
  const go = new Event();
  const thread = new Thread({ target: () => go.wait(LIMIT), daemon: true });
  thread.start();
  const joins = [thread.join(), thread.join(LIMIT), thread.join(1)];
  assert.equal(await joins[2], false);
  go.set();
  assert.deepEqual(await Promise.all(joins), [true, true, false]);
});

test('an AbortSignal ends a join, not the thread', async () => {
  const go = new Event();
  const thread = new Thread({ target: () => go.wait(LIMIT) });
  thread.start();
  const controller = new AbortController();
  const joining = thread.join({ signal: controller.signal });
  controller.abort();
  await assert.rejects(joining, { code: 'ERR_MP_CANCELLED' });
  await assert.rejects(thread.join({ signal: AbortSignal.abort() }), { code: 'ERR_MP_CANCELLED' });
  assert.equal(thread.isAlive(), true);
  go.set();
  assert.equal(await thread.join(), true);
});

test('an asynchronous target: the thread ends when its promise has settled and its loop is empty', async () => {
  const seen = new Value('i32');
  const thread = new Thread({
    target: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen.add(1);
      setTimeout(() => seen.add(10), 5);
    },
  });
  thread.start();
  await thread.join();
  assert.equal(seen.value, 11);
});

test('names: counted, given, and changed; the thread itself and others see them', async () => {
  const told = new Queue<string>();
  const go = new Event();
  const [first, second] = [new Thread(), new Thread()];
  assert.match(first.name, /^Thread-\d+$/);
  assert.equal(Number(second.name.slice(7)), Number(first.name.slice(7)) + 1);
  const thread = new Thread({
    name: 'Jürgen 😀',
    target: () => {
      told.putSync(currentThread().name);
      go.waitSync(LIMIT);
      currentThread().name = 'later';
      told.putSync(`${currentThread()}`);
    },
  });
  thread.start();
  assert.equal(await told.get(), 'Jürgen 😀');
  assert.equal(`${thread}`, `<Thread(Jürgen 😀, started ${thread.ident})>`);
  go.set();
  await thread.join();
  assert.equal(await told.get(), `<Thread(later, started ${thread.ident})>`);
  thread.name = 'joined';
  assert.equal(`${thread}`, `<Thread(joined, stopped ${thread.ident})>`);
  assert.equal(`${new Thread({ name: 'n', daemon: true })}`, '<Thread(n, initial daemon)>');
});

test('ident and nativeId: its own, known to both sides; the kernel knows the native one', async () => {
  const told = new Queue<number[]>();
  const go = new Event();
  const threads = [1, 2].map(
    () =>
      new Thread({
        target: () => {
          const self = currentThread();
          told.putSync([getIdent(), self.ident!, getNativeId(), self.nativeId!, mainThread().ident!]);
          go.waitSync(LIMIT);
        },
      }),
  );
  assert.equal(threads[0]!.ident, undefined);
  assert.equal(threads[0]!.nativeId, undefined);
  const seen = new Map<number, number>();
  for (const thread of threads) {
    thread.start();
    const [ident, ofObject, native, nativeOfObject, main] = await told.get();
    assert.equal(thread.ident, ident);
    assert.equal(ofObject, ident);
    assert.equal(thread.nativeId, native);
    assert.equal(nativeOfObject, native);
    assert.equal(main, getIdent());
    assert.ok(existsSync(`/proc/${process.pid}/task/${native}`));
    seen.set(ident!, native!);
  }
  seen.set(getIdent(), getNativeId());
  assert.equal(seen.size, 3);
  assert.equal(new Set(seen.values()).size, 3);
  assert.equal(getNativeId(), process.pid);
  const [ident] = threads.map((thread) => thread.ident);
  go.set();
  for (const thread of threads) await thread.join();
  assert.equal(threads[0]!.ident, ident, 'kept after the end, as in Python');
});

test('a subclass: its own fields and run()', async () => {
  const told = new Queue<unknown[]>();
  class Adder extends Thread {
    terms: number[];
    constructor(terms: number[]) {
      super({ name: 'adder' });
      this.terms = terms;
    }
    sum() {
      return this.terms.reduce((a, b) => a + b, 0);
    }
    override run() {
      told.putSync([this.sum(), this.name, this === currentThread(), this.daemon, this.isAlive()]);
    }
  }
  const adder = new Adder([1, 2, 3]);
  adder.start();
  await adder.join();
  assert.deepEqual(await told.get(), [6, 'adder', true, false, true]);
  assert.match(`${adder}`, /^<Adder\(adder, stopped \d+\)>$/);
});

test('a subclass that calls super.run(), and a target that is called in its stead', async () => {
  const told = new Queue<string>();
  class Loud extends Thread {
    override async run() {
      told.putSync('before');
      await super.run();
      told.putSync('after');
    }
  }
  const loud = new Loud({ target: (word: string) => told.putSync(word), args: ['during'] } as {});
  loud.start();
  await loud.join();
  assert.deepEqual([told.getSync(), told.getSync(), told.getSync()], ['before', 'during', 'after']);
});

test('kwargs are the last argument', async () => {
  const told = new Queue<unknown>();
  const target = (...all: unknown[]) => told.putSync(all);
  for (const call of [{ args: [1, 2], kwargs: { a: 3 } }, { kwargs: { b: 4 } }, { args: [5] }, {}]) {
    const thread = new Thread({ target, ...call } as {});
    thread.start();
    await thread.join();
  }
  assert.deepEqual(
    [told.getSync(), told.getSync(), told.getSync(), told.getSync()],
    [[1, 2, { a: 3 }], [{ b: 4 }], [5], []],
  );
});

test('a closure takes its variables along; what it changes in them stays its own', async () => {
  const told = new Queue<number>();
  const record = { count: 1 };
  let plain = 10;
  const bump = () => ++record.count + ++plain;
  const thread = new Thread({ target: () => told.putSync(bump()) });
  thread.start();
  await thread.join();
  assert.equal(told.getSync(), 13);
  assert.deepEqual([record.count, plain], [1, 10]);
});

test('process.exit in a thread ends that thread only', async () => {
  const seen = new Value('i32');
  const thread = new Thread({
    target: () => {
      seen.add(1);
      process.exit(3);
      seen.add(10);
    },
  });
  thread.start();
  assert.equal(await thread.join(), true);
  assert.equal(seen.value, 1);
  assert.equal(process.exitCode, undefined);
});

test('the environment is that of the process', async () => {
  process.env.MP_TEST_THREAD = 'seen';
  const told = new Queue<string | undefined>();
  const thread = new Thread({
    target: () => {
      told.putSync(process.env.MP_TEST_THREAD);
      process.env.MP_TEST_THREAD = 'changed';
    },
  });
  thread.start();
  await thread.join();
  assert.equal(told.getSync(), 'seen');
  assert.equal(process.env.MP_TEST_THREAD, 'changed');
  delete process.env.MP_TEST_THREAD;
});
