/** What cannot be sent, and that nothing happens to it then. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';
import { dumps, loads, Process } from 'multiprocess';
import { onEachMethod } from '../process/support/matrix.ts';
import { buffered, everything, listening, tcp } from './support/connections.ts';

function refused(value: unknown, message: RegExp): void {
  assert.throws(() => dumps(value), { code: 'ERR_MP_CAPTURE', message });
}

test('a socket that is not open is refused, with the reason', async () => {
  refused(new net.Socket(), /^cannot send 'value' \(net\.Socket\)[\s\S]*not connected/);
  const { client, socket } = await tcp();
  socket.destroy();
  refused([socket], /cannot send 'value\[0\]' \(net\.Socket\)[\s\S]*which is closed/);
  await once(client.resume(), 'close');
  const server = await listening({ port: 0 });
  const connecting = net.connect((server.address() as net.AddressInfo).port);
  refused(connecting, /still connecting[\s\S]*'connect'/);
  await once(connecting, 'connect');
  connecting.destroy();
  server.close();
});

test('a socket is sent once', async () => {
  const { socket } = await tcp();
  const message = dumps(socket);
  refused(socket, /which has been sent already/);
  const arrived = (await loads(message)) as net.Socket;
  arrived.destroy();
  await assert.rejects(loads(message), { code: 'ERR_MP_BAD_HANDLE', message: /can be read once/ });
});

test('a socket with bytes that are not written yet is refused, and keeps them', async () => {
  const { client, socket } = await tcp();
  socket.cork();
  socket.write('later');
  refused(socket, /5 bytes that are not written yet/);
  socket.uncork();
  socket.end();
  assert.equal(await everything(client), 'later');

  const full = await tcp();
  full.client.pause();
  while (full.socket.write(Buffer.alloc(1 << 20)));
  refused(full.socket, /not written yet/);
  full.socket.destroy();
});

test('a TLS socket, the socket of an HTTP request and a subclass are refused', async () => {
  const { socket } = await tcp();
  refused(new tls.TLSSocket(socket), /state of this process \(TLS\)/);

  const server = http.createServer((request, response) => {
    refused(request.socket, /which an HTTP connection of this process uses/);
    response.end('refused');
  });
  await once(server.listen(0), 'listening');
  const response = await fetch(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}`);
  assert.equal(await response.text(), 'refused');
  refused(server, /of class Server, whose handlers are code of this process/);
  server.closeAllConnections();
  server.close();

  class Mine extends net.Socket {}
  refused(new Mine(), /through class Mine/);
});

test('a server that does not listen is refused', async () => {
  refused(net.createServer(), /^cannot send 'value' \(net\.Server\)[\s\S]*which is not listening/);
});

onEachMethod('when start() fails, its sockets and servers are as they were', async ({ mp }) => {
  const { client, socket } = await tcp();
  const server = await listening({ port: 0, host: '127.0.0.1' });
  const heard: string[] = [];
  client.write('one');
  await buffered(socket, 3);
  const unsendable = Promise.resolve();
  const child = new mp.Process({ target: (...args: unknown[]) => args.length, args: [socket, server, unsendable] });
  assert.throws(() => child.start(), { code: 'ERR_MP_CAPTURE', message: /args\[2\]/ });

  socket.on('data', (chunk) => heard.push(String(chunk))).resume();
  client.write('two');
  while (heard.join('') !== 'onetwo') await once(socket, 'data');
  socket.write('still here');
  assert.equal(String((await once(client, 'data'))[0]), 'still here');
  const { port } = server.address() as net.AddressInfo;
  const visitor = net.connect(port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [net.Socket];
  accepted.destroy();
  visitor.destroy();
  socket.destroy();
  server.close();

  // What was flowing flows on.
  const flowing = await tcp();
  let text = '';
  flowing.socket
    .on('data', (chunk) => {
      text += chunk;
    })
    .resume();
  const other = new mp.Process({ target: (...args: unknown[]) => args.length, args: [flowing.socket, unsendable] });
  assert.throws(() => other.start(), { code: 'ERR_MP_CAPTURE' });
  flowing.client.end('flows');
  await once(flowing.socket, 'close');
  assert.equal(text, 'flows');
});

test('an error does not take a socket along', async () => {
  const { client, socket } = await tcp();
  const error = Object.assign(new Error('lost'), { socket, port: 7 });
  const arrived = (await loads(dumps({ error }))) as { error: Error & { socket?: unknown; port: number } };
  assert.equal(arrived.error.port, 7);
  assert.equal('socket' in arrived.error, false);
  socket.end('mine');
  assert.equal(await everything(client), 'mine');
});

test('a process object that is never started takes nothing', async () => {
  const { client, socket } = await tcp();
  new Process({ target: (s: net.Socket) => s.end(), args: [socket] });
  socket.end('mine');
  assert.equal(await everything(client), 'mine');
});
