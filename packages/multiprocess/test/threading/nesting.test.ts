/** Threads in children, processes from threads, threads from threads; and who knows whom. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Event, Queue } from 'multiprocess';
import { activeCount, currentThread, enumerate, getIdent, local, mainThread, Thread } from 'multiprocess/threading';
import { METHODS } from '../process/support/matrix.ts';
import { run } from '../process/support/program.ts';
import { heldInTheEnd } from './support/slots.ts';

const LIMIT = 20_000;

for (const method of METHODS) {
  test(`threads in a child, and a process started by a thread (${method})`, async () => {
    const { stdout, stderr } = await run(fileURLToPath(new URL('fixtures/fork-and-spawn.ts', import.meta.url)), {
      method,
    });
    assert.equal(stderr, '');
    assert.deepEqual(stdout.trimEnd().split('\n').sort(), [
      'count 2 MainThread,in the child',
      'exit code 0 value 111',
      'in the child true MainThread',
      'started by a thread: 7',
    ]);
  });
}

test('a thread starts threads, and joins them', async () => {
  const told = new Queue<string>();
  const outer = new Thread({
    name: 'outer',
    target: async () => {
      const inner = new Thread({ name: 'inner', target: () => told.putSync(currentThread().name) });
      inner.start();
      await inner.join();
      const blocked = new Thread({ name: 'blocked', target: () => told.putSync(currentThread().name) });
      blocked.start();
      blocked.joinSync();
      told.putSync(currentThread().name);
    },
  });
  outer.start();
  await outer.join();
  assert.deepEqual([told.getSync(), told.getSync(), told.getSync()], ['inner', 'blocked', 'outer']);
});

test('a thread that ends takes those that it has started with it; nothing is left', async () => {
  const told = new Queue<number>();
  const round = async () => {
    const outer = new Thread({
      target: async () => {
        const started = new Event();
        const inner = new Thread({
          target: () => {
            started.set();
            setInterval(() => {}, 1000);
          },
        });
        inner.start();
        await started.wait(LIMIT);
        told.putSync(inner.ident!);
        process.exit();
      },
    });
    outer.start();
    await outer.join();
    await told.get(LIMIT);
  };
  await round();
  const before = await heldInTheEnd();
  await round();
  assert.equal(activeCount(), 1);
  assert.deepEqual(await heldInTheEnd(), before);
});

test('enumerate: the main thread first, then all, wherever they were started', async () => {
  const told = new Queue<unknown[]>();
  const go = new Event();
  const outer = new Thread({
    name: 'outer',
    target: async () => {
      const inner = new Thread({ name: 'inner', target: () => go.wait(LIMIT) });
      inner.start();
      const all = enumerate();
      told.putSync([
        all.map(({ name }) => name).sort(),
        all[0] === mainThread(),
        all.includes(currentThread()),
        all.includes(inner),
        activeCount(),
        mainThread() === currentThread(),
        mainThread().ident,
      ]);
      await inner.join();
    },
  });
  assert.deepEqual(enumerate(), [mainThread()]);
  assert.equal(mainThread(), currentThread());
  outer.start();
  const names = ['MainThread', 'inner', 'outer'];
  assert.deepEqual(await told.get(LIMIT), [names, true, true, true, 3, false, getIdent()]);
  const all = enumerate();
  assert.equal(all[0], mainThread());
  assert.ok(all.includes(outer as unknown as Thread));
  const inner = all.find(({ name }) => name === 'inner')!;
  assert.equal(inner.isAlive(), true);
  await assert.rejects(inner.join(), {
    code: 'ERR_MP_NOT_CHILD',
    message: 'can only join a thread where it was started',
  });
  go.set();
  await outer.join();
  assert.equal(inner.isAlive(), false);
  assert.deepEqual(enumerate(), [mainThread()]);
});

test('a slot that was a joined thread’s may be that of another one: enumerate tells them apart', async () => {
  const told = new Queue<number>();
  const first = new Thread({ name: 'first', target: () => {} });
  first.start();
  first.joinSync(); // its exit event has not come yet
  const second = new Thread({ name: 'second', target: () => told.getSync() });
  second.start();
  assert.deepEqual(
    enumerate().map(({ name }) => name),
    ['MainThread', 'second'],
  );
  assert.equal(first.isAlive(), false);
  told.putSync(1);
  await second.join();
});

test('local: one object for each thread', async () => {
  const told = new Queue<unknown>();
  const mine = local<{ x: number }>();
  mine.x = 1;
  const thread = new Thread({
    target: () => {
      const own = local();
      own.x = 2;
      told.putSync(own.x);
    },
  });
  thread.start();
  await thread.join();
  assert.equal(told.getSync(), 2);
  assert.equal(mine.x, 1);
});
