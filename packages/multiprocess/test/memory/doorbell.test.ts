import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { allocate, doorbell, free, SlotState, selfSlot, table, wordIndex, wordsAt } from '../../dist/memory/index.js';
import { native } from '../../dist/native.js';
import { startMember } from './member.ts';

const memory = new URL('../../dist/memory/index.js', import.meta.url).href;

test('a ring without a sleeper is no system call', () => {
  const slot = table.claimSlot(selfSlot());
  const before = native.wakeCallCount();
  for (let i = 0; i < 1000; i++) doorbell.ring(slot);
  for (let i = 0; i < 1000; i++) native.ringDoorbell(slot);
  assert.equal(native.wakeCallCount(), before);
  table.releaseSlot(slot);
});

test('a ring wakes an async waiter of another process', async () => {
  const word = allocate(4);
  const member = startMember('waits-async', word);
  assert.equal(await member.line(), '"waiting"');
  Atomics.store(wordsAt(word), wordIndex(word), 1);
  doorbell.ring(member.slot);
  assert.equal(await member.line(), '1');
  assert.equal(await member.ended(), 0);
  free(word);
});

test('a doorbell does not keep the event loop alive', async () => {
  const member = startMember('subscribes-only');
  assert.equal(await member.line(), '"over"');
  assert.equal(await member.ended(), 0);
});

test('what a subscriber throws is uncaught, and the others hear the ring', async () => {
  const member = startMember('throws-on-ring');
  assert.equal(await member.line(), '"ready"');
  doorbell.ring(member.slot);
  assert.deepEqual([await member.line(), await member.line()].sort(), ['"microtask"', '"thrown in a ring"']);
  await member.killed();
});

test('many rings while the loop is busy are one call', async () => {
  let calls = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const unsubscribe = doorbell.subscribe(() => {
    calls++;
    resolve();
  });
  const release = doorbell.keepAlive();
  for (let i = 0; i < 10_000; i++) doorbell.ring(selfSlot());
  await promise;
  await new Promise(setImmediate);
  release();
  unsubscribe();
  assert.ok(calls <= 2, `${calls} calls`);
});

test('subscribing and ringing again and again loses nothing', async () => {
  for (let i = 0; i < 300; i++) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const unsubscribe = doorbell.subscribe(resolve);
    const release = doorbell.keepAlive();
    doorbell.ring(selfSlot());
    await promise;
    release();
    unsubscribe();
  }
});

test('a worker thread has a slot and a doorbell of its own, and leaves neither behind when terminated', async () => {
  const program = `
    import { parentPort } from 'node:worker_threads';
    import { allocate, doorbell, selfSlot } from '${memory}';
    doorbell.subscribe(() => parentPort.postMessage('rung'));
    doorbell.keepAlive();
    allocate(100);
    parentPort.postMessage(selfSlot());`;
  const cells = native.memoryStats().cells;
  const threads = readdirSync('/proc/self/task').length;
  for (let i = 0; i < 5; i++) {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`));
    const slot = await message(worker);
    assert.notEqual(slot, selfSlot());
    assert.equal(table.state(slot as number), SlotState.Running);
    assert.equal(table.pid(slot as number), process.pid);
    const generation = table.generation(slot as number);
    const rung = message(worker);
    doorbell.ring(slot as number);
    assert.equal(await rung, 'rung');
    await worker.terminate();
    assert.equal(table.state(slot as number), SlotState.Free);
    assert.equal(table.generation(slot as number), generation + 1);
  }
  assert.equal(native.memoryStats().cells, cells);
  assert.ok(readdirSync('/proc/self/task').length <= threads, 'no thread is left');
});

test('threads that hear nothing do not keep others from hearing', { timeout: 60_000 }, async () => {
  const program = `
    import { parentPort } from 'node:worker_threads';
    import { doorbell, selfSlot } from '${memory}';
    doorbell.subscribe(() => {});
    parentPort.postMessage(selfSlot());
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`;
  const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  const deaf = Array.from({ length: 30 }, () => new Worker(url));
  const asleep = 1;
  for (const slot of (await Promise.all(deaf.map(message))) as number[]) {
    const at = table.fieldOffset(slot, 'doorbellSleeper');
    for (let i = 0; i < 20; i++) {
      Atomics.store(wordsAt(at), wordIndex(at), asleep);
      doorbell.ring(slot); // until the kernel keeps no more for it: altogether more than a socket may send
    }
  }
  const word = allocate(4);
  const member = startMember('waits-async', word);
  assert.equal(await member.line(), '"waiting"');
  const sleeper = table.fieldOffset(member.slot, 'doorbellSleeper');
  const isAsleep = () => (Atomics.load(wordsAt(sleeper), wordIndex(sleeper)) & 3) === asleep;
  while (!isAsleep() || !/ S /.test(readFileSync(`/proc/${member.process.pid}/stat`, 'utf8'))) {
    await new Promise(setImmediate);
  }
  Atomics.store(wordsAt(word), wordIndex(word), 1);
  const rung = performance.now();
  doorbell.ring(member.slot);
  assert.equal(await member.line(), '1');
  assert.ok(performance.now() - rung < 3000, 'not because V8 woke the loop after some seconds');
  assert.equal(await member.ended(), 0);
  free(word);
  await Promise.all(deaf.map((worker) => worker.terminate()));
});

function message(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
}
