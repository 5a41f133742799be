/** What is still to be written to a socket, in order. */
import { handleClosed, peerGone, timedOut } from '../channel/index.ts';
import { MultiprocessError } from '../errors.ts';
import { native, type Socket } from '../native.ts';
import { cancelled, type WaitOptions } from '../timeout.ts';
import { frameHeader } from './frames.ts';

interface Entry {
  header: Uint8Array;
  payload: Uint8Array;
  /** How many bytes of both together have been written. */
  done: number;
  settle?: (error?: unknown) => void;
}

const WRITABLE = 2;

export class Outbox {
  readonly #socket: Socket;
  readonly #entries: Entry[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /**
   * Writes at once what the socket takes; the rest when `flush` is called. `giveUp` is called when the wait ends with a part
   * of the message written: nothing that makes sense could follow.
   */
  async write(payload: Uint8Array, { timeout = Infinity, signal }: WaitOptions, giveUp: () => void): Promise<void> {
    if (signal?.aborted) throw cancelled(signal);
    const entry: Entry = { header: frameHeader(payload.length), payload, done: 0 };
    if (this.isEmpty && this.#advance(entry)) return;
    this.#entries.push(entry);
    return new Promise((resolve, reject) => {
      const leave = (error: MultiprocessError) => {
        const begun = entry.done > 0;
        this.#entries.splice(this.#entries.indexOf(entry), 1);
        entry.settle!(begun ? inPart(error) : error);
        if (begun) giveUp();
      };
      const onAbort = () => leave(cancelled(signal!));
      const timer = timeout < 2 ** 31 ? setTimeout(() => leave(timedOut('sending')), Math.max(0, timeout)) : undefined;
      signal?.addEventListener('abort', onAbort);
      entry.settle = (error) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        if (error === undefined) resolve();
        else reject(error);
      };
    });
  }

  /** Writes, blocking the thread, what others have left, and then this. */
  writeSync(payload: Uint8Array, timeout = Infinity, giveUp: () => void): void {
    const deadline = performance.now() + timeout;
    const entry: Entry = { header: frameHeader(payload.length), payload, done: 0 };
    for (;;) {
      this.flush();
      if (this.isEmpty && this.#advance(entry)) return;
      const left = deadline - performance.now();
      if (left <= 0) {
        if (entry.done === 0) throw timedOut('sending');
        giveUp();
        throw inPart(timedOut('sending'));
      }
      native.socketPoll(this.#socket, WRITABLE, left === Infinity ? -1 : left);
    }
  }

  /** Goes on as far as the socket takes it. */
  flush(): void {
    try {
      for (let entry = this.#entries[0]; entry && this.#advance(entry); entry = this.#entries[0]) {
        this.#entries.shift();
        entry.settle!();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  close(): void {
    this.#fail(handleClosed());
  }

  #fail(error: unknown): void {
    for (const entry of this.#entries.splice(0)) entry.settle!(error);
  }

  /** Whether all of it has been written. */
  #advance(entry: Entry): boolean {
    const size = entry.header.length + entry.payload.length;
    try {
      while (entry.done < size) {
        const count = native.socketWrite(this.#socket, entry.header, entry.payload, entry.done);
        if (count === 0) return false;
        entry.done += count;
      }
    } catch (error) {
      throw peerGone(`the other end is gone (${(error as { code: string }).code})`, error);
    }
    return true;
  }
}

function inPart(error: MultiprocessError): MultiprocessError {
  const text = `${error.message}; a part of the message was sent, so the connection is closed`;
  return new MultiprocessError(error.code, text, { cause: error.cause });
}
