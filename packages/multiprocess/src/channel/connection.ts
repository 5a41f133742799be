/** What every connection offers: one end of a two-way or one-way line of messages. CPython: `Connection`. */
import { MultiprocessError } from '../errors.ts';
import { blockingTimeout, type WaitOptions, waitOptions } from '../timeout.ts';
import { type Bytes, checkMaxLength, fill, part, rest } from './bytes.ts';
import { handleClosed } from './connection-errors.ts';
import { Turns } from './turns.ts';

type Timeout = number | WaitOptions;

/**
 * One end of a line of messages: values of type `S` go out, values of type `R` come in, each whole and in order.
 *
 * Every method that waits takes `timeout` (ms) or `{ timeout, signal }` as its last argument, and throws `ERR_MP_TIMEOUT`
 * or `ERR_MP_CANCELLED`; those named `…Sync` block the thread. All throw `ERR_MP_CLOSED` after `close()`, and
 * `ERR_MP_UNSUPPORTED` in the direction that a one-way line does not have.
 *
 * Receiving throws `ERR_MP_EOF` when the other end is closed and everything has been received, sending `ERR_MP_PEER_GONE`.
 * Calls that overlap are served in the order in which they were made; a `…Sync` call comes before asynchronous ones.
 *
 * @example
 * connection.send({ job: 1 });
 * for await (const answer of connection) console.log(answer);
 */
export abstract class Connection<S = any, R = S> implements AsyncIterable<R>, Disposable {
  #readable: boolean;
  #writable: boolean;
  #closed = false;
  readonly #readers = new Turns();

  constructor({ readable = true, writable = true }: { readable?: boolean; writable?: boolean } = {}) {
    this.#readable = readable;
    this.#writable = writable;
  }

  /** Sends a value. Resolves when it is handed over: to the system, not yet to the receiver. */
  async send(value: S, timeout?: Timeout): Promise<void> {
    this.#check('writable');
    const options = waitOptions(timeout);
    await this.write(this.encode(value), options);
  }

  sendSync(value: S, timeout?: Timeout): void {
    this.#check('writable');
    const limit = blockingTimeout(timeout);
    this.writeSync(this.encode(value), limit);
  }

