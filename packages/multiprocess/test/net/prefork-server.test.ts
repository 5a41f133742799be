/** Several processes on one port. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type net from 'node:net';
import { test } from 'node:test';
import { Event, Value } from 'multiprocess';
import { preforkServer } from 'multiprocess/net';
import { scratchFile } from '../process/support/answer.ts';
import { onEachMethod } from '../process/support/matrix.ts';
import { runs, until } from '../process/support/procfs.ts';
import { connect, heard, talk } from './support/client.ts';

const host = '127.0.0.1';
const shout = async (socket: net.Socket) => {
  for await (const chunk of socket) socket.write(String(chunk).toUpperCase());
};

onEachMethod('workers accept on one port, many connections each; all are answered', async ({ mp }) => {
  const served = new Value('i32');
  const server = await preforkServer(
    async (socket) => {
      for await (const chunk of socket) socket.write(String(chunk).toUpperCase());
      served.add(1);
    },
    { workers: 2, host, context: mp },
  );
  assert.equal(server.pids.length, 2);
  for (let i = 0; i < 100; i++) assert.equal(await talk(server, `hello ${i}`), `HELLO ${i}`);
  const many = await Promise.all(Array.from({ length: 200 }, (_, i) => talk(server, `many ${i}`)));
  assert.deepEqual(
    many,
    Array.from({ length: 200 }, (_, i) => `MANY ${i}`),
  );
  assert.equal(await server.close(), true);
  assert.equal(served.value, 300);
  assert.equal(server.connections, 0);
});

test('a worker that dies is replaced; connections that wait to be accepted are not lost', async () => {
  const errors: (Error & { code?: string })[] = [];
  const server = await preforkServer(
    async (socket) => {
      for await (const chunk of socket) {
        if (String(chunk) === 'die') process.kill(process.pid, 'SIGKILL');
        socket.write(`${process.pid}`);
      }
    },
    { workers: 1, host, onError: (error) => errors.push(error) },
  );
  const [first] = server.pids;
  process.kill(first!, 'SIGSTOP');
  const waiting = talk(server, 'pid'); // in the kernel's queue: nobody accepts it
  process.kill(first!, 'SIGKILL');
  const second = Number(await waiting);
  assert.deepEqual(server.pids, [second]);
  assert.notEqual(second, first);
  assert.equal(await talk(server, 'die'), '');
  await until('another worker', () => server.pids.length === 1 && server.pids[0] !== second);
  assert.match(await talk(server, 'pid'), /^\d+$/);
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['ERR_MP_WORKER_DIED', 'ERR_MP_WORKER_DIED'],
  );
  await server.close();
});

test('a handler that throws ends its own connection only, and onError gets the error', async () => {
  const errors: Error[] = [];
  const server = await preforkServer(
    async (socket) => {
      for await (const chunk of socket) {
        if (String(chunk) === 'throw') throw new RangeError('thrown by the handler');
        socket.write(`${process.pid}`);
      }
    },
    { workers: 1, host, onError: (error) => errors.push(error) },
  );
  const other = await connect(server);
  other.write('pid');
  const pid = await heard(other);
  assert.equal(await talk(server, 'throw'), '');
  await until('the error', () => errors.length === 1);
  assert.ok(errors[0] instanceof RangeError);
  other.write('pid');
  assert.equal(await heard(other), pid);
  assert.equal(server.connections, 1);
  other.end();
  await server.close();
});

test('close() lets workers finish; with a timeout it ends them', async () => {
  const go = new Event();
  const handler = async (socket: net.Socket) => {
    socket.write('begun ');
    await go.wait();
    socket.end('served');
  };
  const server = await preforkServer(handler, { workers: 2, host });
  const socket = await connect(server);
  assert.equal(await heard(socket), 'begun ');
  const closing = server.close();
  await until('the port to be closed', () =>
    connect(server).then(
      (late) => !late.destroy(),
      () => true,
    ),
  );
  go.set();
  assert.equal(await heard(socket), 'served');
  assert.equal(await closing, true);

  go.clear();
  const stuck = await preforkServer(handler, { workers: 1, host, onError: assert.fail });
  const other = await connect(stuck);
  await heard(other);
  const [pid] = stuck.pids;
  assert.equal(await stuck.close({ timeout: 10 }), false);
  assert.equal(runs(pid!), false);
  other.destroy();
});

test('on a Unix socket, whose file goes with the server', async () => {
  const path = scratchFile('server');
  const server = await preforkServer(shout, { workers: 2, path });
  assert.deepEqual([server.address, server.port], [path, undefined]);
  assert.equal(await talk(server, 'hello'), 'HELLO');
  await server.close();
  assert.equal(existsSync(path), false);
});

test('a worker that cannot begin has preforkServer fail, and bad input is refused', async () => {
  const missing = '/no/such/file';
  const begins = new Value('i32');
  class Handler {
    [Symbol.for('multiprocess.reduce')]() {
      return [fail, [missing]];
    }
  }
  const fail = (file: string) => {
    begins.add(1);
    throw new RangeError(`there is no ${file}`);
  };
  const handler = Object.assign((socket: net.Socket) => socket.end(), { needs: new Handler() });
  await assert.rejects(preforkServer(handler, { workers: 2, host }), RangeError);
  assert.ok(begins.value > 0);
  await assert.rejects(preforkServer(shout, { workers: 1.5 }), { code: 'ERR_MP_INVALID_ARG' });
  await assert.rejects(preforkServer(shout, { maxProcesses: 2 } as {}), /unknown option 'maxProcesses'/);
});
