/** A worker whose thread has left nothing behind runs the next one, which must not be able to tell. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';
import { Event, Lock, Pipe, Queue, Value } from 'multiprocess';
import { currentThread, getIdent, getNativeId, local, Thread } from 'multiprocess/threading';
import { memoryStats } from '../../dist/memory/index.js';
import { hasHosts } from '../../dist/threading/host.js';

const LIMIT = 60_000;
const told = new Queue<unknown>();

/** Runs a thread that tells the kernel's id of its worker, after `target`. */
async function run(target: () => unknown = () => {}): Promise<number> {
  const thread = new Thread({
    target: async () => {
      await target();
      told.putSync(getNativeId());
    },
  });
  thread.start();
  await thread.join();
  return (await told.get(LIMIT)) as number;
}

test('threads one after the other run in one worker, under new identities', async () => {
  const ids = new Set<number>();
  const idents = new Set<number>();
  for (let i = 0; i < 10; i++) {
    const thread = new Thread({ name: `number ${i}`, target: () => told.putSync([getIdent(), currentThread().name]) });
    thread.start();
    if (i % 2) await thread.join();
    else thread.joinSync();
    assert.deepEqual(told.getSync(), [thread.ident, `number ${i}`]);
    assert.equal(thread.isAlive(), false);
    ids.add(thread.nativeId ?? (await run()));
    idents.add(thread.ident!);
  }
  assert.equal(ids.size, 1);
  assert.equal(idents.size, 10);
});

const lock = new Lock();
const event = new Event();
const HARMLESS: [what: string, act: () => unknown][] = [
  ['has waited asynchronously', async () => void (await event.wait(3))],
  ['has set and cleared timers', async () => void clearTimeout(setTimeout(() => {}, await sleep(2, 5000)))],
  ['holds a lock', () => void lock.acquireSync()],
  ['has used promises of fs', async () => (await import('node:fs/promises')).readFile('/proc/self/stat')],
  ['has waited in vain', () => new Promise(() => {})],
];
for (const [what, act] of HARMLESS) {
  test(`the worker of a thread that ${what} is used again`, async () => {
    const before = await run();
    const thread = new Thread({ target: act });
    thread.start();
    await thread.join();
    assert.equal(await run(), before);
  });
}

const TRACES: [what: string, act: () => unknown][] = [
  ['a timer', () => void setInterval(() => {}, 1000).unref()],
  ['a global variable', () => Object.assign(globalThis, { left: 1 })],
  ['a listener', () => void process.on('exit', () => {})],
  ['an exit code', () => void Object.assign(process, { exitCode: 3 })],
  ['a module', () => import('./support/slots.ts')],
  ['threads of its own', () => void new Thread()],
  // Old when it becomes garbage, so that only a collection of the whole heap would find it.
  ['much garbage', () => void Array.from({ length: 1_000_000 }, (_, i) => ({ i, half: i / 2 }))],
];
for (const [what, act] of TRACES) {
  test(`the worker of a thread that leaves ${what} is not used again`, async () => {
    const before = await run(act);
    assert.notEqual(await run(), before);
  });
}

test('the worker of a thread that fails or exits is not used again', async () => {
  const before = await run();
  const thread = new Thread({ target: () => process.exit() });
  thread.start();
  await thread.join();
  assert.notEqual(await run(), before);
});

test('what one thread has, another one in the same worker has not', async () => {
  const seen = new Queue<unknown>();
  const own = new Lock();
  const first = await run(() => {
    local().x = 1;
    own.acquireSync();
  });
  const second = await run(() => seen.putSync([local().x, own.acquireSync(LIMIT), own.abandoned, new Thread().name]));
  assert.equal(second, first);
  assert.deepEqual(await seen.get(LIMIT), [undefined, true, true, 'Thread-1']);
});

test('the end of a thread closes what it had: the other end of its pipe learns it at once', async () => {
  const [here, there] = Pipe();
  const thread = new Thread({ target: (end) => end.sendSync('last words'), args: [there] });
  thread.start();
  there.close();
  await thread.join();
  assert.equal(await here.recv(), 'last words');
  await assert.rejects(here.recv(), { code: 'ERR_MP_EOF' });
});

async function collectGarbage(): Promise<void> {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  for (let i = 0; i < 10; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve)); // those who clean up are called
  }
}

test('garbage of earlier threads does not take away what others have in its place', async () => {
  const first = await run(() => void Array.from({ length: 50 }, () => new Value('i32')));
  await collectGarbage(); // of this thread, which would be counted below
  const mine = Array.from({ length: 50 }, (_, i) => new Value('i32', i)); // where those of the thread have been
  const before = memoryStats().cells;
  const second = await run(async () => {
    const { setFlagsFromString } = await import('node:v8');
    const { runInNewContext } = await import('node:vm');
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let i = 0; i < 10; i++) {
      collect();
      await new Promise((resolve) => setImmediate(resolve)); // those who clean up are called
    }
  });
  assert.equal(second, first);
  assert.equal(memoryStats().cells, before);
  assert.deepEqual(
    mine.map(({ value }) => value),
    Array.from(mine, (_, i) => i),
  );
  assert.equal(memoryStats().inconsistent, 0);
});

test('a worker that rests goes after a while, and does not keep anyone waiting', async () => {
  await run();
  assert.equal(hasHosts(), true);
  while (hasHosts()) await sleep(20);
  const value = new Value('i32');
  await run(() => value.add(1));
  assert.equal(value.value, 1);
});
