/** A connection over a socket: of the Unix kind, or TCP. */
import { constants } from 'node:buffer';
import { Connection, endReached, handleClosed, peerGone, timedOut, tooLong } from '../channel/index.ts';
import { invalidArgument, type MultiprocessError } from '../errors.ts';
import { native, type Socket } from '../native.ts';
import { cancelled, limited, type WaitOptions } from '../timeout.ts';
import { FrameReader } from './frames.ts';
import { Outbox } from './outbox.ts';

/** Turns values into messages and back. */
export interface Codec {
  encode(value: unknown): Uint8Array;
  decode(message: Uint8Array): unknown;
}

/** 256 MiB. */
export const DEFAULT_MAX_MESSAGE_SIZE = 2 ** 28;

const READABLE = 1;
const WRITABLE = 2;
/** Pieces that are read before others on the event loop get their turn. */
const MAX_READS = 64;
/** Small messages come here first, of every connection of the thread: it is empty again when a call returns. */
const scratch = new Uint8Array(64 * 1024);

/** Connections that something waits for. Others can be collected, which closes them. */
const waitedFor = new Set<SocketConnection>();

interface Waiter {
  isDone(): boolean;
  done(error?: unknown): void;
}

export class SocketConnection<S = any, R = S> extends Connection<S, R> {
  readonly #socket: Socket;
  readonly #codec: Codec;
  readonly #frames: FrameReader;
  readonly #outbox: Outbox;
  readonly #waiters = new Set<Waiter>();
  /** Makes the error that everybody gets who reads past the last message. */
  #end: (() => MultiprocessError) | undefined;
  #spoilt = false;

