/** net.Server, listening: it moves with the message. The receiver accepts the connections from then on; none is lost. */
import { linkSync, lstatSync, renameSync, unlinkSync } from 'node:fs';
import net from 'node:net';
import { native } from '../native.ts';
import { onDelivery, registerHandle, type Unsendable } from '../transport/index.ts';
import { drop, keep, type Ticket, take } from './flight.ts';
import { handleOf } from './handle.ts';

/** Options of the server that hold for connections to come. Listeners are the receiver's own business. */
const OPTIONS = ['allowHalfOpen', 'pauseOnConnect', 'noDelay', 'keepAlive', 'keepAliveInitialDelay'] as const;

interface PackedServer {
  ticket: Ticket;
  options: net.ServerOpts;
  maxConnections: number | undefined;
  isUnref: boolean;
  /** Of a Unix socket: the receiver removes it when it closes the server. */
  path: string | undefined;
}

const moved = new WeakSet<net.Server>();

registerHandle<net.Server, PackedServer | undefined>(net.Server, {
  tag: 'net.Server',
  moves: true,
  refusal,
  pack(server) {
    if (!isPlain(server)) return undefined;
    const handle = handleOf(server)!;
    const ticket = keep(handle.fd!);
    const path = pathOf(server);
    const values = server as unknown as Record<(typeof OPTIONS)[number], never>;
    moved.add(server);
    onDelivery({
      sent: () => closeKeepingPath(server, path),
      refused() {
        moved.delete(server);
        drop(ticket);
      },
    });
    return {
      ticket,
      options: Object.fromEntries(OPTIONS.map((name) => [name, values[name]])),
      maxConnections: server.maxConnections,
      isUnref: !handle.hasRef(),
      path,
    };
  },
  unpack(packed) {
    const { ticket, options, maxConnections, isUnref, path } = packed!;
    const server = net.createServer(options);
    if (maxConnections !== undefined) server.maxConnections = maxConnections;
    listenOn(server, take(ticket, 'server'), path);
    if (isUnref) server.unref();
    return server;
  },
});

/** Has a server accept from a descriptor that listens already. It owns that, and the path of a Unix socket, if told. */
export function listenOn(server: net.Server, fd: number, path?: string): void {
  server.listen({ fd, exclusive: true }); // not by way of node:cluster
  if (path === undefined) return;
  (server as unknown as { _pipeName: string })._pipeName = path; // what address() says
  const inode = inodeOf(path);
  server.once('close', () => {
    if (inode !== undefined && inodeOf(path) === inode) unlinkSync(path);
  });
}

/** A copy of the descriptor that a server listens on; the server is closed. A Unix socket keeps its path. */
export function detach(server: net.Server): number {
  const fd = native.descriptorCopy(handleOf(server)!.fd!);
  closeKeepingPath(server, pathOf(server));
  return fd;
}

/** The file of a Unix socket; undefined for TCP, and for abstract sockets, which have none. */
export function pathOf(server: net.Server): string | undefined {
  const address = server.address();
  return typeof address === 'string' && address !== '' && !address.startsWith('\0') ? address : undefined;
}

export function inodeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}

/** Closing a Unix server removes its file: another name keeps that alive, and takes its place again at once. */
function closeKeepingPath(server: net.Server, path: string | undefined): void {
  const spare = path && spareName(path);
  server.close();
  if (spare) renameSync(spare, path);
}

function spareName(path: string): string | undefined {
  const spare = `${path}.${process.pid}`;
  try {
    linkSync(path, spare);
    return spare;
  } catch {
    return undefined; // the path has been removed, or its folder is not ours to write: nothing that can be kept
  }
}

/** An http.Server, say, carries more than a descriptor. */
const isPlain = (server: net.Server): boolean => Object.getPrototypeOf(server) === net.Server.prototype;

function refusal(server: net.Server): Unsendable | undefined {
  if (!isPlain(server)) {
    return {
      reason: `of class ${server.constructor.name}, whose handlers are code of this process`,
      hint: 'listen with a plain net.Server, send that, and let one that is made in the other process listen on it: http.createServer(…).listen(server)',
    };
  }
  if (moved.has(server)) return { reason: 'which has been sent already', hint: 'a server is in one process at a time' };
  if (!server.listening) {
    return {
      reason: 'which is not listening',
      hint: "wait for it, await once(server, 'listening'); or create it inside the function",
    };
  }
  if (!handleOf(server)) {
    return {
      reason: 'which listens in another process (node:cluster)',
      hint: 'listen with { exclusive: true }',
    };
  }
  return undefined;
}
