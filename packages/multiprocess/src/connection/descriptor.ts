/** Takes a connected socket over from Node. */
import type net from 'node:net';
import { peerGone } from '../channel/index.ts';
import type { Settings } from './options.ts';
import { SocketConnection } from './socket-connection.ts';

/** A connection over the same socket. Node's object is to be destroyed: it has read nothing, because it was paused. */
export function takeSocket(socket: net.Socket, { codec, maxMessageSize }: Settings): SocketConnection {
  socket.setNoDelay(true); // each write is a whole message: nothing is gained by waiting for more
  const { fd } = (socket as unknown as { _handle: { fd?: number } | null })._handle ?? {};
  if (fd === undefined || fd < 0) throw peerGone();
  return new SocketConnection(fd, codec, maxMessageSize);
}
