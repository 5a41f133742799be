/** A client that speaks no protocol but what the test says. */
import { once } from 'node:events';
import net from 'node:net';
import type { Address, Listener } from 'multiprocess/connection';

export async function raw(address: Address): Promise<net.Socket> {
  const socket = typeof address === 'string' ? net.connect(address) : net.connect(address[1], address[0]);
  socket.on('error', () => {}); // it may be cut off
  await once(socket, 'connect');
  return socket;
}

/** A message as bytes on the wire. */
export function frame(payload: Uint8Array | string): Buffer {
  const bytes = Buffer.from(payload);
  const header = Buffer.alloc(4);
  header.writeInt32BE(bytes.length);
  return Buffer.concat([header, bytes]);
}

/** Reads messages, one per call. */
export function reader(socket: net.Socket): () => Promise<Buffer> {
  const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);
  return async () => {
    for (;;) {
      if (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        const message = rest.subarray(4, 4 + rest.readInt32BE(0));
        rest = rest.subarray(4 + message.length);
        return message;
      }
      const { done, value } = await chunks.next();
      if (done) throw new Error(`the end, after ${rest.length} bytes`);
      rest = Buffer.concat([rest, value]);
    }
  };
}

/** What the next `accept()` says; 'accepted' when it lets somebody in. */
export async function verdict(listener: Listener, timeout = 30_000): Promise<string> {
  return listener.accept(timeout).then(
    (connection) => {
      connection.close();
      return 'accepted';
    },
    (error) => error.message as string,
  );
}

/** Resolves when the other end has cut it off. */
export async function cutOff(socket: net.Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
}
