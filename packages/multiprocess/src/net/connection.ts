/** What a child of a fork server runs: one connection. */
import type net from 'node:net';
import { leaveFailure } from '../process/internal.ts';
import { dumpsError, loads, registerKnown, tryLoadsSync } from '../transport/index.ts';
import type { Handler } from './options.ts';
import { serve } from './serve.ts';

/** The target of such a child. `program` is the handler, as bytes. */
export async function serveConnection(program: Uint8Array, socket: net.Socket): Promise<void> {
  try {
    const handler = (tryLoadsSync(program)?.value ?? (await loads(program))) as Handler;
    await serve(handler, socket);
  } catch (error) {
    socket.destroy();
    leaveFailure(dumpsError(error));
    throw error;
  }
  // Not simply returning: what the handler has left open (a timer, a connection to somewhere) must not keep the child.
  process.exit();
}

registerKnown('serveConnection', serveConnection);
