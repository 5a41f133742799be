/** How long objects live: as long as somebody has a proxy, or an object that contains one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import v8 from 'node:v8';
import vm from 'node:vm';
import { BaseManager, Manager, type MultiprocessError, Process, Queue } from 'multiprocess';
import { untilEnd } from './support.ts';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

const code = (expected: string) => (error: MultiprocessError) => error.code === expected;

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 10_000; !(await isSo()); await turn()) assert.ok(Date.now() < deadline, 'in time');
}

test('the last proxy that is disposed of takes the object along', async () => {
  const manager = untilEnd(await Manager());
  const dict = await manager.dict({ a: 1 });
  {
    const list = await manager.list();
    assert.equal(await manager.numberOfObjects(), 2);
    assert.match(await manager.debugInfo(), /dict[\s\S]*list/);
    list[Symbol.dispose]();
  }
  assert.equal(await manager.numberOfObjects(), 1);
  dict[Symbol.dispose]();
  dict[Symbol.dispose]();
  assert.equal(await manager.numberOfObjects(), 0);
  await assert.rejects(dict.get('a'), code('ERR_MP_CLOSED'));
});

test('a proxy that is forgotten is disposed of when it is collected', async () => {
  const manager = untilEnd(await Manager());
  await (async () => void (await manager.dict()))();
  await until(async () => {
    collect();
    return (await manager.numberOfObjects()) === 0;
  });
});

test('a client that is killed drops what it had', async () => {
  const manager = untilEnd(await Manager());
  const ready = new Queue();
  const child = new Process({
    target: async (Shared) => {
      const manager = Shared;
      (globalThis as any).kept = await Promise.all([1, 2, 3].map(() => manager.get('x')));
      ready.putSync('ready');
      await new Promise(() => setInterval(() => {}, 1000));
    },
    args: [await manager.dict({ x: await manager.list() })],
  });
  child.start();
  await ready.get();
  assert.ok((await manager.numberOfObjects()) >= 1);
  const before = await manager.debugInfo();
  assert.match(before, /refcount=[3-9]/);
  child.kill();
  await child.join();
  await until(async () => !/refcount=[3-9]/.test(await manager.debugInfo()));
});

test('an object lives on in another one that contains its proxy', async () => {
  const manager = untilEnd(await Manager());
  const outer = await manager.dict();
  {
    const inner = await manager.list(['kept']);
    await outer.set('inner', inner);
    inner[Symbol.dispose]();
  }
  assert.equal(await manager.numberOfObjects(), 1);
  assert.equal(await (await outer.get('inner')).get(0), 'kept');
});

test('a proxy on its way keeps the object, although its sender ends', async () => {
  const manager = untilEnd(await Manager());
  const queue = new Queue();
  const maker = await manager.Queue();
  const child = new Process({
    target: async () => {
      await maker.put('running');
      const { dict } = (await queue.get()) as any;
      await dict.set('changed', true);
    },
  });
  child.start();
  await maker.get();
  {
    const dict = await manager.dict();
    await queue.put({ dict });
    dict[Symbol.dispose]();
  }
  await child.join();
  assert.equal(child.exitCode, 0);
});

test('the same object gets the same name', async () => {
  const shared = { n: 0, next: () => ++shared.n };
  const Sharing = class extends BaseManager {}.register('shared', () => shared);
  const manager = untilEnd(new Sharing());
  await manager.start();
  const [one, other] = [await manager.shared(), await manager.shared()];
  assert.equal(String(one), String(other));
  assert.deepEqual([await one.next(), await other.next()], [1, 2]);
  assert.equal(await manager.numberOfObjects(), 1);
});
