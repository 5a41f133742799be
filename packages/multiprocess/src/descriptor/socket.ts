/** net.Socket, TCP and Unix: it moves with the message, and arrives as a net.Socket on the same connection. */
import net from 'node:net';
import { onDelivery, registerHandle, type Unsendable } from '../transport/index.ts';
import { drop, keep, type Ticket, take } from './flight.ts';
import { handleOf } from './handle.ts';
import { takeUnread, type Unread } from './unread.ts';

interface PackedSocket {
  ticket: Ticket;
  /** What the sender had read from the kernel, and nobody from the sender. */
  unread: Uint8Array | undefined;
  /** False: the sender has ended its side; what the other end still says can be read. */
  writable: boolean;
  allowHalfOpen: boolean;
  encoding: BufferEncoding | null;
  isUnref: boolean;
  timeout: number;
}

const moved = new WeakSet<net.Socket>();

registerHandle<net.Socket, PackedSocket | undefined>(net.Socket, {
  tag: 'net.Socket',
  moves: true,
  refusal,
  pack(socket) {
    if (!isPlain(socket)) return undefined;
    const unread = takeUnread(socket);
    const ticket = tryKeep(socket, unread);
    const isUnref = !handleOf(socket)!.hasRef();
    moved.add(socket);
    onDelivery({
      // No shutdown(2): the connection stays open, because the broker has it, too.
      sent: () => socket.destroy(),
      refused() {
        moved.delete(socket);
        drop(ticket);
        unread.restore();
      },
    });
    return {
      ticket,
      unread: unread.bytes,
      writable: !socket.writableFinished,
      allowHalfOpen: socket.allowHalfOpen,
      encoding: socket.readableEncoding,
      isUnref,
      timeout: socket.timeout ?? 0,
    };
  },
  unpack: (packed) => makeSocket(take(packed!.ticket, 'socket'), packed!),
});

/** A socket over a descriptor, which it owns, as its sender had it. */
export function makeSocket(fd: number, packed: Omit<PackedSocket, 'ticket'>): net.Socket {
  const { unread, writable, allowHalfOpen, encoding, isUnref, timeout } = packed;
  const socket = new net.Socket({ fd, readable: true, writable, allowHalfOpen });
  if (unread) socket.unshift(unread);
  if (encoding) socket.setEncoding(encoding);
  if (isUnref) socket.unref();
  if (timeout > 0) socket.setTimeout(timeout);
  return socket;
}

/** Subclasses carry more than a connection. */
const isPlain = (socket: net.Socket): boolean => Object.getPrototypeOf(socket) === net.Socket.prototype;

function tryKeep(socket: net.Socket, unread: Unread): Ticket {
  try {
    return keep(handleOf(socket)!.fd!);
  } catch (error) {
    unread.restore();
    throw error;
  }
}

function refusal(socket: net.Socket): Unsendable | undefined {
  const { encrypted, parser } = socket as { encrypted?: boolean; parser?: unknown };
  if (encrypted) {
    return {
      reason: 'whose encryption is state of this process (TLS)',
      hint: 'send the plain socket before the handshake, and make the tls.TLSSocket over it in the other process',
    };
  }
  if (!isPlain(socket)) return undefined;
  if (moved.has(socket)) {
    return { reason: 'which has been sent already', hint: 'a socket is in one process at a time' };
  }
  if (socket.connecting) {
    return { reason: 'which is still connecting', hint: "wait for it: await once(socket, 'connect')" };
  }
  if (socket.destroyed) {
    return { reason: 'which is closed', hint: 'send it while it is open' };
  }
  if (!handleOf(socket)) {
    return { reason: 'which is not connected', hint: 'connect it first, or let the other process do so' };
  }
  if (parser) {
    return {
      reason: 'which an HTTP connection of this process uses',
      hint: "send the server, or sockets of a net.Server: there, http.createServer(…).emit('connection', socket) serves one",
    };
  }
  if (socket.writableLength > 0 || (handleOf(socket)!.writeQueueSize ?? 0) > 0) {
    return {
      reason: `with ${socket.writableLength} bytes that are not written yet`,
      hint: 'wait for them: await new Promise((resolve) => socket.write(data, resolve))',
    };
  }
  if (socket.writableEnded && !socket.writableFinished) {
    return { reason: 'which is just being ended', hint: "wait for it: await once(socket, 'finish')" };
  }
  return undefined;
}
