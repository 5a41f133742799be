/** Pipes: messages between two ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lock, Pipe } from 'multiprocess';
import { onEachWay, start } from '../sync/crew.ts';

test('values and bytes of any size, both ways, in any form', async () => {
  const [a, b] = Pipe();
  for (const value of [
    1,
    'text',
    { deep: [new Date(1)] },
    'x'.repeat(20_000),
    new Uint8Array(200_000).fill(7),
    undefined,
  ]) {
    await a.send(value);
    b.sendSync(value);
    assert.deepEqual(b.recvSync(), value);
    assert.deepEqual(await a.recv(), value);
  }
  for (const size of [0, 1, 100, 16_384, 16_385, 5_000_000]) {
    const bytes = new Uint8Array(size).fill(3);
    await a.sendBytes(bytes);
    b.sendBytesSync(bytes);
    assert.deepEqual(await b.recvBytes(), bytes);
    assert.deepEqual(a.recvBytesSync(), bytes);
  }
});

test('functions and shared objects, also in large messages', async () => {
  const [a, b] = Pipe<any>();
  const lock = new Lock();
  lock.acquireSync();
  for (const padding of ['', 'x'.repeat(50_000)]) {
    a.sendSync({ lock, padding, double: (x: number) => 2 * x });
    const got = await b.recv();
    assert.deepEqual([got.lock.locked(), got.padding, got.double(4)], [true, padding, 8]);
  }
  lock.release();
});

test('what is sent does not change with its source', async () => {
  const [a, b] = Pipe<Uint8Array>();
  const bytes = new Uint8Array(10);
  const large = new Uint8Array(70 << 20); // more than may wait: goes into the empty pipe only
  await a.send(large);
  const sends = [a.send(bytes), a.sendBytes(bytes), a.send(bytes)];
  bytes.fill(1);
  assert.equal((await b.recv()).length, large.length);
  assert.deepEqual(new Set(await b.recv()), new Set([0]));
  assert.equal((await b.recvBytes()).length, 10);
  assert.deepEqual(new Set(await b.recv()), new Set([0]));
  await Promise.all(sends);
});

test('one way', async () => {
  for (const options of [false, { duplex: false }]) {
    const [r, w] = Pipe<number>(options);
    assert.deepEqual([r.readable, r.writable, w.readable, w.writable], [true, false, false, true]);
    w.sendSync(1);
    assert.equal(r.recvSync(), 1);
    const readOnly = { code: 'ERR_MP_UNSUPPORTED', message: 'connection is read-only' };
    const writeOnly = { code: 'ERR_MP_UNSUPPORTED', message: 'connection is write-only' };
    await assert.rejects(r.send(1), readOnly);
    assert.throws(() => r.sendBytesSync(new Uint8Array(1)), readOnly);
    await assert.rejects(w.recv(), writeOnly);
    assert.throws(() => w.recvBytesSync(), writeOnly);
    await assert.rejects(w.poll(), writeOnly);
    await assert.rejects(async () => {
      for await (const _ of w);
    }, writeOnly);
  }
  for (const wrong of [1, 'no', null, { duplex: 1 }, { twoWay: true }]) {
    assert.throws(() => Pipe(wrong as never), { code: 'ERR_MP_INVALID_ARG' });
  }
});

test('timeouts and signals', async () => {
  const [a, b] = Pipe<Uint8Array>();
  for (const timeout of [0, -1, 20, { timeout: 20 }]) {
    await assert.rejects(a.recv(timeout), { code: 'ERR_MP_TIMEOUT' });
    assert.throws(() => a.recvSync(timeout), { code: 'ERR_MP_TIMEOUT' });
  }
  b.sendSync(new Uint8Array(64 << 20)); // full
  await assert.rejects(b.send(new Uint8Array(1), 20), { code: 'ERR_MP_TIMEOUT' });
  assert.throws(() => b.sendSync(new Uint8Array(1), 20), { code: 'ERR_MP_TIMEOUT' });
  const controller = new AbortController();
  const { signal } = controller;
  const waits = [b.send(new Uint8Array(1), { signal }), b.recv({ signal }), b.poll({ signal })];
  controller.abort();
  for (const wait of waits) await assert.rejects(wait as Promise<unknown>, { code: 'ERR_MP_CANCELLED' });
  assert.equal((await a.recv()).length, 64 << 20);
  assert.equal(await a.poll(), false);
});

test('poll does not consume, and overlapping calls are served in order', async () => {
  const [a, b] = Pipe<number>();
  assert.deepEqual(
    [await a.poll(), a.pollSync(), a.pollSync(20), await a.poll(20), await a.poll(-1)],
    Array(5).fill(false),
  );
  const polls = [a.poll(60_000), a.poll(Number.POSITIVE_INFINITY)];
  const recvs = [a.recv(), a.recv(), a.recv()];
  b.sendSync(1);
  recvs.push(a.recv());
  b.sendSync(2);
  b.sendSync(3);
  b.sendSync(4);
  assert.deepEqual(await Promise.all(recvs), [1, 2, 3, 4]);
  b.sendSync(5);
  assert.deepEqual(await Promise.all(polls), [true, true]);
  assert.deepEqual([a.pollSync(), await a.poll(), a.recvSync(), await a.poll()], [true, true, 5, false]);
});

test('recvBytes with a limit, recvBytesInto', async () => {
  const [a, b] = Pipe();
  const buffer = new Uint8Array(8);
  a.sendBytesSync(new Uint8Array([1, 2, 3]));
  assert.equal(await b.recvBytesInto(buffer, 2), 3);
  assert.deepEqual([...buffer], [0, 0, 1, 2, 3, 0, 0, 0]);
  a.sendBytesSync(new Uint8Array(20_000));
  assert.throws(
    () => b.recvBytesIntoSync(buffer),
    (error: any) => error.name === 'BufferTooShortError' && error.received.length === 20_000,
  );
  for (const size of [100, 50_000]) {
    const [c, d] = Pipe();
    c.sendBytesSync(new Uint8Array(size));
    await assert.rejects(d.recvBytes(99), { code: 'ERR_MP_MESSAGE_TOO_LONG' });
    assert.deepEqual([d.readable, d.writable, d.closed], [false, true, false]);
    d.sendSync('this way still works');
    assert.equal(c.recvSync(), 'this way still works');
  }
});

onEachWay('an echo', async ({ way, mp }) => {
  const opened = new mp.Event();
  const [here, there] = Pipe<any>();
  const member = start(way, async () => {
    opened.set();
    let n = 0;
    for await (const value of there) {
      if (n++ % 2) await there.send(value);
      else there.sendSync(value);
    }
    return n;
  });
  await opened.wait();
  there.close();
  for (let i = 0; i < 200; i++) {
    const value = i % 20 === 0 ? 'x'.repeat(i * 1000) : i;
    if (i % 3) await here.send(value);
    else here.sendSync(value);
    assert.equal(i % 5 ? await here.recv() : here.recvSync(), value);
  }
  here.close();
  assert.equal(await member.result, 200);
});
