/** Connections between two sockets of this process; what is left open at the end of the test file is closed. */
import { once } from 'node:events';
import net from 'node:net';
import { after } from 'node:test';
import { scratchFile } from '../../process/support/answer.ts';

export interface Pair {
  /** Stays here. */
  client: net.Socket;
  /** The accepted end, paused: the one to send. */
  socket: net.Socket;
}

const servers = new Map<string, Promise<net.Server>>();
const open = new Set<net.Socket>();
after(async () => {
  for (const socket of open) socket.destroy();
  for (const server of servers.values()) (await server).close();
});

export async function listening(options: net.ListenOptions, more: net.ServerOpts = {}): Promise<net.Server> {
  const server = net.createServer(more).listen(options);
  await once(server, 'listening');
  return server;
}

export const tcp = (more: net.ServerOpts = {}): Promise<Pair> => pair({ port: 0, host: '127.0.0.1' }, more);

export const unix = (): Promise<Pair> => pair({ path: scratchFile('socket') }, {});

async function pair(options: net.ListenOptions, more: net.ServerOpts): Promise<Pair> {
  const key = JSON.stringify([Object.keys(options), more]);
  if (!servers.has(key)) servers.set(key, listening(options, { allowHalfOpen: false, pauseOnConnect: true, ...more }));
  const server = await servers.get(key)!;
  const address = server.address()!;
  const place = typeof address === 'string' ? { path: address } : { port: address.port, host: address.address };
  const client = net.connect({ ...place, allowHalfOpen: more.allowHalfOpen ?? false });
  open.add(client.on('error', () => {}));
  const [[socket]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [
    [net.Socket],
    unknown,
  ];
  open.add(socket.on('error', () => {}));
  return { client, socket };
}

/** All that comes until the other end ends its side, or the connection is over. Leaves this side as it is. */
export function everything(socket: net.Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk)).resume();
  return new Promise((resolve) => {
    const done = () => resolve(Buffer.concat(chunks).toString());
    socket.once('end', done).once('close', done);
  });
}

/** Has the socket read what has been sent to it into its buffer, and nothing more. */
export async function buffered(socket: net.Socket, bytes: number): Promise<void> {
  socket.pause();
  while (socket.readableLength < bytes) {
    socket.read(0);
    if (socket.readableLength < bytes) await once(socket, 'readable');
  }
}
