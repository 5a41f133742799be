/** Memory with a name, that any program on the machine can attach to; CPython's `multiprocessing.shared_memory`. */
import { constants } from 'node:buffer';
import { inspect } from 'node:util';
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { native } from '../native.ts';
import { checkNames } from '../options.ts';
import { registerHandle } from '../transport/index.ts';
import { createSegment, openSegment, unlinkSegment } from './segment.ts';

export interface SharedMemoryOptions {
  /**
   * Name of the segment, without slashes, at most 255 bytes in UTF-8.
   *
   * @default a new one, as `psm_1f5b63c0`; may only be left out together with `create: true`
   */
  name?: string | null;
  /** Make a new segment, instead of attaching to one that exists. @default false */
  create?: boolean;
  /** Bytes of a new segment, at least 1. Not looked at when attaching. @default 0 */
  size?: number;
}

const OPTIONS = ['name', 'create', 'size'];
const LONGEST_NAME = 255;

/**
 * A segment of memory with a name, attached to this process. Every program of the machine that knows the name can attach
 * to it, CPython's `SharedMemory(name)` for one; in `/dev/shm` it is the file of that name, and it has no header.
 *
 * A segment that this program or its children have made is unlinked when the last process of them has ended, however it
 * ended. One that was only attached to is left alone. See docs/shared-memory.md.
 *
 * As an argument or message it travels by name, and arrives attached.
 *
 * @throws `ERR_MP_INVALID_ARG`; `ERR_MP_EXISTS` when the name of a new segment is taken; `ERR_MP_NOT_FOUND`,
 *   `ERR_MP_ACCESS` or `ERR_MP_BAD_HANDLE` when it cannot be attached to; `ERR_MP_NO_MEMORY` when there is no room.
 *
 * @example
 * using memory = new SharedMemory({ create: true, size: 1024 });
 * memory.buf[0] = 42;
 * const other = new SharedMemory({ name: memory.name }); // here, or in another process
 */
export class SharedMemory implements Disposable {
  readonly #name: string;
  readonly #size: number;
  #buf: Uint8Array<ArrayBuffer> | undefined;

  constructor(options: SharedMemoryOptions = {}) {
    const { name, create, size } = checkOptions(options);
    const segment = create ? createSegment(name, size) : openSegment(name!);
    this.#name = segment.name;
    this.#size = segment.buffer.byteLength;
    this.#buf = new Uint8Array(segment.buffer);
  }

  /** As given to the constructor or made up there. */
  get name(): string {
    return this.#name;
  }

  /**
   * The memory. What one process writes, all others see; `Atomics` on it work between processes, but `Atomics.wait` and
   * `Atomics.notify` do not.
   *
   * @throws `ERR_MP_CLOSED` after `close()`
   */
  get buf(): Uint8Array<ArrayBuffer> {
    if (!this.#buf) throw new MultiprocessError('ERR_MP_CLOSED', `SharedMemory '${this.#name}' is closed`);
    return this.#buf;
  }

  /** Bytes: of a new segment what was asked for, else what its creator asked for. */
  get size(): number {
    return this.#size;
  }

  /** Whether `close()` has been called on this object. */
  get closed(): boolean {
    return this.#buf === undefined;
  }

  /**
   * Detaches this object from the segment, which lives on for others and under its name. `buf` and every other view of
   * the same memory is empty from then on (its length is 0), so nobody can touch memory that is not there any more. Wait
   * for asynchronous work on it, as `fs.read(fd, buf)`, before. Doing it again changes nothing; an object that is
   * collected is closed.
   */
  close(): void {
    if (!this.#buf) return;
    native.segmentUnmap(this.#buf.buffer);
    this.#buf = undefined;
  }

  /**
   * Takes the name away: nobody can attach any more, and the memory is freed when everybody has closed it. Once, by
   * anybody; also after `close()`.
   *
   * @throws `ERR_MP_NOT_FOUND` when it is unlinked already
   */
  unlink(): void {
    unlinkSegment(this.#name);
  }

  /** The same as `close()`: the segment keeps its name. */
  [Symbol.dispose](): void {
    this.close();
  }

  [inspect.custom](): string {
    return `SharedMemory { name: ${inspect(this.#name)}, size: ${this.#size}${this.closed ? ', closed' : ''} }`;
  }
}

function checkOptions(options: SharedMemoryOptions): { name: string | undefined; create: boolean; size: number } {
  checkNames(options, OPTIONS);
  const { name, create = false, size = 0 } = options;
  if (typeof create !== 'boolean') throw invalidArgument("'create'", 'true or false', create);
  if (!Number.isSafeInteger(size) || size < 0) throw invalidArgument("'size'", 'a positive integer', size);
  if (create && size === 0) throw invalid("'size' must be a positive number different from zero");
  if (size > constants.MAX_LENGTH) throw invalidArgument("'size'", `at most ${constants.MAX_LENGTH}`, size);
  if (name !== undefined && name !== null) return { name: checkName(name), create, size };
  if (!create) throw invalid("'name' can only be None if create=True: pass a name, or create: true");
  return { name: undefined, create, size };
}

function checkName(name: unknown): string {
  if (typeof name !== 'string') throw invalidArgument("'name'", 'a string', name);
  if (name.includes('\0')) throw invalid(`embedded null character in 'name' ${JSON.stringify(name)}`);
  const isFileName = name !== '' && name !== '.' && name !== '..' && !name.includes('/');
  if (!isFileName || Buffer.byteLength(name) > LONGEST_NAME || !name.isWellFormed())
    throw invalidArgument("'name'", `1 to ${LONGEST_NAME} bytes of text without slashes`, name);
  return name;
}

function invalid(message: string): MultiprocessError {
  return new MultiprocessError('ERR_MP_INVALID_ARG', message);
}

registerHandle(SharedMemory, {
  tag: 'SharedMemory',
  pack: ({ name }) => name,
  unpack: (name: string) => new SharedMemory({ name }),
});
