/**
 * Serves a few connections in the zygote, so that children find Node's streams and sockets compiled: most of what a short
 * connection costs otherwise. Not over TCP: the zygote opens no port.
 */
import type net from 'node:net';
import { makeSocket } from '../descriptor/index.ts';
import { native } from '../native.ts';
import { addToRehearsal } from '../process/internal.ts';
import type { Handler } from './options.ts';
import { serve } from './serve.ts';

const ROUNDS = 6;

addToRehearsal('net', async () => {
  for (let i = 0; i < ROUNDS; i++) for (const handler of HANDLERS) await rehearse(handler);
});

/** The three ways of reading a socket. */
const HANDLERS: Handler[] = [
  async (socket) => {
    for await (const chunk of socket) socket.write(chunk);
  },
  (socket) => {
    socket.on('data', (chunk) => socket.write(chunk));
    socket.on('end', () => socket.end());
  },
  (socket) => void socket.pipe(socket),
];

async function rehearse(handler: Handler): Promise<void> {
  const [near, far] = native.descriptorPair().map(open) as [net.Socket, net.Socket];
  far.resume();
  far.end('x');
  await Promise.all([serve(handler, near), new Promise((resolve) => far.once('close', resolve))]);
}

function open(fd: number): net.Socket {
  const plain = { writable: true, allowHalfOpen: false, encoding: null, isUnref: false, timeout: 0 };
  return makeSocket(fd, { ...plain, unread: undefined });
}
