/** A listening server in a message: the receiver accepts from then on. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { dumps, loads } from 'multiprocess';
import { inChild, scratchFile } from '../process/support/answer.ts';
import { onEachMethod } from '../process/support/matrix.ts';
import { everything, listening } from './support/connections.ts';

const greetOnce = (server: net.Server) =>
  new Promise((resolve) => {
    server.once('connection', (socket) => {
      socket.end(`hello from ${process.pid}`);
      server.close(() => resolve(process.pid));
    });
  });

onEachMethod('a TCP server goes to a child, and with it the connection that waits', async ({ method }) => {
  const server = await listening({ port: 0, host: '127.0.0.1' });
  const { port } = server.address() as net.AddressInfo;
  const early = net.connect(port, '127.0.0.1'); // accepted by nobody before the server has left: no turn in between
  const answer = inChild(method, greetOnce, [server]);
  assert.equal(server.listening, false);
  const [text, pid] = await Promise.all([everything(early), answer]);
  assert.equal(text, `hello from ${pid}`);
  assert.notEqual(pid, process.pid);
});

onEachMethod('a Unix server goes to a child; its path stays, and goes when the child closes it', async ({ method }) => {
  const path = scratchFile('server');
  const server = await listening({ path });
  const answer = inChild(method, greetOnce, [server]);
  assert.equal(existsSync(path), true);
  const [text, pid] = await Promise.all([everything(net.connect(path)), answer]);
  assert.equal(text, `hello from ${pid}`);
  assert.equal(existsSync(path), false);
});

onEachMethod('an http.Server in a child listens on it', async ({ method }) => {
  const server = await listening({ port: 0, host: '127.0.0.1' });
  const { port } = server.address() as net.AddressInfo;
  const answer = inChild(
    method,
    (from: net.Server) =>
      new Promise<string>((resolve) => {
        const app = http.createServer((request, response) => {
          response.setHeader('connection', 'close').end('served');
          app.close(() => resolve(request.url!));
        });
        app.listen(from);
      }),
    [server],
  );
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/path`)).text(), 'served');
  assert.equal(await answer, '/path');
});

test('options for connections to come travel', async () => {
  const server = await listening({ port: 0, host: '127.0.0.1' }, { allowHalfOpen: true, noDelay: true });
  const { port } = server.address() as net.AddressInfo;
  server.maxConnections = 3;
  server.unref();
  const arrived = (await loads(dumps(server))) as net.Server & { allowHalfOpen: boolean; noDelay: boolean };
  assert.deepEqual([arrived.allowHalfOpen, arrived.noDelay, arrived.maxConnections], [true, true, 3]);
  assert.equal((arrived.address() as net.AddressInfo).port, port);
  arrived.close();
});

test('a Unix server can go on from where it has arrived', async () => {
  const path = scratchFile('server');
  const first = (await loads(dumps(await listening({ path })))) as net.Server;
  const second = (await loads(dumps(first))) as net.Server;
  assert.equal(second.address(), path);
  const connection = net.connect(path);
  second.once('connection', (socket) => socket.end('second'));
  assert.equal(await everything(connection), 'second');
  second.close();
  assert.equal(existsSync(path), false);
});
