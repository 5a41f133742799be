/** What both servers have in common: where they listen, and how they end. */
import type net from 'node:net';
import { report } from './failure.ts';
import type { Place } from './listen.ts';
import { type CloseOptions, checkClose, type Handler, type ServerOptions } from './options.ts';

/** Base class: not for use by itself. */
export abstract class ListeningServer implements AsyncDisposable {
  /** @internal What the program was made of: shared objects in it live as long as the server does. */
  readonly handler: Handler;
  readonly #place: Place;
  readonly #onError: ServerOptions['onError'];
  readonly #drained = Promise.withResolvers<void>();
  #isClosing = false;

  constructor(place: Place, handler: Handler, { onError }: ServerOptions) {
    this.handler = handler;
    this.#place = place;
    this.#onError = onError;
  }

  /** The port it listens on; undefined for a Unix socket. */
  get port(): number | undefined {
    return this.#place.port;
  }

  /** `{ address, family, port }`, or the path of a Unix socket. */
  get address(): net.AddressInfo | string {
    return this.#place.address;
  }

  /** Ids of the processes that run now. */
  abstract get pids(): number[];

  /**
   * Stops listening; resolves when every connection that was accepted has been served and the processes have ended: true. With
   * `timeout`, what is still served then is terminated: false. Calling it again waits for the same.
   */
  async close(options: CloseOptions = {}): Promise<boolean> {
    const timeout = checkClose(options as Record<string, unknown>);
    this.stop();
    let timer: NodeJS.Timeout | undefined;
    let isOver = true;
    if (timeout < 2 ** 31) {
      timer = setTimeout(() => {
        isOver = false;
        void this.terminate();
      }, timeout);
    }
    await this.#drained.promise;
    clearTimeout(timer);
    return isOver;
  }

  /** Stops listening and ends all connections: SIGTERM to the processes, SIGKILL a second later. Resolves when they have ended. */
  async terminate(): Promise<void> {
    this.stop();
    this.endAll();
    this.settle();
    await this.#drained.promise;
  }

  /** `await using`: closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  protected get isClosing(): boolean {
    return this.#isClosing;
  }

  protected stop(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.stopListening();
    this.settle();
  }

  /** To be called whenever a process or a connection has ended. */
  protected settle(): void {
    if (this.#isClosing && this.isIdle) this.#drained.resolve();
  }

  protected report(error: Error): void {
    report(this.#onError, error);
  }

  protected abstract stopListening(): void;
  /** SIGTERM to all, SIGKILL a second later. */
  protected abstract endAll(): void;
  /** Nothing is being served, and no process runs. */
  protected abstract get isIdle(): boolean;
}
