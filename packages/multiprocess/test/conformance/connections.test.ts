/** CPython: _test_multiprocessing.py, _TestConnection, _TestPoll and _TestPicklingConnections, for pipes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import net from 'node:net';
import { type Context, Pipe, type PipeConnection, type StartMethod } from 'multiprocess';
import { start } from '../sync/crew.ts';
import { codeOf, conforms, conformsEverywhere, conformsOnce } from './support.ts';

const latin = (text: string) => Buffer.from(text, 'latin1');

conformsEverywhere('_TestConnection', 'test_connection', async ({ way, mp }) => {
  const [conn, childConn] = Pipe();
  const opened = new mp.Event();
  const child = start(way, () => {
    opened.set();
    for (;;) {
      const message = childConn.recvBytesSync();
      if (message.length === 0) return childConn.close();
      childConn.sendBytesSync(message);
    }
  });
  await opened.wait();
  childConn.close();
  const message = latin('hello world');
  await conn.sendBytes(message);
  assert.deepEqual(Buffer.from(await conn.recvBytes()), message);
  const buffer = new Float64Array(10);
  conn.sendBytesSync(new Float64Array([1, 2, 3]));
  assert.equal(conn.recvBytesIntoSync(buffer), 24);
  assert.deepEqual([...buffer.subarray(0, 4)], [1, 2, 3, 0]);
  await conn.sendBytes(new Float64Array([4, 5]));
  assert.equal(await conn.recvBytesInto(buffer, 3 * 8), 16);
  assert.deepEqual([...buffer.subarray(0, 6)], [1, 2, 3, 4, 5, 0]);
  conn.sendBytesSync(Buffer.alloc(100, 'x'));
  assert.throws(
    () => conn.recvBytesIntoSync(buffer),
    (error: any) => {
      assert.deepEqual(
        [error.name, error.code, error.received.length],
        ['BufferTooShortError', 'ERR_MP_MESSAGE_TOO_LONG', 100],
      );
      return true;
    },
  );
  assert.deepEqual([conn.pollSync(), await conn.poll(), conn.pollSync(-1), conn.pollSync(50)], Array(4).fill(false));
  await conn.sendBytes(latin('x'));
  assert.equal(await conn.poll(60_000), true);
  assert.equal((await conn.recvBytes()).length, 1);
  const huge = Buffer.alloc(16 << 20, 'X');
  await conn.sendBytes(huge);
  assert.ok(huge.equals(await conn.recvBytes()));
  await conn.sendBytes(latin('')); // tell the child to quit
  await child.result;
  assert.deepEqual([conn.readable, conn.writable], [true, true]);
  assert.equal(await conn.poll(60_000), true);
  await assert.rejects(conn.recv(), { code: 'ERR_MP_EOF' });
  assert.throws(() => conn.recvBytesSync(), { code: 'ERR_MP_EOF' });
});

conformsOnce('_TestConnection', 'test_duplex_false', async () => {
  const [reader, writer] = Pipe(false);
  writer.sendSync(1);
  assert.equal(reader.recvSync(), 1);
  assert.deepEqual([reader.readable, reader.writable, writer.readable, writer.writable], [true, false, false, true]);
  for (const act of [() => reader.sendSync(2), () => writer.recvSync(), () => writer.pollSync()]) {
    assert.equal(codeOf(act), 'ERR_MP_UNSUPPORTED');
  }
});

conformsEverywhere('_TestConnection', 'test_spawn_close', async ({ way, mp }) => {
  const [conn, childConn] = Pipe<Uint8Array>();
  const opened = new mp.Event();
  const child = start(way, async () => {
    opened.set();
    await childConn.sendBytes(childConn.recvBytesSync());
    childConn.close();
  });
  if (way === 'thread') await opened.wait(); // only a process is known before it runs
  childConn.close();
  conn.sendBytesSync(latin('hello'));
  assert.deepEqual(Buffer.from(conn.recvBytesSync()), latin('hello'));
  conn.close();
  await child.result;
});

conformsOnce('_TestConnection', 'test_sendbytes', async () => {
  const message = latin('abcdefghijklmnopqrstuvwxyz');
  const [a, b] = Pipe();
  const sent = async (...rest: number[]) => {
    await a.sendBytes(message, ...rest);
    return Buffer.from(await b.recvBytes()).toString('latin1');
  };
  assert.equal(await sent(), 'abcdefghijklmnopqrstuvwxyz');
  assert.equal(await sent(5), 'fghijklmnopqrstuvwxyz');
  assert.equal(await sent(7, 8), 'hijklmno');
  assert.equal(await sent(26), '');
  assert.equal(await sent(26, 0), '');
  const wrong: [number[], RegExp][] = [
    [[27], /^buffer length < offset/],
    [[22, 5], /^buffer length < offset \+ size/],
    [[26, 1], /^buffer length < offset \+ size/],
    [[-1], /^offset is negative/],
    [[4, -1], /^size is negative/],
  ];
  for (const [rest, text] of wrong) {
    assert.throws(() => a.sendBytesSync(message, ...rest), { code: 'ERR_MP_INVALID_ARG', message: text });
  }
});

conformsOnce('_TestConnection', 'test_context', () => {
  const [a, b] = Pipe();
  for (const [connection, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (!other.closed) connection.sendSync(1);
    connection[Symbol.dispose]();
    assert.equal(connection.closed, true);
  }
});

conformsOnce('_TestPoll', 'test_empty_string', async () => {
  const [a, b] = Pipe();
  assert.equal(a.pollSync(), false);
  b.sendBytesSync(latin(''));
  assert.deepEqual([a.pollSync(), await a.poll(), a.pollSync(50)], [true, true, true]);
  assert.equal(a.recvBytesSync().length, 0);
  assert.equal(a.pollSync(), false);
});

conformsEverywhere('_TestPoll', 'test_strings', async ({ way }) => {
  const strings = ['hello', '', 'a', 'b', '', 'bye', '', 'lop'];
  const [a, b] = Pipe<string>();
  const child = start(
    way,
    async (all: string[]) => {
      for (const text of all) {
        await b.sendBytes(new TextEncoder().encode(text));
        await b.recv(); // not before it has been seen
      }
    },
    strings,
  );
  for (const text of strings) {
    assert.equal(await a.poll(60_000), true);
    assert.deepEqual([a.pollSync(), a.pollSync()], [true, true]);
    assert.equal(Buffer.from(a.recvBytesSync()).toString(), text);
    assert.equal(a.pollSync(), false);
    a.sendSync('seen');
  }
  await child.result;
});

conformsEverywhere('_TestPoll', 'test_boundaries', async ({ way, mp }) => {
  const [r, w] = Pipe(false);
  const polled = new mp.Event();
  const child = start(way, async () => {
    const seen = [r.pollSync(60_000), await r.poll()];
    polled.set();
    return seen;
  });
  w.sendBytesSync(Buffer.concat([latin('a'.repeat(100)), latin('b'.repeat(100))]));
  w.sendBytesSync(latin('second'));
  await polled.wait();
  assert.equal(r.recvBytesSync().length, 200, 'polling elsewhere took nothing');
  assert.equal(r.recvBytesSync().length, 6);
  assert.deepEqual(await child.result, [true, true]);
});

conformsOnce('_TestPoll', 'test_dont_merge', async () => {
  const [a, b] = Pipe();
  assert.deepEqual([a.pollSync(0), a.pollSync(50)], [false, false]);
  b.sendBytesSync(latin('a'));
  b.sendBytesSync(latin('b'));
  b.sendBytesSync(latin('cd'));
  for (const text of ['a', 'b', 'cd']) {
    assert.equal(a.pollSync(60_000), true);
    assert.equal(Buffer.from(a.recvBytesSync()).toString(), text);
  }
  assert.equal(a.pollSync(), false);
});

conformsEverywhere('_TestPicklingConnections', 'test_pickling', async ({ way }) => {
  const [control, remote] = Pipe<PipeConnection | string>();
  const child = start(way, async () => {
    for await (const connection of remote) {
      (connection as PipeConnection).sendSync((await (connection as PipeConnection).recv()).toUpperCase());
      (connection as PipeConnection).close();
    }
  });
  for (const text of ['This connection uses a pipe', 'and so does that one']) {
    const [here, there] = Pipe<string>();
    await control.send(there);
    there.close();
    await here.send(text);
    assert.equal(await here.recv(), text.toUpperCase());
    await assert.rejects(here.recv(), { code: 'ERR_MP_EOF' });
  }
  control.close();
  await child.result;
});

conforms('TestIgnoreEINTR', 'test_ignore', async ({ mp }) => {
  const [conn, childConn] = Pipe();
  const [ready, big] = [new mp.Event(), 64 * 2 ** 20];
  const child = new mp.Process({
    target: () => {
      process.on('SIGUSR1', () => {});
      ready.set();
      childConn.sendSync(childConn.recvSync()); // interrupted while it waits for a message
      childConn.sendBytesSync(new Uint8Array(big));
      childConn.sendBytesSync(new Uint8Array(big)); // and while it waits for room
    },
  });
  child.start();
  await ready.wait();
  for (let i = 0; i < 10; i++) process.kill(child.pid!, 'SIGUSR1');
  await conn.send(1234);
  assert.equal(await conn.recv(), 1234);
  for (let i = 0; i < 10; i++) process.kill(child.pid!, 'SIGUSR1');
  for (let i = 0; i < 2; i++) assert.equal((await conn.recvBytes()).length, big);
  await child.join();
  assert.equal(child.exitCode, 0);
});

/** What travels is a socket, and with it its descriptor; the child writes to it. */
async function transfer(method: StartMethod, mp: Context, others: number): Promise<void> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const open = Array.from({ length: others }, () => openSync('/dev/null', 'r'));
  const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [net.Socket];
  const [conn, childConn] = Pipe<net.Socket>();
  const child = new mp.Process({
    target: async () => {
      const received = await childConn.recv();
      received.end('bar');
      await once(received, 'close');
    },
  });
  child.start();
  await conn.send(socket);
  const text = await client.setEncoding('utf8').toArray();
  assert.equal(text.join(''), 'bar');
  await child.join();
  assert.equal(child.exitCode, 0, method);
  for (const fd of open) closeSync(fd);
  client.destroy();
  server.close();
}

conforms('_TestConnection', 'test_fd_transfer', ({ mp, method }) => transfer(method, mp, 0));
conforms('_TestConnection', 'test_large_fd_transfer', ({ mp, method }) => transfer(method, mp, 260));
