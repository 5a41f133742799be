/**
 * Going on where an earlier run was stopped, or killed: its output says what is done, if each line says what it belongs to
 * (`--with-input`). A line counts if it is whole and has a value. What failed is tried again; its line is taken out of the
 * file, as is a last line that was cut off.
 */
import { closeSync, createReadStream, createWriteStream, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CommandError, systemReason } from '../failure.ts';
import type { Inputs } from './inputs/index.ts';
import { linesOf } from './inputs/lines.ts';

/** Inputs that are done; one that occurs several times as often as it has a line. */
export class Done {
  readonly #lines = new Map<string, number>();
  count = 0;

  add(input: string): void {
    this.#lines.set(input, (this.#lines.get(input) ?? 0) + 1);
    this.count++;
  }

  /** Whether an input is done; its line counts no further. */
  take(input: string): boolean {
    const left = this.#lines.get(input);
    if (left === undefined) return false;
    if (left === 1) this.#lines.delete(input);
    else this.#lines.set(input, left - 1);
    return true;
  }
}

/**
 * What an output file says is done; nothing if there is no such file. Afterwards the file has only lines that count, so that
 * others can be appended. Throws `CommandError`.
 */
export async function readDone(path: string): Promise<Done> {
  try {
    const size = sizeOf(path);
    return size === 0 ? new Done() : await cleanUp(realpathSync(path), size);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`cannot resume from '${path}': ${systemReason(error)}`);
  }
}

function sizeOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat && !stat.isFile()) throw new Error('it is not a file');
  return stat?.size ?? 0;
}

/** The inputs that are left. */
export function without(inputs: Inputs, done: Done): Inputs {
  const { items, total, noun } = inputs;
  if (total === undefined) return { items: leftOf(items, done), total, noun };
  const left = [...(items as Iterable<string>)].filter((input) => !done.take(input));
  return { items: left, total: left.length, noun };
}

async function* leftOf(items: Inputs['items'], done: Done): AsyncGenerator<string, void, undefined> {
  for await (const input of items) if (!done.take(input)) yield input;
}

/** Writes the lines that count beside the file, and puts them in its place: whatever happens, one of the two is whole. */
async function cleanUp(path: string, size: number): Promise<Done> {
  const done = new Done();
  const copy = `${path}.${process.pid}.tmp`;
  async function* linesThatCount() {
    let number = 0;
    for await (const line of wholeLines(path, size)) {
      const { input, isDone } = parse(line, ++number, path);
      if (!isDone) continue;
      done.add(input);
      yield `${line}\n`;
    }
  }
  try {
    await pipeline(
      Readable.from(linesThatCount()),
      createWriteStream(copy, { mode: statSync(path).mode, flush: true }),
    );
    await rename(copy, path);
  } finally {
    await rm(copy, { force: true });
  }
  return done;
}

/** All lines but a last one without an end. */
async function* wholeLines(path: string, size: number): AsyncGenerator<string, void, undefined> {
  let last: string | undefined;
  for await (const line of linesOf(createReadStream(path))) {
    if (last !== undefined) yield last;
    last = line;
  }
  if (last !== undefined && lastByte(path, size) === NEWLINE) yield last;
}

const NEWLINE = 10;

function lastByte(path: string, size: number): number {
  const byte = new Uint8Array(1);
  const file = openSync(path, 'r');
  readSync(file, byte, 0, 1, size - 1);
  closeSync(file);
  return byte[0]!;
}

function parse(line: string, number: number, path: string): { input: string; isDone: boolean } {
  let record: { input?: unknown; value?: unknown } | null | undefined;
  try {
    record = JSON.parse(line);
  } catch {
    // told below
  }
  if (typeof record !== 'object' || typeof record?.input !== 'string') {
    throw new CommandError(
      `cannot resume from '${path}': line ${number} does not say what it belongs to; only what was written with --with-input, or --resume, can be resumed`,
    );
  }
  return { input: record.input, isDone: 'value' in record };
}
