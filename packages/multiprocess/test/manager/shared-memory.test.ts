/** SharedMemoryManager: how long its segments last. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Process, ShareableList, SharedMemory, SharedMemoryManager } from 'multiprocess';
import type { Address } from 'multiprocess/connection';
import { gone, segmentExists } from '../shared/support/segments.ts';
import { untilEnd } from './support.ts';

async function started(): Promise<SharedMemoryManager> {
  const manager = untilEnd(new SharedMemoryManager());
  await manager.start();
  return manager;
}

test('segments go when the process of their manager is killed; who is attached keeps the memory', async () => {
  const manager = await started();
  const [memory, list] = [manager.SharedMemorySync(8), await manager.ShareableList(['a', 2])];
  memory.buf[0] = 42;
  process.kill(manager.pid!, 'SIGKILL');
  for (const name of [memory.name, list.shm.name]) await gone(name);
  assert.deepEqual([memory.buf[0], ...list], [42, 'a', 2]);
  await assert.rejects(manager.SharedMemory(8), { code: 'ERR_MP_PEER_GONE' });
});

test('they outlive whoever asked for them, and may be unlinked before', async () => {
  const manager = await started();
  const early = await manager.SharedMemory(8);
  early.unlink();
  const result = await manager.ShareableList([' '.repeat(40)]);
  const ask = async (address: Address, name: ShareableList) => {
    const same = new SharedMemoryManager({ address });
    await same.connect();
    const memory = same.SharedMemorySync(8);
    memory.buf[0] = 7;
    name.set(0, memory.name);
  };
  const child = new Process({ target: ask, args: [manager.address!, result] });
  child.start();
  await child.join();
  assert.equal(child.exitCode, 0);
  const memory = new SharedMemory({ name: result.get(0) as string });
  assert.equal(memory.buf[0], 7);
  await manager.shutdown();
  for (const { name } of [early, memory, result.shm]) assert.equal(segmentExists(name), false);
});

test('a manager that serves in this process unlinks them when it stops', async () => {
  const manager = new SharedMemoryManager();
  const server = await manager.getServer();
  const serving = server.serveForever();
  const client = new SharedMemoryManager({ address: server.address });
  await client.connect();
  const { name } = await client.SharedMemory(8);
  assert.ok(segmentExists(name));
  server.stop();
  await serving;
  assert.equal(segmentExists(name), false);
});

test('it makes of values what a ShareableList makes of them', async () => {
  const manager = await started();
  const original = new ShareableList([1, ShareableList.float(1), 'x', null]);
  const squares = function* () {
    yield 1;
    yield 4;
  };
  assert.equal((await manager.ShareableList(original)).format, original.format);
  assert.equal((await manager.ShareableList([ShareableList.float(1), 2])).format, 'dq');
  assert.deepEqual([...manager.ShareableListSync(squares())], [1, 4]);
  assert.equal((await manager.ShareableList()).length, 0);
  original.shm.unlink();
});

test('bad values are refused where they are given', async () => {
  const manager = await started();
  for (const size of [0, -1, 1.5, '9', undefined]) {
    await assert.rejects(manager.SharedMemory(size as number), { code: 'ERR_MP_INVALID_ARG', message: /size/ });
  }
  await assert.rejects(manager.ShareableList([{}] as never), { code: 'ERR_MP_INVALID_ARG' });
  await assert.rejects(manager.ShareableList(5 as never), { code: 'ERR_MP_INVALID_ARG' });
});