  /** Resolves to the next value. */
  async recv(timeout?: Timeout): Promise<R> {
    return this.decode(await this.#read(undefined, timeout));
  }

  recvSync(timeout?: Timeout): R {
    return this.decodeSync(this.#readSync(undefined, timeout));
  }

  /**
   * Sends `size` bytes of `buffer`, from byte `offset` on, as one message, for `recvBytes`. Nothing is copied: leave these bytes
   * alone until the promise is settled.
   */
  async sendBytes(buffer: Bytes, offset = 0, size?: number, timeout?: Timeout): Promise<void> {
    this.#check('writable');
    const options = waitOptions(timeout);
    await this.write(part(buffer, offset, size), options);
  }

  sendBytesSync(buffer: Bytes, offset = 0, size?: number, timeout?: Timeout): void {
    this.#check('writable');
    const limit = blockingTimeout(timeout);
    this.writeSync(part(buffer, offset, size), limit);
  }

  /**
   * Resolves to the next message, as bytes. One of more than `maxLength` throws `ERR_MP_MESSAGE_TOO_LONG`; nothing can be
   * received after that.
   */
  async recvBytes(maxLength?: number, timeout?: Timeout): Promise<Uint8Array> {
    return this.#read(maxLength, timeout);
  }

  recvBytesSync(maxLength?: number, timeout?: Timeout): Uint8Array {
    return this.#readSync(maxLength, timeout);
  }

  /**
   * Puts the next message into `buffer`, from byte `offset` on; resolves to its length. Throws `BufferTooShortError`
   * (`ERR_MP_MESSAGE_TOO_LONG`), which has the message, when there is not room enough.
   */
  async recvBytesInto(buffer: Bytes, offset = 0, timeout?: Timeout): Promise<number> {
    const room = rest(buffer, offset);
    return fill(room, await this.#read(undefined, timeout));
  }

  recvBytesIntoSync(buffer: Bytes, offset = 0, timeout?: Timeout): number {
    const room = rest(buffer, offset);
    return fill(room, this.#readSync(undefined, timeout));
  }

  /** Whether there is something to receive, or the end: at once, or within `timeout` (Infinity: waits as long as it takes). */
  async poll(timeout: Timeout = 0): Promise<boolean> {
    this.#check('readable');
    return this.awaitReady(waitOptions(timeout));
  }

  pollSync(timeout: Timeout = 0): boolean {
    this.#check('readable');
    return this.awaitReadySync(blockingTimeout(timeout));
  }

  /** Lets go of this end; the other one gets an end of messages. What waits here gets `ERR_MP_CLOSED`. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.shut();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether this end can receive. */
  get readable(): boolean {
    return this.#readable && !this.#closed;
  }

  /** Whether this end can send. */
  get writable(): boolean {
    return this.#writable && !this.#closed;
  }

  /** Every value up to the end, or up to `close()` on this side. */
  async *[Symbol.asyncIterator](): AsyncGenerator<R, void, undefined> {
    this.#check('readable');
    for (;;) {
      let message: Uint8Array;
      try {
        message = await this.#read(undefined, undefined);
      } catch (error) {
        const code = error instanceof MultiprocessError ? error.code : undefined;
        if (code === 'ERR_MP_EOF' || (code === 'ERR_MP_CLOSED' && this.#closed)) return;
        throw error;
      }
      yield await this.decode(message);
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** For `wait()`: there is something to receive, or the end, right now. */
  abstract isReady(): boolean;
  /** For `wait()`: calls back once, when `isReady()` becomes true or this end is closed; what it returns takes that back. */
  abstract onceReady(callback: () => void): () => void;

  /** Called at once, so that a value changed after `send()` is sent as it was. */
  protected abstract encode(value: S): Uint8Array;
  protected abstract decode(message: Uint8Array): R | Promise<R>;
  protected abstract decodeSync(message: Uint8Array): R;
  /** Messages are written in the order of the calls. Never called when closed. */
  protected abstract write(message: Uint8Array, options: WaitOptions): Promise<void>;
  protected abstract writeSync(message: Uint8Array, timeout: number | undefined): void;
  /** The next message; called once at a time. When this end is closed meanwhile, rejects with `handleClosed()`. */
  protected abstract read(maxLength: number | undefined, options: WaitOptions): Promise<Uint8Array>;
  protected abstract readSync(maxLength: number | undefined, timeout: number | undefined): Uint8Array;
  /** False when the timeout passed first. */
  protected abstract awaitReady(options: WaitOptions): Promise<boolean>;
  protected abstract awaitReadySync(timeout: number | undefined): boolean;
  /** Called once, by `close()`: releases what this end holds, and rejects what waits. */
  protected abstract shut(): void;

  /** What comes from the other end makes no sense from here on: this end can send only, or nothing at all. */
  protected stopReading(): void {
    this.#readable = false;
    if (!this.#writable) this.close();
  }

  async #read(maxLength: number | undefined, timeout: Timeout | undefined): Promise<Uint8Array> {
    this.#check('readable');
    checkMaxLength(maxLength);
    return this.#readers.take(waitOptions(timeout), (options) => {
      this.#check('readable'); // it may have been closed while others had their turn
      return this.read(maxLength, options);
    });
  }

  #readSync(maxLength: number | undefined, timeout: Timeout | undefined): Uint8Array {
    this.#check('readable');
    checkMaxLength(maxLength);
    return this.readSync(maxLength, blockingTimeout(timeout));
  }

  #check(direction: 'readable' | 'writable'): void {
    if (this.#closed) throw handleClosed();
    if (direction === 'readable' ? this.#readable : this.#writable) return;
    const only = direction === 'readable' ? 'connection is write-only' : 'connection is read-only';
    throw new MultiprocessError('ERR_MP_UNSUPPORTED', only);
  }
}
