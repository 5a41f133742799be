/** A socket in a message: the connection goes on in the other process. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { dumps, loads } from 'multiprocess';
import { inChild } from '../process/support/answer.ts';
import { onEachMethod } from '../process/support/matrix.ts';
import { buffered, everything, tcp, unix } from './support/connections.ts';

const shout = async (socket: net.Socket) => {
  const facts = [socket instanceof net.Socket, socket.remoteAddress ?? null];
  for await (const chunk of socket) socket.write(String(chunk).toUpperCase());
  return facts;
};

onEachMethod(
  'a TCP socket goes on in a child, which sees first what the parent had read and not consumed',
  async ({ method }) => {
    const { client, socket } = await tcp();
    client.write('buffered, ');
    await buffered(socket, 10);
    const answer = inChild(method, shout, [socket]);
    assert.equal(socket.destroyed, true);
    client.end('and more');
    assert.equal(await everything(client), 'BUFFERED, AND MORE');
    assert.deepEqual(await answer, [true, '127.0.0.1']);
  },
);

onEachMethod('a Unix socket goes on in a child', async ({ method }) => {
  const { client, socket } = await unix();
  const answer = inChild(method, shout, [socket]);
  client.end('hello');
  assert.equal(await everything(client), 'HELLO');
  assert.deepEqual(await answer, [true, null]);
});

onEachMethod('sockets may stand anywhere: captured, in a Map, one twice', async ({ method }) => {
  const { client, socket } = await tcp();
  const { client: other, socket: captured } = await tcp();
  const places = new Map([[socket, { same: socket }]]);
  const answer = inChild(method, () => {
    const [[key, value]] = [...places] as [[net.Socket, { same: net.Socket }]];
    key.end('from the map');
    captured.end('captured');
    return key === value.same;
  });
  assert.equal(await everything(client), 'from the map');
  assert.equal(await everything(other), 'captured');
  assert.equal(await answer, true);
});

test('a worker thread gets a socket by dumps() and loads()', async () => {
  const { client, socket } = await tcp();
  const target = (from: net.Socket) => from.end('from a thread');
  const worker = new Worker(new URL('../shared/support/thread.ts', import.meta.url), {
    workerData: dumps([target, [socket]]),
  });
  const exit = once(worker, 'exit');
  assert.equal(await everything(client), 'from a thread');
  await exit;
});

test('half a character that the sender has decoded is not lost, and the encoding travels', async () => {
  const { client, socket } = await tcp();
  socket.setEncoding('utf8');
  const [first, ...rest] = Buffer.from('é');
  client.write(Buffer.from([0x61, first!]));
  await buffered(socket, 1);
  const arrived = (await loads(dumps(socket))) as net.Socket;
  client.end(Buffer.from(rest));
  let text = '';
  for await (const chunk of arrived) {
    assert.equal(typeof chunk, 'string');
    text += chunk;
  }
  assert.equal(text, 'aé');
});

test('what the other end has ended, and what this end has ended, stay so', async () => {
  const { client, socket } = await tcp({ allowHalfOpen: true });
  client.end('last words');
  await buffered(socket, 10);
  const arrived = (await loads(dumps(socket))) as net.Socket;
  assert.equal(await everything(arrived), 'last words');
  assert.equal(arrived.allowHalfOpen, true);
  arrived.end('answer');
  assert.equal(await everything(client), 'answer');

  const half = await tcp({ allowHalfOpen: true });
  half.socket.end('only this');
  await once(half.socket, 'finish');
  const reader = (await loads(dumps(half.socket))) as net.Socket;
  assert.equal(reader.writable, false);
  assert.equal(await everything(half.client), 'only this');
  half.client.end('heard');
  assert.equal(await everything(reader), 'heard');
});

test('a socket that does not keep its program alive does not do so over there', async () => {
  const { socket } = await tcp();
  socket.unref();
  const arrived = (await loads(dumps(socket))) as net.Socket & { _handle: { hasRef(): boolean } };
  assert.equal(arrived._handle.hasRef(), false);
  arrived.destroy();
});

test('a socket that is being read goes over in the midst of it, without a byte lost or twice', async () => {
  const { client, socket } = await tcp();
  const sent = Buffer.alloc(
    4_000_000,
    Uint8Array.from({ length: 251 }, (_, i) => i),
  );
  client.end(sent);
  const parts: Buffer[] = [];
  let current = socket;
  for (let hop = 0; hop < 20; hop++) {
    current.on('data', (chunk) => parts.push(chunk)).resume();
    await once(current, 'data');
    current = (await loads(dumps(current))) as net.Socket;
  }
  for await (const chunk of current) parts.push(chunk);
  assert.ok(Buffer.concat(parts).equals(sent));
});
