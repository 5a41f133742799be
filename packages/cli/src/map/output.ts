import { createWriteStream, openSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { CommandError, systemReason } from '../failure.ts';

/** Where lines go: a file, or a standard stream. */
export interface Output {
  /**
   * Writes one line: to a terminal at once, to a file within 50 ms, elsewhere together with the others of this turn of the event
   * loop. Await `ready()` before many more.
   */
  write(line: string): void;
  /**
   * Resolves when the reader has caught up; undefined: it has. Rejects with `ReaderGone`, or with `CommandError` when
   * writing failed.
   */
  ready(): Promise<void> | undefined;
  /** Resolves when everything is written; a standard stream stays open. */
  end(): Promise<void>;
}

/** Characters that are not kept back. */
const FLUSH_SIZE = 65536;
/** Lines for a file may wait this long for others, in ms: each write takes a thread of libuv's, and two turns of the event loop. */
const FILE_DELAY = 50;

/** Whoever read our stdout has closed it, as `head` does: no failure, but there is nothing left to do. */
export class ReaderGone extends Error {}

/**
 * Opens FILE at once, so that a wrong name is noticed before the work, not after: empty, or to append to it. Throws
 * `CommandError`.
 */
export function openFile(path: string, append = false): Output {
  try {
    return new StreamOutput(createWriteStream(path, { fd: openSync(path, append ? 'a' : 'w') }), `'${path}'`, true);
  } catch (error) {
    throw new CommandError(`cannot write '${path}': ${systemReason(error)}`);
  }
}

export function standardOutput(stdout: Writable): Output {
  return new StreamOutput(stdout, 'the output', false);
}

class StreamOutput implements Output {
  readonly #stream: Writable;
  readonly #isOurs: boolean;
  /** Lines have to be where the caller puts them: above the progress line. */
  readonly #isTerminal: boolean;
  #error: Error | undefined;
  /** Lines that have not been given to the stream. */
  #lines = '';
  /** Wakes whoever waits for a stream that takes more, or that has broken. */
  #wake: (() => void) | undefined;

  constructor(stream: Writable, name: string, isOurs: boolean) {
    this.#stream = stream;
    this.#isOurs = isOurs;
    this.#isTerminal = (stream as { isTTY?: boolean }).isTTY === true;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      const isPipe = error.code === 'EPIPE' && !isOurs;
      this.#error ??= isPipe ? new ReaderGone() : new CommandError(`cannot write ${name}: ${systemReason(error)}`);
      this.#wake?.();
    });
    stream.on('drain', () => this.#wake?.());
  }

  write(line: string): void {
    if (this.#lines === '' && !this.#isTerminal) this.#flushSoon();
    this.#lines += `${line}\n`;
    if (this.#isTerminal || this.#lines.length >= FLUSH_SIZE) this.#flush();
  }

  ready(): Promise<void> | undefined {
    return this.#error || this.#stream.writableNeedDrain ? this.#drained() : undefined;
  }

  async #drained(): Promise<void> {
    while (!this.#error && this.#stream.writableNeedDrain) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#error) throw this.#error;
  }

  #flushSoon(): void {
    if (this.#isOurs) setTimeout(() => this.#flush(), FILE_DELAY);
    else setImmediate(() => this.#flush());
  }

  #flush(): void {
    const lines = this.#lines;
    this.#lines = '';
    if (lines !== '' && !this.#error) this.#stream.write(lines);
  }

  async end(): Promise<void> {
    this.#flush();
    if (this.#error) throw this.#error;
    if (this.#isOurs) await finished(this.#stream.end()).catch(() => {});
    else await new Promise<void>((resolve) => this.#stream.write('', () => resolve()));
    if (this.#error) throw this.#error;
  }
}
