import { createWriteStream, openSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { CommandError, systemReason } from '../failure.ts';

/** Where lines go: a file, or a standard stream. */
export interface Output {
  /** Writes one line. Await `ready()` before many more. */
  write(line: string): void;
  /** Resolves when the reader has caught up. Rejects with `ReaderGone`, or with `CommandError` when writing failed. */
  ready(): Promise<void>;
  /** Resolves when everything is written; a standard stream stays open. */
  end(): Promise<void>;
}

/** Whoever read our stdout has closed it, as `head` does: no failure, but there is nothing left to do. */
export class ReaderGone extends Error {}

/** Opens FILE at once, so that a wrong name is noticed before the work, not after. Throws `CommandError`. */
export function openFile(path: string): Output {
  try {
    return new StreamOutput(createWriteStream(path, { fd: openSync(path, 'w') }), `'${path}'`, true);
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
  #error: Error | undefined;
  /** Wakes whoever waits for a stream that takes more, or that has broken. */
  #wake: (() => void) | undefined;

  constructor(stream: Writable, name: string, isOurs: boolean) {
    this.#stream = stream;
    this.#isOurs = isOurs;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      const isPipe = error.code === 'EPIPE' && !isOurs;
      this.#error ??= isPipe ? new ReaderGone() : new CommandError(`cannot write ${name}: ${systemReason(error)}`);
      this.#wake?.();
    });
    stream.on('drain', () => this.#wake?.());
  }

  write(line: string): void {
    if (!this.#error) this.#stream.write(`${line}\n`);
  }

  async ready(): Promise<void> {
    while (!this.#error && this.#stream.writableNeedDrain) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#error) throw this.#error;
  }

  async end(): Promise<void> {
    if (this.#error) throw this.#error;
    if (this.#isOurs) await finished(this.#stream.end()).catch(() => {});
    else await new Promise<void>((resolve) => this.#stream.write('', () => resolve()));
    if (this.#error) throw this.#error;
  }
}
