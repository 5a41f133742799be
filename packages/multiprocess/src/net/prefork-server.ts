/** Several processes that accept connections on one port. Apache's prefork, node:cluster. */
import { unlinkSync } from 'node:fs';
import { Descriptor, detach, inodeOf, pathOf } from '../descriptor/index.ts';
import { Process, processCpuCount } from '../process/index.ts';
import { RawArray } from '../shared/index.ts';
import { Event } from '../sync/index.ts';
import { dumps } from '../transport/index.ts';
import { died } from './failure.ts';
import { listen, Place } from './listen.ts';
import { ListeningServer } from './listening.ts';
import { checkServer, type Handler, type PreforkServerOptions } from './options.ts';
import type { WorkerConfig } from './worker.ts';
import { WorkerLink } from './worker-link.ts';

/** A worker that was terminated gets SIGKILL after this long, in ms. */
const TERMINATE_GRACE = 1000;
/** Pause before a worker is replaced that has ended before it was ready; in ms; doubled each time, up to the longest. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5000;

/**
 * Listens, and has `workers` processes accept the connections and run `handler(socket)` for each: many at a time in every
 * process, as in an ordinary Node.js server.
 *
 * The handler may be any function that `Process` can start; it is captured once, now, and each worker has a copy of what it
 * captures. When the promise that it returns settles, the socket is ended, if it is still open. An error ends its own
 * connection: it is printed, and given to `onError`. A worker that dies takes its connections along, and is replaced; what waits
 * to be accepted is not lost: all workers accept from one queue.
 *
 * The server keeps the event loop alive until it is closed; connections that no worker has accepted then are reset. Its workers
 * end with this process.
 *
 * @example
 * const server = await preforkServer((socket) => void socket.pipe(socket), { workers: 4, port: 8080 });
 *
 * @throws `ERR_MP_INVALID_ARG`; `ERR_MP_CAPTURE`: the handler cannot be sent; the system's error when it cannot listen
 *   (`EADDRINUSE`, …); what `Process.start()` throws; `ERR_MP_WORKER_DIED`: a worker ended before it was ready
 */
export async function preforkServer(handler: Handler, options: PreforkServerOptions = {}): Promise<PreforkServer> {
  checkServer(handler, options as Record<string, unknown>, 'workers');
  const program = dumps(handler, { root: 'handler', keepsAll: true });
  const listener = await listen(options);
  const place = new Place(listener);
  const path = pathOf(listener);
  const server = new PreforkServer(new Descriptor(detach(listener)), place, path, handler, program, options);
  await server.ready();
  return server;
}

/** See {@link preforkServer}, which makes it. */
export class PreforkServer extends ListeningServer {
  readonly #listener: Descriptor;
  /** File of a Unix socket, which goes when the server closes, unless somebody has put another one in its place. */
  readonly #path: { name: string; inode: number | undefined } | undefined;
  readonly #Process: typeof Process;
  readonly #config: Omit<WorkerConfig, 'index' | 'reports'>;
  readonly #links: (WorkerLink | undefined)[];
  readonly #pauses = new Set<NodeJS.Timeout>();
  #stillbirths = 0;
  #started = 0;
  /** While the first workers start: has `preforkServer` fail. */
  #fail: ((error: Error) => void) | undefined;

  /** @internal */
  constructor(
    listener: Descriptor,
    place: Place,
    path: string | undefined,
    handler: Handler,
    program: Uint8Array,
    options: PreforkServerOptions,
  ) {
    super(place, handler, options);
    const { workers = processCpuCount(), allowHalfOpen = false, noDelay = false } = options;
    this.#listener = listener;
    this.#path = path === undefined ? undefined : { name: path, inode: inodeOf(path) };
    this.#Process = options.context?.Process ?? Process;
    this.#links = new Array(workers).fill(undefined);
    const counts = new RawArray('i32', workers);
    this.#config = { program, listener, options: { allowHalfOpen, noDelay }, counts, stop: new Event() };
  }

  /** Connections that are being served. */
  get connections(): number {
    return this.#config.counts.array.reduce((sum, count) => sum + count, 0);
  }

  /** Ids of the workers that run now. */
  override get pids(): number[] {
    return this.#living().map(({ process }) => process.pid!);
  }

  /** @internal Starts the workers; resolves when all of them accept. */
  async ready(): Promise<void> {
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    try {
      for (let i = 0; i < this.#links.length; i++) this.#start(i);
      await Promise.race([failed, Promise.all(this.#living().map(({ ready }) => ready))]);
      this.#fail = undefined;
    } catch (error) {
      await this.terminate();
      throw error;
    }
  }

  #living(): WorkerLink[] {
    return this.#links.filter((link) => link !== undefined);
  }

  #start(index: number): void {
    const link: WorkerLink = new WorkerLink({
      Process: this.#Process,
      name: `ServerWorker-${++this.#started}`,
      config: { ...this.#config, index },
      onError: (error) => this.report(error),
      onEnd: (failure) => this.#ended(index, link, failure),
    });
    this.#links[index] = link;
    void link.ready.then(() => {
      this.#stillbirths = 0;
    });
  }

  #ended(index: number, link: WorkerLink, failure: Error | undefined): void {
    this.#links[index] = undefined;
    Atomics.store(this.#config.counts.array, index, 0);
    const isExpected = link.isLeaving || (this.isClosing && link.process.exitCode === 0);
    const error = failure ?? died(link.process, link.isReady ? 'its connections' : 'its start');
    if (!isExpected && this.#fail) this.#fail(error);
    else if (!isExpected) this.report(error);
    this.settle();
    if (this.isClosing || this.#fail) return;
    if (!link.isReady) this.#stillbirths++;
    this.#replace(index);
  }

  #replace(index: number): void {
    const timer = setTimeout(() => {
      this.#pauses.delete(timer);
      if (this.isClosing) return;
      try {
        this.#start(index);
      } catch (error) {
        this.report(error as Error);
        this.#stillbirths++;
        this.#replace(index);
      }
    }, pauseAfter(this.#stillbirths));
    this.#pauses.add(timer);
  }

  /** Connections that no worker has accepted yet are reset. */
  protected override stopListening(): void {
    for (const timer of this.#pauses) clearTimeout(timer);
    this.#config.stop.set();
    this.#listener.close();
    if (this.#path && inodeOf(this.#path.name) === this.#path.inode) unlinkSync(this.#path.name);
    // A worker that is not ready yet has nothing to drain.
    for (const link of this.#living()) if (!link.isReady) link.terminate(TERMINATE_GRACE);
  }

  protected override endAll(): void {
    for (const link of this.#living()) link.terminate(TERMINATE_GRACE);
  }

  protected override get isIdle(): boolean {
    return this.#living().length === 0;
  }
}

/** In ms, after so many workers in a row that were not ready. */
const pauseAfter = (stillbirths: number): number =>
  stillbirths === 0 ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (stillbirths - 1));
