/** One connection, from the handler's first line to the last byte. */
import type net from 'node:net';
import type { Handler } from './options.ts';

/** When the other end goes on sending what nobody reads, the connection is closed after this long, in ms. */
const LINGER = 1000;

/**
 * Resolves when the connection is over; rejects with what the handler throws, and the connection is closed then.
 *
 * A handler that returns a promise is done when that settles: the socket is ended then, if it still is open, and flushed, and not
 * before because the other end has ended its side. One that returns anything else has attached its listeners, and is done when
 * the socket has closed.
 */
export async function serve(handler: Handler, socket: net.Socket): Promise<void> {
  // A client that goes away without a word is no error of ours: who waits for the socket learns of it.
  socket.on('error', () => {});
  keepAfterIteration(socket);
  try {
    const result = handler(socket);
    if (!isThenable(result)) return await closed(socket);
    // It says itself when the conversation is over: a client that has ended its side waits for the answer.
    socket.allowHalfOpen = true;
    await result;
  } catch (error) {
    socket.destroy();
    throw error;
  }
  await finish(socket);
}

/**
 * In Node 22 and 26, `for await` over a socket destroys it at the end, with all that it has not written yet. Here the
 * connection is over when the handler is.
 */
function keepAfterIteration(socket: net.Socket): void {
  Object.defineProperty(socket, Symbol.asyncIterator, {
    configurable: true,
    writable: true,
    value: () => socket.iterator({ destroyOnReturn: false }),
  });
}

async function finish(socket: net.Socket): Promise<void> {
  if (socket.destroyed) return;
  // A close(2) with bytes that nobody has read resets the connection, and with it what is on the way to the other end.
  let timer: NodeJS.Timeout | undefined;
  socket.end(() => {
    timer = setTimeout(() => socket.destroy(), LINGER);
    socket.resume();
  });
  await closed(socket);
  clearTimeout(timer);
}

function closed(socket: net.Socket): Promise<void> | undefined {
  return socket.closed ? undefined : new Promise((resolve) => socket.once('close', () => resolve()));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
}
