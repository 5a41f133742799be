/** Waiting for clients at an address. CPython: `multiprocessing.connection.Listener`. */
import net from 'node:net';
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { type WaitOptions, waitOptions } from '../timeout.ts';
import { type Address, addressError, checkAddress, type Family, netOptions, resolveHost } from './address.ts';
import { Arrivals } from './arrivals.ts';
import { takeSocket } from './descriptor.ts';
import { authenticate } from './handshake.ts';
import { type ConnectionOptions, type Settings, settingsOf } from './options.ts';
import type { SocketConnection } from './socket-connection.ts';
import { MadeFile, privatePath } from './sockets-made.ts';

export interface ListenerOptions extends ConnectionOptions {
  /** Kind of address to make up when none is given. @default 'AF_UNIX' */
  family?: Family;
  /** How many clients may wait until the system lets them in, which it does while the event loop runs. @default 128 */
  backlog?: number;
}

/** Clients that have been let in and not accepted yet: more are turned away. */
const MAX_WAITING = 256;

interface Accepted {
  connection: SocketConnection;
  from: Address | null;
}

/**
 * Lets clients in at an address: those of this library, and Python's `multiprocessing.connection.Client`.
 *
 * Clients prove their knowledge of the key side by side, so that a slow one or a stranger keeps nobody waiting. The program
 * does not stay alive for a listener, but for an `accept()` that waits.
 *
 * @example
 * const listener = await Listener.open(['localhost', 6000], { authKey: 'secret' });
 * for await (const connection of listener) serve(connection);
 */
export class Listener implements AsyncIterable<SocketConnection>, Disposable {
  readonly #server: net.Server;
  readonly #settings: Settings;
  readonly #address: Address;
  /** What to remove at the end: a socket file, or its folder. */
  readonly #file: MadeFile | undefined;
  readonly #arrivals: Arrivals<Accepted>;
  readonly #handshakes = new Set<SocketConnection>();
  #lastAccepted: Address | null = null;

  /**
   * Opens a listener. `address`: `[host, port]` (port 0: any that is free), or the path of a Unix socket, which must not exist; without
   * one, a Unix socket in a new folder that only this user can enter.
   *
   * Rejects with `ERR_MP_ADDRESS`, as when the address is in use (`cause.code` is 'EADDRINUSE'), or `ERR_MP_INVALID_ARG`.
   */
  static async open(address?: Address | null, options: ListenerOptions = {}): Promise<Listener> {
    const settings = settingsOf(options, ['family', 'backlog']);
    const { family, backlog = 128 } = options;
    if (!Number.isInteger(backlog) || backlog < 1) throw invalidArgument('backlog', 'an integer above 0', backlog);
    let file: MadeFile | undefined;
    let wanted = address ?? undefined;
    if (wanted === undefined) {
      checkAddress(family === 'AF_INET' ? ['', 0] : 'x', family);
      if (family === 'AF_INET') wanted = ['localhost', 0];
      else ({ path: wanted, file } = await privatePath());
    }
    const checked = checkAddress(wanted, family);
    const server = net.createServer({ pauseOnConnect: true, noDelay: true });
    try {
      const resolved = await resolveHost(checked);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ ...netOptions(resolved), backlog }, resolve);
      });
      file ??= fileOf(checked);
    } catch (error) {
      file?.remove();
      server.close();
      throw addressError('cannot listen at', checked, error);
    }
    return new Listener(server, settings, file);
  }

  private constructor(server: net.Server, settings: Settings, file: MadeFile | undefined) {
    this.#server = server;
    this.#settings = settings;
    this.#file = file;
    const address = server.address();
    this.#address = typeof address === 'string' ? address : [address!.address, address!.port];
    this.#arrivals = new Arrivals(MAX_WAITING, (isWaiting) => (isWaiting ? server.ref() : server.unref()));
    server.unref();
    server.on('connection', (socket) => this.#welcome(socket));
    server.on('error', () => {}); // of a single client, as when there are no descriptors left: the others are served
  }

  /**
   * Resolves to the next client's connection. Rejects with `ERR_MP_AUTH` when the next client could not prove that it knows the key
   * (its connection is closed; call again for the next), with `ERR_MP_CLOSED`, `ERR_MP_TIMEOUT` or `ERR_MP_CANCELLED`.
   */
  async accept(timeout?: number | WaitOptions): Promise<SocketConnection> {
    const { connection, from } = await this.#arrivals.next(waitOptions(timeout));
    this.#lastAccepted = from;
    return connection;
  }

  /** Where clients find it: with the port that was free. */
  get address(): Address {
    return this.#address;
  }

  /** Where the client came from that was accepted last; null before, and for Unix sockets. */
  get lastAccepted(): Address | null {
    return this.#lastAccepted;
  }

  /** Lets nobody in any more, and removes the socket file. Connections that were accepted go on; clients that were not are cut off. */
  close(): void {
    if (!this.#arrivals.close(({ connection }) => connection.close())) return;
    for (const connection of this.#handshakes) connection.close();
    this.#file?.remove(); // before the server does it, which our list would not know of
    this.#server.close();
  }

  /** Every client that proves that it knows the key, until `close()`; others are skipped. */
  async *[Symbol.asyncIterator](): AsyncGenerator<SocketConnection, void, undefined> {
    for (;;) {
      let connection: SocketConnection;
      try {
        connection = await this.accept();
      } catch (error) {
        const { code } = error as MultiprocessError;
        if (code === 'ERR_MP_CLOSED') return;
        if (code !== 'ERR_MP_AUTH') throw error;
        continue;
      }
      yield connection;
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #welcome(socket: net.Socket): Promise<void> {
    socket.on('error', () => {});
    const { remoteAddress, remotePort } = socket;
    const from: Address | null = remoteAddress === undefined ? null : [remoteAddress, remotePort!];
    let connection: SocketConnection | undefined;
    try {
      if (this.#arrivals.isFull) return;
      this.#makeRoom();
      connection = takeSocket(socket, this.#settings);
      socket.destroy();
      this.#handshakes.add(connection);
      await authenticate(connection, 'listener', this.#settings);
      if (!this.#arrivals.add({ connection, from })) connection.close();
    } catch (error) {
      if (error instanceof MultiprocessError && error.code === 'ERR_MP_AUTH') this.#arrivals.fail(error);
      connection?.close();
    } finally {
      socket.destroy();
      if (connection) this.#handshakes.delete(connection);
    }
  }

  /** Strangers who say nothing must not keep others out: the one who has had the most time goes. */
  #makeRoom(): void {
    const [oldest] = this.#handshakes;
    if (this.#handshakes.size >= MAX_WAITING) oldest!.close();
  }
}

function fileOf(address: Address): MadeFile | undefined {
  return typeof address === 'string' && !address.startsWith('\0') ? new MadeFile(address) : undefined;
}
