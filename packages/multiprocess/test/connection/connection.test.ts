/** What one end of a connection can do, on sockets. */
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { BufferTooShortError, Client, type Connection, Listener } from 'multiprocess/connection';
import { pair, withPair } from './support/pair.ts';

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error) => error.code as string,
  );
const big = Buffer.alloc(8_000_000, 'x');

test(
  'values and bytes go both ways',
  withPair(async (a, b) => {
    await a.send({ n: 1 });
    await a.sendBytes(Buffer.from('abc'));
    assert.deepEqual(await b.recv(), { n: 1 });
    assert.deepEqual(Buffer.from(await b.recvBytes()).toString(), 'abc');
    b.sendSync([1, 2]);
    b.sendBytesSync(new Float64Array([0.5]));
    assert.deepEqual(a.recvSync(), [1, 2]);
    assert.deepEqual(new Float64Array(a.recvBytesSync().buffer), Float64Array.of(0.5));
    assert.deepEqual([a.readable, a.writable, a.closed], [true, true, false]);
  }),
);

test(
  'offset and size choose a part of the buffer',
  withPair(async (a, b) => {
    const buffer = Buffer.from('abcdefghij');
    for (const [args, expected] of [
      [[], 'abcdefghij'],
      [[3], 'defghij'],
      [[3, 4], 'defg'],
      [[10], ''],
      [[10, 0], ''],
    ] as const) {
      await a.sendBytes(buffer, ...args);
      assert.equal(Buffer.from(await b.recvBytes()).toString(), expected);
    }
    a.sendBytesSync(new SharedArrayBuffer(2));
    assert.deepEqual(await b.recvBytes(), new Uint8Array(2));
    for (const [args, message] of [
      [[-1], /^offset is negative/],
      [[11], /^buffer length < offset \(/],
      [[0, -1], /^size is negative/],
      [[4, 7], /^buffer length < offset \+ size/],
      [[0.5], /^offset must be an integer/],
    ] as const) {
      await assert.rejects(a.sendBytes(buffer, ...args), { code: 'ERR_MP_INVALID_ARG', message });
      assert.throws(() => a.sendBytesSync(buffer, ...args), { code: 'ERR_MP_INVALID_ARG', message });
    }
    await assert.rejects(a.sendBytes('abc' as any), { code: 'ERR_MP_INVALID_ARG' });
    assert.equal(await b.poll(), false, 'nothing was sent');
  }),
);

test(
  'bytes can be received into a buffer',
  withPair(async (a, b) => {
    const into = Buffer.alloc(8, '.');
    await a.sendBytes(Buffer.from('abc'));
    assert.equal(await b.recvBytesInto(into, 2), 3);
    assert.equal(into.toString(), '..abc...');
    a.sendBytesSync(Buffer.from('xyz'));
    assert.equal(b.recvBytesIntoSync(into, 5), 3);
    assert.equal(into.toString(), '..abcxyz');
    await a.sendBytes(Buffer.from('too long for it'));
    await assert.rejects(b.recvBytesInto(into), (error: BufferTooShortError) => {
      assert.ok(error instanceof BufferTooShortError);
      assert.deepEqual([error.code, error.name], ['ERR_MP_MESSAGE_TOO_LONG', 'BufferTooShortError']);
      return Buffer.from(error.received).toString() === 'too long for it';
    });
    await assert.rejects(b.recvBytesInto(into, -1), { code: 'ERR_MP_INVALID_ARG', message: /^negative offset/ });
    await assert.rejects(b.recvBytesInto(into, 9), { code: 'ERR_MP_INVALID_ARG', message: /^offset too large/ });
    await a.send('the connection goes on');
    assert.equal(await b.recv(), 'the connection goes on');
  }),
);

test(
  'a message longer than maxLength ends receiving, not sending',
  withPair(async (a, b) => {
    await a.sendBytes(Buffer.alloc(10));
    assert.equal((await b.recvBytes(10)).length, 10);
    await assert.rejects(b.recvBytes(-1), { code: 'ERR_MP_INVALID_ARG', message: /^negative maxlength/ });
    const sent = a.sendBytes(big); // never arrives completely: it is refused by its length
    await assert.rejects(b.recvBytes(1000), {
      code: 'ERR_MP_MESSAGE_TOO_LONG',
      message: /^bad message length: 8000000/,
    });
    await assert.rejects(b.recv(), { code: 'ERR_MP_UNSUPPORTED', message: 'connection is write-only' });
    assert.deepEqual([b.readable, b.writable], [false, true]);
    await b.send('still here');
    assert.equal(await a.recv(), 'still here');
    b.close();
    assert.equal(await codeOf(sent), 'ERR_MP_PEER_GONE');
  }),
);

test(
  'maxLength counts for a message that has come already, too',
  withPair(async (a, b) => {
    await a.sendBytes(Buffer.alloc(11));
    assert.equal(await b.poll(60_000), true);
    assert.throws(() => b.recvBytesSync(10), { code: 'ERR_MP_MESSAGE_TOO_LONG', message: /^bad message length: 11/ });
    assert.equal(b.readable, false);
  }),
);

test(
  'maxMessageSize limits what is received',
  withPair(
    async (a, b) => {
      await a.sendBytes(Buffer.alloc(1000));
      assert.equal((await b.recvBytes()).length, 1000);
      await a.sendBytes(Buffer.alloc(1001));
      await assert.rejects(b.recv(), { code: 'ERR_MP_MESSAGE_TOO_LONG', message: /limit is 1000 \(maxMessageSize\)/ });
      assert.equal(b.readable, false);
    },
    {},
    { maxMessageSize: 1000 },
  ),
);

test(
  'the end comes after everything that was sent',
  withPair(async (a, b) => {
    await a.send(1);
    await a.send(2);
    a.close();
    const got: unknown[] = [];
    for await (const message of b) got.push(message);
    assert.deepEqual(got, [1, 2]);
    assert.equal(await codeOf(b.recv()), 'ERR_MP_EOF');
    assert.throws(() => b.recvSync(), { code: 'ERR_MP_EOF' });
    assert.equal(await b.poll(), true, 'the end is something to receive');
    assert.equal(b.isReady(), true);
    assert.equal(await codeOf(b.send(1)), 'ERR_MP_PEER_GONE');
    assert.throws(() => b.sendSync(1), { code: 'ERR_MP_PEER_GONE', message: /EPIPE/ });
  }),
);

test(
  'a closed end refuses everything, and lets go of what waits there',
  withPair(async (a) => {
    const waiting = [a.recv(), a.recvBytes(), a.poll(Infinity)].map(codeOf);
    const writing = [a.sendBytes(big), a.send(1)].map(codeOf);
    a.close();
    a.close();
    assert.deepEqual(await Promise.all([...waiting, ...writing]), Array(5).fill('ERR_MP_CLOSED'));
    assert.deepEqual([a.closed, a.readable, a.writable], [true, false, false]);
    const refusal = { code: 'ERR_MP_CLOSED', message: 'handle is closed' };
    await assert.rejects(a.send(1), refusal);
    await assert.rejects(a.recv(), refusal);
    await assert.rejects(a.poll(), refusal);
    assert.throws(() => a.sendBytesSync(big), refusal);
    assert.throws(() => a.recvBytesSync(), refusal);
    assert.throws(() => a.pollSync(), refusal);
    assert.throws(() => a.isReady(), refusal);
  }),
);

test(
  'iteration ends with close() on this side',
  withPair(async (a, b) => {
    await b.send(1);
    for await (const message of a) {
      assert.equal(message, 1);
      setImmediate(() => a.close());
    }
    assert.ok(a.closed);
  }),
);

test(
  'receivers are served in the order of their calls',
  withPair(async (a, b) => {
    const order: string[] = [];
    const calls = ['first', 'second', 'third'].map(async (name) => order.push(`${name} ${await b.recv()}`));
    const impatient = codeOf(b.recv(20));
    const given = new AbortController();
    const cancelled = codeOf(b.recv({ signal: given.signal }));
    const last = b.recv().then((value) => order.push(`last ${value}`));
    given.abort();
    assert.deepEqual(await Promise.all([impatient, cancelled]), ['ERR_MP_TIMEOUT', 'ERR_MP_CANCELLED']);
    for (const n of [1, 2, 3, 4]) await a.send(n);
    await Promise.all([...calls, last]);
    assert.deepEqual(order, ['first 1', 'second 2', 'third 3', 'last 4']);
  }),
);

test(
  'senders are served in the order of their calls',
  withPair(async (a, b) => {
    const sent = [a.sendBytes(big), a.send('small'), a.sendBytes(big, 0, 5)];
    assert.equal((await b.recvBytes()).length, big.length);
    assert.equal(await b.recv(), 'small');
    assert.equal((await b.recvBytes()).length, 5);
    await Promise.all(sent);
  }),
);

test(
  'a blocking send comes after the messages that wait',
  withPair(async (a, b) => {
    const first = a.sendBytes(big);
    const got = (async () => [(await b.recvBytes()).length, await b.recv()])();
    // Blocks until all of `big` is written: nobody would read it in this thread.
    assert.throws(() => a.sendSync('second', 20), { code: 'ERR_MP_TIMEOUT', message: 'timed out while sending' });
    assert.equal(a.closed, false, 'nothing of it was sent');
    await first;
    a.sendSync('third');
    assert.deepEqual(await got, [big.length, 'third']);
  }),
);

test(
  'waits end in time',
  withPair(async (a, b) => {
    for (const timeout of [0, -1, 15]) {
      await assert.rejects(b.recv(timeout), { code: 'ERR_MP_TIMEOUT', message: 'timed out while receiving' });
      assert.throws(() => b.recvSync(timeout), { code: 'ERR_MP_TIMEOUT' });
      assert.equal(await b.poll(timeout), false);
      assert.equal(b.pollSync(timeout), false);
    }
    assert.equal(await codeOf(b.recv({ signal: AbortSignal.abort() })), 'ERR_MP_CANCELLED');
    assert.throws(() => b.recvSync({ signal: AbortSignal.abort() }), { code: 'ERR_MP_CANCELLED' });
    assert.equal(await codeOf(b.recv({ tiemout: 1 } as any)), 'ERR_MP_INVALID_ARG');
    await a.send('in spite of all that');
    assert.equal(await b.recv(1000), 'in spite of all that');
  }),
);

test('a send that stops in the middle closes the connection, and says so', async () => {
  for (const stop of ['timeout', 'signal', 'sync'] as const) {
    const [a, b] = await pair();
    const given = new AbortController();
    const options = stop === 'timeout' ? { timeout: 20 } : { signal: given.signal };
    const sent =
      stop === 'sync'
        ? (async () => a.sendBytesSync(big, 0, undefined, 20))()
        : a.sendBytes(big, 0, undefined, options);
    const after = stop === 'sync' ? undefined : codeOf(a.send('behind it'));
    given.abort();
    await assert.rejects(sent, {
      code: stop === 'signal' ? 'ERR_MP_CANCELLED' : 'ERR_MP_TIMEOUT',
      message: /a part of the message was sent, so the connection is closed/,
    });
    assert.ok(a.closed);
    if (after) assert.equal(await after, 'ERR_MP_CLOSED');
    await assert.rejects(b.recv(), { code: 'ERR_MP_PEER_GONE', message: 'got end of file during message' });
    b.close();
  }
});

test(
  'poll waits for a whole message, and takes nothing',
  withPair(async (a, b) => {
    assert.equal(await b.poll(), false);
    const polled = b.poll(60_000);
    const sent = a.sendBytes(big);
    assert.equal(await polled, true);
    assert.equal(await b.poll(), true);
    assert.equal(b.pollSync(), true);
    await sent;
    assert.equal((await b.recvBytes()).length, big.length);
    await a.sendBytes(new Uint8Array(0));
    assert.equal(b.pollSync(1000), true);
    assert.equal(b.pollSync(), true);
    assert.equal((await b.recvBytes()).length, 0);
    assert.equal(b.pollSync(), false);
  }),
);

test(
  'onceReady calls back once, for a message or the end',
  withPair(async (a, b) => {
    let calls = 0;
    const called = () => new Promise<void>((resolve) => b.onceReady(() => resolve(void calls++)));
    b.onceReady(() => assert.fail('taken back'))();
    assert.equal(b.isReady(), false);
    const first = called();
    await a.send(1);
    await first;
    assert.equal(b.isReady(), true);
    await called(); // already there
    b.onceReady(() => assert.fail('taken back'))();
    await a.send(2);
    await turn();
    assert.equal(calls, 2);
    assert.deepEqual([await b.recv(), await b.recv()], [1, 2]);
    const third = called();
    a.close();
    await third;
    assert.equal(await codeOf(b.recv()), 'ERR_MP_EOF');
  }),
);

test(
  'a value is sent as it is at the call; what cannot be sent is refused there',
  withPair(async (a, b) => {
    const value = { list: [big, 1] };
    const sent = a.send(value);
    value.list.push(2);
    assert.equal((await b.recv()).list.length, 2);
    await sent;
    await assert.rejects(a.send({ jobs: [1, { run: () => {} }] }), {
      code: 'ERR_MP_CAPTURE',
      message: /^cannot send value\.jobs\[1\]\.run, function 'run': only plain data/,
    });
    assert.equal(await b.poll(), false, 'nothing of it was sent');
  }),
);

test('half a message is an error of its own', async () => {
  const listener = await Listener.open(['127.0.0.1', 0]);
  const [host, port] = listener.address as [string, number];
  for (const [bytes, message] of [
    ['0000', 'got end of file during message'],
    ['0000000361', 'got end of file during message'],
  ] as const) {
    const raw = net.connect(port, host);
    const connection = await listener.accept();
    raw.end(Buffer.from(bytes, 'hex'));
    await assert.rejects(connection.recv(), { code: 'ERR_MP_PEER_GONE', message });
    connection.close();
  }
  listener.close();
});

test('a connection that nobody has any more is closed', async () => {
  const kept = await (async () => (await pair())[0])();
  const collect = (await import('node:vm')).runInNewContext.bind(null, 'gc');
  (await import('node:v8')).setFlagsFromString('--expose-gc');
  const gc = collect() as () => void;
  const ended = codeOf(kept.recv(30_000));
  let isOver = false;
  ended.then(() => {
    isOver = true;
  });
  while (!isOver) {
    gc();
    await turn();
  }
  assert.equal(await ended, 'ERR_MP_EOF');
});

test('a program does not stay alive for a connection, but for what waits there', async () => {
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  const program = `
    import { Client, Listener } from 'multiprocess/connection';
    const listener = await Listener.open();
    const client = await Client(listener.address);
    const connection = await listener.accept();
    setTimeout(() => client.sendSync('late'), 50);
    console.log(await connection.recv(), listener.address);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: new URL('.', import.meta.url),
  });
  const [, socket] = stdout.match(/^late (\S+)\n$/)!;
  assert.equal((await import('node:fs')).existsSync(socket!), false, 'the socket is removed at exit');
  await assert.rejects(Client(socket!), { code: 'ERR_MP_ADDRESS' });
});

test('Symbol.dispose closes', async () => {
  const [a, b] = await pair();
  (a as Connection)[Symbol.dispose]();
  assert.ok(a.closed);
  b.close();
});
