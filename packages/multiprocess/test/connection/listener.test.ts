/** Listeners: addresses, clients of all sorts, and what is left behind. */
import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, rmdir } from 'node:fs/promises';
import type net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, type Connection, Listener } from 'multiprocess/connection';
import { openProgram } from '../process/support/open-program.ts';
import { until } from '../process/support/procfs.ts';
import { cutOff, frame, raw, reader, verdict } from './support/raw.ts';

const authKey = 'secret';

test('a listener without an address makes a private one, and removes it', async () => {
  const listener = await Listener.open();
  const socket = listener.address as string;
  assert.ok(statSync(socket).isSocket());
  assert.equal(statSync(path.dirname(socket)).mode & 0o777, 0o700);
  listener.close();
  listener.close();
  assert.equal(existsSync(path.dirname(socket)), false);
});

test('sockets of a program that is killed are removed', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'listener-'));
  const given = path.join(folder, 'given');
  const program = openProgram(fileURLToPath(new URL('fixtures/listens.ts', import.meta.url)), { args: [given] });
  const [, own] = await program.printed(/^listens (\S+) /m);
  assert.ok(existsSync(own!) && existsSync(given));
  program.process.kill('SIGKILL');
  await program.exit();
  await until('the sockets to go', () => !existsSync(path.dirname(own!)) && !existsSync(given));
  await rmdir(folder);
});

test('TCP: a free port, and where clients come from', async () => {
  const listener = await Listener.open(null, { family: 'AF_INET' });
  const [host, port] = listener.address as [string, number];
  assert.equal(host, '127.0.0.1');
  assert.equal(listener.lastAccepted, null);
  const client = await Client(listener.address);
  const connection = await listener.accept();
  const [from, fromPort] = listener.lastAccepted as unknown as [string, number];
  assert.equal(from, '127.0.0.1');
  assert.ok(fromPort > 0 && fromPort !== port);
  for (const end of [client, connection, listener]) end.close();
});

test('addresses are checked', async () => {
  for (const [address, options, message] of [
    [3, {}, /^address must be \[host, port\] or the path of a Unix socket, not 3/],
    ['', {}, /^address must be/],
    [['localhost'], {}, /^address must be/],
    [['localhost', 70000], {}, /^port must be an integer up to 65535, not 70000/],
    [[1, 1], {}, /^host must be a string/],
    ['a\0b', {}, /without NUL/],
    ['\\\\.\\test', {}, /^Family AF_PIPE is not recognized\./],
    ['x', { family: 'AF_PIPE' }, /^Family AF_PIPE is not recognized\./],
    ['x', { family: 'AF_INET' }, /fit family AF_INET/],
    [undefined, { backlog: 0 }, /^backlog must be/],
    [undefined, { authkey: 'x' }, /^unknown option 'authkey'; accepted are authKey, /],
    [undefined, { handshakeTimeout: 0 }, /^handshakeTimeout must be/],
    [undefined, { maxMessageSize: -1 }, /^maxMessageSize must be/],
    [undefined, { digest: 'sha1' }, /^digest must be one of md5, sha256/],
  ] as [any, any, RegExp][]) {
    await assert.rejects(Listener.open(address, options), { code: 'ERR_MP_INVALID_ARG', message });
  }
  await assert.rejects(Client(undefined as any), { code: 'ERR_MP_INVALID_ARG' });
  await assert.rejects(Client('x', { backlog: 1 } as any), { code: 'ERR_MP_INVALID_ARG' });
  await assert.rejects(Client('x', { timeout: 'soon' } as any), { code: 'ERR_MP_INVALID_ARG' });
});

test('the system says why nobody can be reached', async () => {
  const is = (code: string) => (error: any) => error.code === 'ERR_MP_ADDRESS' && error.cause.code === code;
  const listener = await Listener.open(['127.0.0.1', 0]);
  listener.close();
  await assert.rejects(Client(listener.address), is('ECONNREFUSED'));
  await assert.rejects(Client('/nonexistent/socket'), is('ENOENT'));
  await assert.rejects(Listener.open('/nonexistent/socket'), is('EACCES'));
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mp-test-'));
  const stale = path.join(folder, 'stale');
  writeFileSync(stale, '');
  await assert.rejects(Listener.open(stale), is('EADDRINUSE'));
  await assert.rejects(Client(stale), is('ECONNREFUSED'));
  assert.ok(existsSync(stale), 'not ours to remove');
  await rm(folder, { recursive: true });
});

test('closing lets go of whoever waits, and of who was not accepted', async () => {
  const listener = await Listener.open(null, { authKey });
  const waiting = assert.rejects(listener.accept(), { code: 'ERR_MP_CLOSED', message: 'listener is closed' });
  const stranger = await raw(listener.address);
  await reader(stranger)();
  const ended = cutOff(stranger);
  listener.close();
  await waiting;
  await ended;
  await assert.rejects(listener.accept(), { code: 'ERR_MP_CLOSED', message: 'listener is closed' });
  const other = await Listener.open();
  const client = await Client(other.address);
  await client.send('nobody takes it');
  other.close();
  await assert.rejects(client.recv(), (error: any) => /ERR_MP_(EOF|PEER_GONE)/.test(error.code));
  client.close();
});

