/** A listening socket, as the options say. */
import { once } from 'node:events';
import net from 'node:net';
import type { ServerOptions } from './options.ts';

/** Resolves once it listens; rejects with the system's error (`EADDRINUSE`, `EACCES`, …). Nothing is accepted before a later turn. */
export async function listen(options: ServerOptions): Promise<net.Server> {
  const { host, port = 0, path, backlog, allowHalfOpen = false, noDelay = false } = options;
  // Whoever is to serve a connection reads from it, not we.
  const server = net.createServer({ allowHalfOpen, noDelay, pauseOnConnect: true });
  const place = path === undefined ? { port, ...(host !== undefined && { host }) } : { path };
  server.listen({ ...place, ...(backlog !== undefined && { backlog }), exclusive: true });
  await once(server, 'listening');
  return server;
}

/** Where it listens, for good: also after it has been closed. */
export class Place {
  /** As of `net.Server.address()`: `{ address, family, port }`, or the path of a Unix socket. */
  readonly address: net.AddressInfo | string;

  constructor(server: net.Server) {
    this.address = server.address()!;
  }

  /** The port; undefined for a Unix socket. */
  get port(): number | undefined {
    return typeof this.address === 'string' ? undefined : this.address.port;
  }
}
