import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { afterEach, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createRing, freeRing, RingReader, RingWriter } from '../../dist/channel/index.js';
import { CAPACITY, MAX_INLINE } from '../../dist/channel/layout.js';
import { RingMemory } from '../../dist/channel/ring.js';
import { spill } from '../../dist/channel/spill.js';
import { Process } from '../../dist/index.js';
import { memoryStats } from '../../dist/memory/index.js';
import { native } from '../../dist/native.js';
import { collectUntil, settle } from '../shared/support/collect.ts';

/** Both ends of a ring, released after the test. */
function openRing() {
  const offset = createRing();
  const ring = { offset, writer: new RingWriter(offset), reader: new RingReader(offset), close };
  function close() {
    if (!open.delete(ring)) return;
    ring.reader.release();
    ring.writer.release();
    freeRing(offset);
  }
  open.add(ring);
  return ring;
}

const open = new Set<{ close(): void }>();
afterEach(() => {
  for (const ring of open) ring.close();
});

/** Bytes that say where they belong. */
function pattern(size: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + seed) & 0xff);
}

test('messages of every size arrive whole and in order', () => {
  const ring = openRing();
  const sizes = [0, 1, 3, 4, 5, 8, 100, MAX_INLINE, MAX_INLINE + 1, CAPACITY, 3 * CAPACITY];
  for (let i = 0; i < 500; i++) {
    const size = i < 110 ? sizes[i % sizes.length]! : randomInt(MAX_INLINE);
    const message = pattern(size, i);
    assert.ok(ring.writer.tryWrite(message));
    assert.ok(Buffer.from(ring.reader.tryRead()!).equals(message));
  }
  assert.equal(ring.reader.tryRead(), undefined);
});

test('a message may be made of parts', () => {
  const ring = openRing();
  ring.writer.tryWrite(Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3));
  assert.deepEqual(ring.reader.tryRead(), Uint8Array.of(1, 2, 3));
});

test('a full ring refuses, and takes more once something has been read', () => {
  const ring = openRing();
  const message = pattern(1000, 1);
  let written = 0;
  while (ring.writer.tryWrite(message)) written++;
  assert.ok(written > 60 && written <= CAPACITY / 1000, `${written} messages`);
  for (let i = 0; i < written; i++) assert.deepEqual(ring.reader.tryRead(), message);
  assert.ok(ring.writer.tryWrite(message));
});

test('write waits for room, whatever the message needs', async () => {
  const ring = openRing();
  const large = pattern(MAX_INLINE, 3);
  while (ring.writer.tryWrite(large));
  let isWritten = false;
  const writing = ring.writer.write(large).then(() => {
    isWritten = true;
  });
  let count = 0;
  for (;;) {
    if (ring.reader.tryRead()) count++;
    else if (isWritten) break;
    else await turn();
  }
  await writing;
  assert.ok(count >= 4);
});

test('messages in cells of their own leave nothing behind', async () => {
  const before = await settle();
  const ring = openRing();
  for (let i = 0; i < 20; i++) {
    const message = pattern(200_000, i);
    assert.ok(ring.writer.tryWrite(message));
    assert.deepEqual(ring.reader.tryRead(), message);
  }
  ring.writer.tryWrite(pattern(200_000, 1)); // nobody reads it
  ring.close();
  assert.ok(await collectUntil(() => memoryStats().cells === before.cells));
  assert.equal(memoryStats().references, before.references);
});

test('a reader that is awake is woken without a system call', () => {
  const ring = openRing();
  const before = native.wakeCallCount();
  for (let i = 0; i < 100; i++) {
    ring.writer.tryWrite(pattern(10, i));
    ring.writer.wake();
    ring.reader.tryRead();
  }
  assert.equal(native.wakeCallCount(), before);
});

test('a stream of messages between processes', async () => {
  const [there, back] = [createRing(), createRing()];
  const child = new Process({
    target: async (from: number, to: number) => {
      const writer = new RingWriter(to);
      for await (const message of new RingReader(from)) await writer.write(message);
      writer.end();
    },
    args: [there, back],
  });
  child.start();
  const writer = new RingWriter(there);
  const count = 5000;
  const sending = (async () => {
    for (let i = 0; i < count; i++) await writer.write(pattern(i % 997, i));
    writer.end();
  })();
  let received = 0;
  for await (const message of new RingReader(back)) {
    assert.ok(Buffer.from(pattern(received % 997, received)).equals(message), `message ${received}`);
    received++;
  }
  assert.equal(received, count);
  await sending;
  assert.ok(await child.join(10_000));
});

test('a thread that sleeps on the ring wakes for a message', async () => {
  const [there, back] = [createRing(), createRing()];
  const child = new Process({
    target: async (from: number, to: number) => {
      const reader = new RingReader(from);
      const writer = new RingWriter(to);
      for (let i = 0; i < 200; i++) {
        while (!reader.park(1000));
        await writer.write(reader.tryRead()!);
      }
    },
    args: [there, back],
  });
  child.start();
  const writer = new RingWriter(there);
  const reader = new RingReader(back);
  for (let i = 0; i < 200; i++) {
    await writer.write(pattern(10, i));
    let message = reader.tryRead();
    for (; !message; message = reader.tryRead()) await reader.readable();
    assert.deepEqual(message, pattern(10, i));
  }
  assert.ok(await child.join(10_000));
});

test('a writer that is killed in the middle of a message leaves whole messages only', async () => {
  const ring = openRing();
  const child = new Process({
    target: (offset: number) => {
      const writer = new RingWriter(offset);
      writer.tryWrite(Uint8Array.of(1));
      writer.tryWrite(Uint8Array.of(2));
      // The third: its bytes are there, and `tail` has not moved.
      const memory = new RingMemory(offset);
      memory.dataWords[memory.load('tail') >> 2] = 100;
      memory.data.fill(0xaa, memory.load('tail') + 4, memory.load('tail') + 50);
      process.kill(process.pid, 'SIGKILL');
    },
    args: [ring.offset],
  });
  child.start();
  await child.join();
  assert.deepEqual(ring.reader.tryRead(), Uint8Array.of(1));
  assert.deepEqual(ring.reader.tryRead(), Uint8Array.of(2));
  assert.equal(ring.reader.tryRead(), undefined);
});

test('a writer that is killed while it hands over a large message leaves no memory behind', async () => {
  const before = await settle();
  const ring = openRing();
  const child = new Process({
    target: (offset: number) => {
      spill(new RingMemory(offset), 100_000, [new Uint8Array(100_000)]); // has a reference for the reader, is not published
      process.kill(process.pid, 'SIGKILL');
    },
    args: [ring.offset],
  });
  child.start();
  await child.join();
  assert.equal(ring.reader.tryRead(), undefined);
  ring.reader.recover();
  ring.close();
  assert.equal(memoryStats().cells, before.cells);
});

test('large messages of a writer that has died can still be read', async () => {
  const before = await settle();
  const ring = openRing();
  const child = new Process({
    target: (offset: number) => {
      const writer = new RingWriter(offset);
      for (let i = 0; i < 3; i++) writer.tryWrite(new Uint8Array(300_000).fill(i));
      process.kill(process.pid, 'SIGKILL');
    },
    args: [ring.offset],
  });
  child.start();
  await child.join();
  const readsWhole = (i: number) => {
    const message = ring.reader.tryRead()!;
    return message.length === 300_000 && message.every((byte) => byte === i);
  };
  for (let i = 0; i < 3; i++) assert.ok(readsWhole(i));
  ring.reader.recover();
  ring.close();
  assert.ok(await collectUntil(() => memoryStats().cells === before.cells));
});
