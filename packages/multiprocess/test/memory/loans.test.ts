/** Large messages are used where they lie: for as long as anybody can use them, and not longer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { JoinableQueue, Pipe, Process, Queue, SimpleQueue } from '../../dist/index.js';
import { ensureRealm, memoryStats } from '../../dist/memory/index.js';
import { collectUntil, settle } from '../shared/support/collect.ts';

const MiB = 2 ** 20;
ensureRealm();

/** Bytes of which each depends on its place. */
function pattern(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 255);
}

/** As it comes out of a queue. */
function received(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const queue = new SimpleQueue<Uint8Array<ArrayBuffer>>();
  queue.putSync(message as Uint8Array<ArrayBuffer>);
  const value = queue.getSync();
  queue.close();
  return value;
}

test('a message outlives its queue, and is the receiver’s own', async () => {
  const { cells } = await settle();
  const queue = new Queue<Uint8Array>();
  const original = pattern(MiB);
  queue.putSync(original);
  queue.putSync(original);
  const [first, second] = [queue.getSync(), queue.getSync()] as [Uint8Array, Uint8Array];
  queue.close();
  first.fill(0);
  assert.deepEqual(second, pattern(MiB));
  assert.deepEqual(original, pattern(MiB));
  assert.ok(memoryStats().cells >= cells + 2, 'it is a copy');
});

test('its memory is free when nobody uses it any more', async () => {
  const { cells } = await settle();
  (() => assert.equal(received(pattern(MiB)).length, MiB))();
  assert.ok(await collectUntil(() => memoryStats().cells === cells));
});

test('transferred within the thread, it lives on', async () => {
  const { cells } = await settle();
  const moved = (() => {
    const { buffer, byteOffset } = received(pattern(MiB));
    const copy = (buffer as ArrayBuffer & { transfer(): ArrayBuffer }).transfer();
    assert.equal(buffer.detached, true);
    return new Uint8Array(copy, byteOffset, MiB);
  })();
  await settle();
  for (let i = 0; i < 5; i++) received(pattern(MiB, i)); // would use memory that is free
  assert.deepEqual(moved, pattern(MiB));
  assert.ok(await collectUntil(() => memoryStats().cells === cells + 1));
  assert.equal(moved.length, MiB);
});

test('transferred to another thread, it lives on without the first', async () => {
  const { port1, port2 } = new MessageChannel();
  const code = `
    const { parentPort, workerData: { library, port } } = require('node:worker_threads');
    import(library).then(({ SimpleQueue }) => {
      const queue = new SimpleQueue();
      queue.putSync(Uint8Array.from({ length: ${MiB} }, (_, i) => (i * 31 + 1) & 255));
      const { buffer } = queue.getSync();
      port.postMessage(buffer, [buffer]);
      process.exit();
    });`;
  const library = new URL('../../dist/index.js', import.meta.url).href;
  const worker = new Worker(code, { eval: true, workerData: { library, port: port2 }, transferList: [port2] });
  await new Promise((resolve) => worker.once('exit', resolve));
  const { message } = receiveMessageOnPort(port1) as { message: ArrayBuffer };
  port1.close();
  for (let i = 0; i < 5; i++) received(pattern(MiB, i));
  assert.deepEqual(new Uint8Array(message, 8, MiB), pattern(MiB));
});

test('a receiver that dies leaves nothing behind', async () => {
  const { cells } = await settle();
  const [mine, other] = Pipe<Uint8Array, string>();
  const child = new Process({
    target: (end: any) => {
      const all = [end.recvSync(), end.recvSync(), end.recvSync()];
      end.sendSync(`${all.length}`);
      end.recvSync();
    },
    args: [other],
  });
  child.start();
  other.close();
  for (let i = 0; i < 3; i++) mine.sendSync(pattern(MiB));
  assert.equal(await mine.recv(), '3');
  child.kill();
  await child.join();
  mine.close();
  assert.equal((await settle()).cells, cells);
});

test('a message that may be delivered again is a copy', async () => {
  const queue = new JoinableQueue<Uint8Array>({ redeliver: true });
  queue.putSync(pattern(MiB));
  const child = new Process({
    target: (items: JoinableQueue<Uint8Array>) => {
      items.getSync().fill(0);
      process.kill(process.pid, 'SIGKILL');
    },
    args: [queue],
  });
  child.start();
  await child.join();
  assert.deepEqual(await queue.get(5000), pattern(MiB));
  queue.taskDone();
  queue.close();
});

/** Receives much more than it keeps, in a loop that allocates next to nothing; the most that the realm held, in bytes. */
function receiveInLoop(count: number, size: number): number {
  const queue = new SimpleQueue<Uint8Array>();
  const message = new Uint8Array(size).fill(7);
  let most = 0;
  for (let i = 0; i < count; i++) {
    queue.putSync(message);
    if (queue.getSync()[size - 1] !== 7) throw new Error('damaged');
    most = Math.max(most, memoryStats().cellBytes);
  }
  queue.close();
  return most;
}

/** A third, at most, of what passes through these loops. */
const MOST = 400 * MiB;

for (const [count, size] of [
  [400, 10 * MiB],
  [20_000, 64 * 1024],
] as const) {
  test(`a loop that receives ${count} messages of ${size / 1024} KiB holds few of them`, async () => {
    assert.ok(receiveInLoop(count, size) < MOST);
    const results = new SimpleQueue<number>();
    const child = new Process({ target: (put: any) => put.putSync(receiveInLoop(count, size)), args: [results] });
    child.start();
    assert.ok((await results.get()) < MOST);
    await child.join();
    results.close();
  });
}

test('pages are kept while messages come, and given back after that', async () => {
  const before = await settle();
  received(pattern(8 * MiB));
  assert.ok(await collectUntil(() => memoryStats().warmBytes >= 8 * MiB));
  const deadline = performance.now() + 20_000;
  while (memoryStats().warmBytes > 0 && performance.now() < deadline) await sleep(50);
  assert.equal(memoryStats().warmBytes, 0);
  assert.ok(memoryStats().residentBytes < before.residentBytes + MiB);
});
