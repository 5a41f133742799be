/** A process per connection. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import type net from 'node:net';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { Event, getContext, Value } from 'multiprocess';
import { forkServer } from 'multiprocess/net';
import { header, table } from '../../dist/memory/index.js';
import { scratchFile } from '../process/support/answer.ts';
import { onEachMethod } from '../process/support/matrix.ts';
import { allProcesses, isOurZombie, runs, until } from '../process/support/procfs.ts';
import { keeperPid } from '../shared/support/keeper.ts';
import { connect, heard, talk } from './support/client.ts';

const host = '127.0.0.1';
const shout = async (socket: net.Socket) => {
  for await (const chunk of socket) socket.write(String(chunk).toUpperCase());
};
const descriptors = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;
const zygotePid = () => table.pid(header.load('zygote') - 1);

onEachMethod('each connection has a process of its own, with a real socket', async ({ mp }) => {
  const greeting = 'you are';
  const server = await forkServer(
    async (socket) => void socket.end(`${process.pid} ${greeting} ${socket.remoteAddress}`),
    { host, context: mp },
  );
  assert.ok(server.port! > 0);
  assert.deepEqual(server.address, { address: host, family: 'IPv4', port: server.port });
  const answers = await Promise.all([1, 2, 3].map(() => talk(server, '')));
  for (const answer of answers) assert.match(answer, /^\d+ you are 127\.0\.0\.1$/);
  assert.equal(new Set([...answers, String(process.pid)]).size, 4);
  assert.equal(await server.close(), true);
  assert.equal(server.connections, 0);
});

const SEQUENTIAL = process.env.MP_TEST === 'full' ? 1000 : 200;

test(`${SEQUENTIAL} connections one after another and 200 at once are all answered; nothing remains`, {
  timeout: 300_000,
}, async () => {
  const server = await forkServer(shout, { host });
  const early = 2 * availableParallelism(); // forked while the zygote warms up, which changes its descriptors
  for (let i = 0; i <= early; i++) assert.equal(await talk(server, `first ${i}`), `FIRST ${i}`);
  await until('the first to end', () => server.connections === 0);
  const count = () => [process.pid, zygotePid(), keeperPid()!].map(descriptors);
  const before = count();
  for (let i = 0; i < SEQUENTIAL; i++) assert.equal(await talk(server, `hello ${i}`), `HELLO ${i}`);
  const many = await Promise.all(Array.from({ length: 200 }, (_, i) => talk(server, `many ${i}`)));
  assert.deepEqual(
    many,
    Array.from({ length: 200 }, (_, i) => `MANY ${i}`),
  );
  await until('all processes to end', () => server.connections === 0);
  assert.deepEqual(
    allProcesses().filter((row) => isOurZombie(row) && row.parent === zygotePid()),
    [],
  );
  await until('descriptors to be closed', () => count().join() === before.join()).catch(() => {
    assert.deepEqual(count(), before);
  });
  await server.close();
});

test('spawned processes serve, too: 20 connections', async () => {
  const server = await forkServer(shout, { host, context: getContext('spawn'), maxProcesses: 4 });
  const many = await Promise.all(Array.from({ length: 20 }, (_, i) => talk(server, `spawned ${i}`)));
  assert.deepEqual(
    many,
    Array.from({ length: 20 }, (_, i) => `SPAWNED ${i}`),
  );
  await server.close();
});

onEachMethod('a handler that throws, or is killed, takes only its own connection along', async ({ mp }) => {
  const errors: (Error & { code?: string; pid?: number; signal?: string })[] = [];
  const server = await forkServer(
    async (socket) => {
      for await (const chunk of socket) {
        if (String(chunk) === 'throw') throw new RangeError('thrown by the handler');
        if (String(chunk) === 'die') process.kill(process.pid, 'SIGKILL');
        socket.write(`${process.pid}`);
      }
    },
    { host, context: mp, onError: (error) => errors.push(error) },
  );
  const other = await connect(server);
  other.write('pid');
  await heard(other);

  assert.equal(await talk(server, 'throw'), '');
  await until('the error', () => errors.length === 1);
  assert.ok(errors[0] instanceof RangeError);
  assert.equal(errors[0].message, 'thrown by the handler');

  assert.equal(await talk(server, 'die'), '');
  await until('the death', () => errors.length === 2);
  const { code, signal, message } = errors[1]!;
  assert.deepEqual([code, signal], ['ERR_MP_WORKER_DIED', 'SIGKILL']);
  assert.match(
    message,
    /^worker Connection-\d+ \(pid \d+\) was ended by SIGKILL while it ran the handler of a connection from 127/,
  );

  other.write('pid');
  assert.match(await heard(other), /^\d+$/);
  other.end();
  await server.close();
  assert.equal(errors.length, 2);
});

test('at most maxProcesses serve at a time, the others wait their turn', async () => {
  const running = new Value('i32');
  const most = new Value('i32');
  const go = new Event();
  const server = await forkServer(
    async (socket) => {
      const now = running.add(1) as unknown as number;
      most.update((before) => Math.max(before, now));
      await go.wait();
      running.add(-1);
      socket.end('done');
    },
    { host, maxProcesses: 3 },
  );
  const answers = Array.from({ length: 10 }, () => talk(server, ''));
  await until('all to be accepted', () => server.connections === 10);
  await until('three to run', () => running.value === 3);
  assert.equal(server.pids.length, 3);
  go.set();
  assert.deepEqual(await Promise.all(answers), Array(10).fill('done'));
  await server.close();
  assert.ok(most.value <= 3, `${most.value} at once`);
});

test('close() refuses new connections, serves those that were accepted, and resolves', async () => {
  const go = new Event();
  const server = await forkServer(
    async (socket) => {
      await go.wait();
      socket.end('served');
    },
    { host, maxProcesses: 1 },
  );
  const answers = [talk(server, ''), talk(server, '')];
  await until('both to be accepted', () => server.connections === 2);
  const closing = server.close();
  await assert.rejects(connect(server), { code: 'ECONNREFUSED' });
  go.set();
  assert.deepEqual(await Promise.all(answers), ['served', 'served']);
  assert.equal(await closing, true);
  assert.equal(await server.close(), true);
});

test('close({ timeout }) ends who does not come to an end; terminate() does so at once', async () => {
  const handler = (socket: net.Socket) => {
    process.on('SIGTERM', () => {}); // has to be killed
    socket.write('here');
  };
  for (const end of ['close', 'terminate'] as const) {
    const server = await forkServer(handler, { host, onError: assert.fail });
    const socket = await connect(server);
    await heard(socket);
    const [pid] = server.pids;
    if (end === 'close') assert.equal(await server.close({ timeout: 10 }), false);
    else await server.terminate();
    assert.equal(runs(pid!), false);
    socket.destroy();
  }
});

test('a handler without a promise is done when its socket has closed; what it leaves open does not keep the process', async () => {
  const server = await forkServer(
    (socket) => {
      setInterval(() => {}, 1000);
      socket.pipe(socket);
    },
    { host },
  );
  const socket = await connect(server);
  for (const text of ['a', 'b']) {
    socket.write(text);
    assert.equal(await heard(socket), text);
  }
  socket.end();
  await once(socket.resume(), 'close');
  await server.close();
});

test('all that a handler has written arrives, although it returns at once and the client has sent what nobody reads', async () => {
  const size = 3_000_000;
  const server = await forkServer(async (socket) => void socket.write(Buffer.alloc(size)), { host });
  const socket = await connect(server);
  socket.write(Buffer.alloc(100_000));
  let received = 0;
  for await (const chunk of socket) received += (chunk as Buffer).length;
  assert.equal(received, size);
  await server.close();
});

test('a handler may answer after it has read all, or left the loop', async () => {
  const size = 3_000_000;
  const server = await forkServer(
    async (socket) => {
      for await (const chunk of socket) {
        socket.write('x'.repeat(size));
        if (String(chunk) === 'stop') break;
      }
      socket.write('after');
    },
    { host, onError: assert.fail },
  );
  for (const text of ['go', 'stop']) {
    const answer = await talk(server, text);
    assert.equal(answer.length, size + 5);
    assert.ok(answer.endsWith('xafter'));
  }
  await server.close();
});

test('a client that resets its connection is no trouble for anybody else', async () => {
  const server = await forkServer((socket) => void socket.pipe(socket), { host, onError: assert.fail });
  for (let i = 0; i < 5; i++) {
    const socket = await connect(server);
    socket.write('x');
    if (i % 2 === 0) await heard(socket);
    socket.resetAndDestroy();
  }
  assert.equal(await talk(server, 'fine'), 'fine');
  await server.close();
});

test('on a Unix socket, whose file goes with the server', async () => {
  const path = scratchFile('server');
  const server = await forkServer(shout, { path });
  assert.deepEqual([server.address, server.port], [path, undefined]);
  assert.equal(await talk(server, 'hello'), 'HELLO');
  await server.close();
  assert.equal(existsSync(path), false);
});

test('bad input is refused, and a port that is taken', async () => {
  const bad = (options: object, message: RegExp, handler: unknown = shout) =>
    assert.rejects(forkServer(handler as never, options), { code: 'ERR_MP_INVALID_ARG', message });
  await bad({}, /handler must be a function, not 7/, 7);
  await bad({ maxProcesses: 0 }, /maxProcesses must be a positive whole number, not 0/);
  await bad({ port: 70_000 }, /port must be a whole number from 0 to 65535, not 70000/);
  await bad({ path: '/x', port: 1 }, /not on both/);
  await bad({ workers: 2 }, /unknown option 'workers'; accepted are host, port, /);
  await bad({ context: {} }, /context must be a context/);
  const server = await forkServer(shout, { host });
  await assert.rejects(forkServer(shout, { host, port: server.port! }), { code: 'EADDRINUSE' });
  await assert.rejects(server.close({ timeout: Number.NaN }), { code: 'ERR_MP_INVALID_ARG' });
  await server.close();
  const promise = Promise.resolve();
  await assert.rejects(
    forkServer(() => promise, { host }),
    { code: 'ERR_MP_CAPTURE', message: /^cannot send 'promise'/ },
  );
});