test('accept waits as long as it is told', async () => {
  const listener = await Listener.open();
  await assert.rejects(listener.accept(10), {
    code: 'ERR_MP_TIMEOUT',
    message: 'timed out while waiting for a client',
  });
  await assert.rejects(listener.accept({ signal: AbortSignal.timeout(10) }), { code: 'ERR_MP_CANCELLED' });
  const first = listener.accept();
  const second = listener.accept(60_000);
  const one = await Client(listener.address);
  one.sendSync('one');
  assert.equal(await (await first).recv(), 'one');
  const two = await Client(listener.address);
  two.sendSync('two');
  assert.equal(await (await second).recv(), 'two');
  for (const end of [one, two, await first, await second, listener]) end.close();
});

test('a client that says nothing keeps nobody waiting', async () => {
  const listener = await Listener.open(null, { authKey, handshakeTimeout: 200 });
  const silent = await Promise.all(Array.from({ length: 20 }, () => raw(listener.address)));
  const client = Client(listener.address, { authKey });
  assert.equal(await verdict(listener), 'accepted');
  (await client).close();
  await Promise.all(silent.map(cutOff)); // all are, when their time is over
  assert.match(await verdict(listener), /^no proof within 200 ms/);
  listener.close();
});

test('a client that sends one byte at a time is in time, or is not', async () => {
  const listener = await Listener.open(null, { authKey, handshakeTimeout: 300 });
  const began = performance.now(); // the listener's time begins before we know that we are connected
  const socket = await raw(listener.address);
  socket.resume();
  const answer = frame(`{sha256}${'x'.repeat(32)}`);
  let at = 0;
  const drip = setInterval(() => socket.write(answer.subarray(at, ++at)), 20);
  assert.match(await verdict(listener), /^no proof within 300 ms/);
  clearInterval(drip);
  assert.ok(at < answer.length && performance.now() - began >= 290);
  socket.destroy();
  listener.close();
});

test('more strangers than there is room for: the oldest go, who knows the key gets in', async () => {
  const listener = await Listener.open(null, { authKey, handshakeTimeout: 60_000 });
  const strangers: net.Socket[] = [];
  for (let i = 0; i < 300; i++) strangers.push((await raw(listener.address)).resume());
  const client = Client(listener.address, { authKey });
  assert.equal(await verdict(listener), 'accepted');
  (await client).close();
  const open = strangers.filter((socket) => !socket.closed).length;
  assert.ok(open <= 256, `${open} strangers`);
  for (const socket of strangers) socket.destroy();
  listener.close();
});

test('clients that nobody accepts are not let in without end', async () => {
  const listener = await Listener.open();
  const sockets: net.Socket[] = [];
  for (let i = 0; i < 300; i++) sockets.push(await raw(listener.address));
  await Promise.all(sockets.slice(256).map(cutOff));
  for (let i = 0; i < 256; i++) (await listener.accept(5000)).close();
  for (const socket of sockets) socket.destroy();
  listener.close();
});

test('iteration skips strangers, and ends with close()', async () => {
  const listener = await Listener.open(null, { authKey });
  const served: unknown[] = [];
  const serving = (async () => {
    for await (const connection of listener) {
      served.push(await connection.recv());
      connection.close();
    }
  })();
  for (const n of [1, 2, 3]) {
    const stranger = await raw(listener.address);
    stranger.write(frame('GET / HTTP/1.1'));
    await reader(stranger)();
    stranger.destroy();
    await assert.rejects(Client(listener.address, { authKey: 'wrong' }), { code: 'ERR_MP_AUTH' });
    const client: Connection = await Client(listener.address, { authKey });
    await client.send(n);
    await assert.rejects(client.recv(), { code: 'ERR_MP_EOF' });
    client.close();
  }
  listener.close();
  await serving;
  assert.deepEqual(served, [1, 2, 3]);
});

test('no descriptor is left over', async () => {
  const { readdirSync } = await import('node:fs');
  const count = () => readdirSync('/proc/self/fd').length;
  const once = async () => {
    const listener = await Listener.open(null, { authKey });
    const client = Client(listener.address, { authKey });
    const stranger = await raw(listener.address);
    stranger.end(frame('x'));
    const ends = [await listener.accept().catch(() => listener.accept()), await client];
    for (const end of [...ends, listener]) end.close();
    await cutOff(stranger);
  };
  await once();
  await new Promise(setImmediate);
  const before = count();
  for (let i = 0; i < 20; i++) await once();
  await new Promise(setImmediate);
  assert.ok(count() <= before + 1, `${count()} now, ${before} before`);
});
