/** A process per connection. CPython: socketserver.ForkingTCPServer. */
import type net from 'node:net';
import { Process } from '../process/index.ts';
import { makeWorker, prepareStart, takeFailure } from '../process/internal.ts';
import { CaptureError, dumps } from '../transport/index.ts';
import { serveConnection } from './connection.ts';
import { died, thrown } from './failure.ts';
import { listen, Place } from './listen.ts';
import { ListeningServer } from './listening.ts';
import { checkServer, type ForkServerOptions, type Handler } from './options.ts';

const DEFAULT_MAX_PROCESSES = 40;
/** A start that the operating system refuses is tried again after this long, in ms. */
const RETRY_INTERVAL = 100;
/** A child that was terminated gets SIGKILL after this long, in ms. */
const TERMINATE_GRACE = 1000;

/**
 * Listens, and runs `handler(socket)` in a process of its own for each connection.
 *
 * The handler may be any function that `Process` can start, closures included. It is captured once, now; the socket is a
 * `net.Socket` on the connection. When the promise that it returns settles, the socket is ended, if it is still open, and
 * flushed, and the process exits. A handler that returns no promise has attached its listeners: its process exits when the
 * socket has closed. An error, or the death of a process, takes its own connection along and nothing else: the error is printed
 * as for any `Process`, and given to `onError`.
 *
 * The server keeps the event loop alive until it is closed. Its processes end with this one.
 *
 * @example
 * await using server = await forkServer(async (socket) => {
 *   for await (const chunk of socket) socket.write(chunk.toString().toUpperCase());
 * }, { port: 8080 });
 *
 * @throws `ERR_MP_INVALID_ARG`; `ERR_MP_CAPTURE`: the handler cannot be sent; the system's error when it cannot listen (`EADDRINUSE`, …)
 */
export async function forkServer(handler: Handler, options: ForkServerOptions = {}): Promise<ForkServer> {
  checkServer(handler, options as Record<string, unknown>, 'maxProcesses');
  const program = dumps(handler, { root: 'handler', keepsAll: true });
  prepareStart(options.context?.Process.startMethod); // so that the first connection need not wait for it
  return new ForkServer(await listen(options), handler, program, options);
}

interface Serving {
  process: Process<any>;
  killer: NodeJS.Timeout | undefined;
}

/** See {@link forkServer}, which makes it. */
export class ForkServer extends ListeningServer {
  readonly #listener: net.Server;
  readonly #program: Uint8Array;
  readonly #limit: number;
  readonly #Process: typeof Process;
  readonly #waiting: net.Socket[] = [];
  readonly #serving = new Set<Serving>();
  #retry: NodeJS.Timeout | undefined;
  #count = 0;

  /** @internal */
  constructor(listener: net.Server, handler: Handler, program: Uint8Array, options: ForkServerOptions) {
    super(new Place(listener), handler, options);
    this.#listener = listener;
    this.#program = program;
    this.#limit = options.maxProcesses ?? DEFAULT_MAX_PROCESSES;
    this.#Process = options.context?.Process ?? Process;
    listener.on('connection', (socket) => this.#accept(socket));
    listener.on('error', (error) => this.report(error)); // accept(2) failed: EMFILE
  }

  /** Connections that are served, or wait for a process. */
  get connections(): number {
    return this.#serving.size + this.#waiting.length;
  }

  /** Ids of the processes that serve a connection now. */
  override get pids(): number[] {
    return [...this.#serving].map(({ process }) => process.pid!);
  }

  #accept(socket: net.Socket): void {
    socket.on('error', () => socket.destroy());
    this.#waiting.push(socket);
    this.#startWaiting();
  }

  #startWaiting(): void {
    while (this.#serving.size < this.#limit && this.#waiting.length > 0 && !this.#retry) {
      const socket = this.#waiting.shift()!;
      if (socket.destroyed) continue;
      try {
        this.#start(socket, describePeer(socket));
      } catch (error) {
        this.#refused(socket, error as Error);
      }
    }
    this.settle();
  }

  #refused(socket: net.Socket, error: Error): void {
    this.report(error);
    if (error instanceof CaptureError) return void socket.destroy(); // it is broken
    this.#waiting.unshift(socket);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#startWaiting();
    }, RETRY_INTERVAL);
  }

  #start(socket: net.Socket, peer: string): void {
    const process: Process<any> = new this.#Process({
      target: serveConnection,
      args: [this.#program, socket],
      name: `Connection-${++this.#count}`,
    });
    const serving: Serving = { process, killer: undefined };
    makeWorker(process, () => this.#ended(serving, peer));
    process.start();
    this.#serving.add(serving);
    void process.join(); // keeps the event loop alive
  }

  #ended(serving: Serving, peer: string): void {
    clearTimeout(serving.killer);
    this.#serving.delete(serving);
    const { process, killer } = serving;
    const failure = takeFailure(process);
    if (failure) this.report(thrown(failure));
    else if (process.exitCode !== 0 && !killer) {
      this.report(died(process, `the handler of a connection${peer}`));
    }
    this.#startWaiting();
  }

  protected override stopListening(): void {
    this.#listener.close();
  }

  protected override endAll(): void {
    for (const socket of this.#waiting.splice(0)) socket.destroy();
    for (const serving of this.#serving) {
      serving.process.terminate();
      serving.killer ??= setTimeout(() => serving.process.kill(), TERMINATE_GRACE);
    }
  }

  protected override get isIdle(): boolean {
    return this.connections === 0;
  }
}

function describePeer({ remoteAddress, remotePort }: net.Socket): string {
  return remoteAddress === undefined ? '' : ` from ${remoteAddress}, port ${remotePort}`;
}