  /** Over a copy of the descriptor `fd` of a connected stream socket. `maxMessageSize`: longest message received, in bytes. */
  constructor(fd: number, codec: Codec, maxMessageSize: number = DEFAULT_MAX_MESSAGE_SIZE) {
    super();
    const weak = new WeakRef(this);
    this.#socket = native.socketOpen(fd, (events) => {
      const connection = weak.deref();
      if (connection) connection.#onEvent(events);
    });
    this.#codec = codec;
    this.#frames = new FrameReader(Math.min(maxMessageSize, constants.MAX_LENGTH));
    this.#outbox = new Outbox(this.#socket);
  }

  isReady(): boolean {
    if (this.closed) throw handleClosed();
    this.#pull();
    return this.#hasNext();
  }

  onceReady(callback: () => void): () => void {
    const waiter: Waiter = { isDone: () => this.closed || this.#hasNext(), done: callback };
    if (!this.closed) this.#pull();
    if (!waiter.isDone()) return this.#add(waiter);
    let wanted = true;
    queueMicrotask(() => wanted && callback());
    return () => {
      wanted = false;
    };
  }

  protected override encode(value: S): Uint8Array {
    return this.#codec.encode(value);
  }

  protected override decode(message: Uint8Array): R {
    return this.#codec.decode(message) as R;
  }

  protected override decodeSync(message: Uint8Array): R {
    return this.#codec.decode(message) as R;
  }

  protected override async write(message: Uint8Array, options: WaitOptions): Promise<void> {
    const written = this.#outbox.write(message, options, () => this.close());
    this.#watch();
    return written;
  }

  protected override writeSync(message: Uint8Array, timeout: number | undefined): void {
    try {
      this.#outbox.writeSync(message, timeout, () => this.close());
    } finally {
      this.#watch();
    }
  }

  protected override async read(maxLength: number | undefined, options: WaitOptions): Promise<Uint8Array> {
    const found = this.#take(maxLength);
    if (found) return found;
    if (!(await this.#until(() => this.#canTake(maxLength), options))) throw timedOut('receiving');
    return this.#take(maxLength)!;
  }

  protected override readSync(maxLength: number | undefined, timeout: number | undefined): Uint8Array {
    if (!this.#untilSync(() => this.#canTake(maxLength), timeout)) throw timedOut('receiving');
    return this.#take(maxLength)!;
  }

  protected override async awaitReady(options: WaitOptions): Promise<boolean> {
    return this.isReady() || this.#until(() => this.#hasNext(), options);
  }

  protected override awaitReadySync(timeout: number | undefined): boolean {
    return this.#untilSync(() => this.#hasNext(), timeout);
  }

  protected override shut(): void {
    this.#outbox.close();
    for (const waiter of this.#waiters) waiter.done(handleClosed());
    this.#waiters.clear();
    waitedFor.delete(this);
    native.socketClose(this.#socket);
  }

  #hasNext(): boolean {
    return this.#frames.messages.length > 0 || this.#end !== undefined;
  }

  /** Whether `#take` will return a message, or throw: also for one that is too long and has not come completely. */
  #canTake(maxLength: number | undefined): boolean {
    return this.#hasNext() || (this.#frames.announced ?? 0) > (maxLength ?? Infinity);
  }

  /** The next message, if it has come. */
  #take(maxLength = Infinity): Uint8Array | undefined {
    if (!this.#hasNext()) this.#pull();
    const { messages, announced = 0 } = this.#frames;
    const length = messages[0]?.length ?? announced;
    if (length > maxLength) {
      this.stopReading();
      throw tooLong(length, `the limit is ${maxLength}`);
    }
    if (messages.length > 0) return messages.shift();
    if (this.#spoilt) this.stopReading();
    if (this.#end) throw this.#end();
    return undefined;
  }

  /** Reads what has come, without waiting, until it is a message. */
  #pull(): void {
    for (let reads = 0; reads < MAX_READS && !this.#hasNext(); reads++) {
      const room = this.#frames.room();
      let count: number;
      try {
        count = native.socketRead(this.#socket, room?.buffer ?? scratch, room?.offset ?? 0);
      } catch (error) {
        this.#end = () => peerGone(`the connection broke (${(error as { code: string }).code})`, error);
        return;
      }
      if (count < 0) return;
      if (count === 0)
        this.#end = this.#frames.isBetween ? endReached : () => peerGone('got end of file during message');
      else if (room) this.#frames.advance(count);
      else this.#feed(scratch.subarray(0, count));
    }
  }

  #feed(bytes: Uint8Array): void {
    try {
      this.#frames.feed(bytes);
    } catch (error) {
      this.#spoilt = true;
      this.#end = () => error as MultiprocessError;
    }
  }

  /** False when the timeout passed first. */
  async #until(isDone: () => boolean, { timeout = Infinity, signal }: WaitOptions): Promise<boolean> {
    if (signal?.aborted) throw cancelled(signal);
    if (isDone()) return true;
    if (timeout <= 0) return false;
    return limited(
      { timeout, signal },
      () => false,
      ({ resolve, reject, ends }) => {
        const done = (error?: unknown) => (error === undefined ? resolve(true) : reject(error));
        ends.push(this.#add({ isDone, done }));
      },
    );
  }

  #untilSync(isDone: () => boolean, timeout = Infinity): boolean {
    const deadline = performance.now() + timeout;
    for (;;) {
      this.#pull();
      if (isDone()) return true;
      this.#outbox.flush(); // the other end may wait for what was sent before it answers
      const left = deadline - performance.now();
      if (left <= 0) return false;
      native.socketPoll(
        this.#socket,
        this.#outbox.isEmpty ? READABLE : READABLE | WRITABLE,
        left === Infinity ? -1 : left,
      );
    }
  }

  #add(waiter: Waiter): () => void {
    this.#waiters.add(waiter);
    this.#watch();
    return () => {
      if (this.#waiters.delete(waiter)) this.#watch();
    };
  }

  #onEvent(events: number): void {
    if (this.closed) return;
    if (events & WRITABLE) this.#outbox.flush();
    if (events & READABLE) this.#pull();
    for (const waiter of this.#waiters) {
      if (!waiter.isDone()) continue;
      this.#waiters.delete(waiter);
      waiter.done();
    }
    this.#watch();
  }

  #watch(): void {
    if (this.closed) return;
    const events = (this.#waiters.size > 0 ? READABLE : 0) | (this.#outbox.isEmpty ? 0 : WRITABLE);
    native.socketWatch(this.#socket, events);
    if (events) waitedFor.add(this);
    else waitedFor.delete(this);
  }
}

export function checkMaxMessageSize(value: unknown): asserts value is number | undefined {
  if (value === undefined || value === Infinity || (Number.isSafeInteger(value) && (value as number) >= 0)) return;
  throw invalidArgument('maxMessageSize', 'a number of bytes', value);
}
