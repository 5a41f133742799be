/** A list of values in a segment, laid out as CPython's ShareableList; the wire format is in list-layout.ts. */
import { inspect } from 'node:util';
import { describe, invalidArgument, MultiprocessError } from '../errors.ts';
import { checkNames } from '../options.ts';
import { registerHandle } from '../transport/index.ts';
import { FORMAT_SIZE, type ListLayout, layoutOf, readLayout, writeLayout } from './list-layout.ts';
import { decode, type Encoded, encode, Float, isSame, type ShareableValue } from './list-values.ts';
import { SharedMemory } from './shared-memory.ts';

export type { ShareableValue } from './list-values.ts';

export interface ShareableListOptions {
  /** Name of the segment: of a new one where values are given, else of one that exists. @default a new one */
  name?: string | null;
}

/** CPython writes a format in at most 8 characters. */
const LONGEST_STRING = 9_999_999;

/**
 * A list of fixed length, whose values any program that knows its name can read and replace; CPython's
 * `ShareableList(name=…)` for one. It holds integers of 64 bits, floats, booleans, strings, bytes and `null`.
 *
 * Without values and with a name it attaches to the list of that name, else it makes a new one. Each value has a slot,
 * which keeps the size it was made with: 8 bytes, and for a string or bytes the next multiple of 8 above their length in
 * UTF-8. NULs at the end of a string or of bytes are lost when they are read, as in CPython.
 *
 * Nothing is locked: two processes that set the same item at once leave either value, or a mixture; guard items that
 * several write with a lock.
 *
 * As an argument or message it travels by name, and arrives attached.
 *
 * @throws `ERR_MP_INVALID_ARG` for a value that a list cannot hold; `ERR_MP_BAD_HANDLE` when the segment holds no list;
 *   otherwise as `SharedMemory`
 *
 * @example
 * const list = new ShareableList(['idle', 0, null]);
 * list.set(0, 'busy');
 * const same = new ShareableList(undefined, { name: list.shm.name }); // in another process
 */
export class ShareableList implements Iterable<ShareableValue>, Disposable {
  readonly #shm: SharedMemory;
  readonly #layout: ListLayout;
  #buffer: Buffer | undefined;

  constructor(values?: Iterable<ShareableValue | undefined | Float> | null, options: ShareableListOptions = {}) {
    const name = checkOptions(options);
    if ((values === undefined || values === null) && name !== undefined) {
      this.#shm = new SharedMemory({ name });
      this.#layout = attached(this.#shm);
      return;
    }
    const items = Array.from(values instanceof ShareableList ? values.#exactly() : (values ?? []), (value) =>
      encode(value),
    );
    this.#layout = layoutOf(items.map(sizeOf));
    this.#shm = new SharedMemory({ name, create: true, size: this.#layout.size });
    writeLayout(viewOf(this.#shm.buf), this.#layout);
    for (const [i, item] of items.entries()) this.#write(i, item);
  }

  /** The segment of the list. The list is as open as it: `list.shm.close()`, `list.shm.unlink()`. */
  get shm(): SharedMemory {
    return this.#shm;
  }

  /**
   * Marks a number to be stored as a float. An integer in a list is an int to Python; with this, 1 is 1.0. Not needed
   * for numbers with a fraction, nor to set an item that is a float: it stays one.
   *
   * @example
   * const list = new ShareableList([ShareableList.float(1)]); // [1.0] in Python
   * list.set(0, 2);                                           // 2.0
   * list.set(0, 2n);                                          // 2: a bigint is always an integer
   */
  static float(value: number): Float {
    return new Float(value);
  }

  /** How many items there are; it never changes. */
  get length(): number {
    return this.#layout.length;
  }

  /** The formats of all items in one, as Python's struct module would write them, for instance `qd8s`. */
  get format(): string {
    return this.#positions((i) => this.#formatAt(i)).join('');
  }

  /**
   * An item; a negative index counts from the end. An integer is a number where that is exact, else a bigint.
   *
   * @throws `ERR_MP_INVALID_ARG` (index out of range), `ERR_MP_CLOSED`
   */
  get(index: number): ShareableValue {
    return this.#read(this.#position(index, 'index out of range'));
  }

  /**
   * Replaces an item. A number goes into a float's slot as a float; everything else takes its own type along. A string or
   * bytes must fit into the slot.
   *
   * @throws `ERR_MP_INVALID_ARG` (assignment index out of range; bytes/str item exceeds available storage; a value that a
   *   list cannot hold), `ERR_MP_CLOSED`
   */
  set(index: number, value: ShareableValue | undefined | Float): void {
    const position = this.#position(index, 'assignment index out of range');
    this.#write(position, encode(value, this.#formatAt(position) === 'd'));
  }

  /** How many items are equal to `value`: numbers and bigints by their value, bytes byte by byte, all else by `===`. */
  count(value: ShareableValue | undefined): number {
    return this.#positions((i) => isSame(this.#read(i), value)).filter(Boolean).length;
  }

  /**
   * Position of the first item that is equal to `value`, as `count` compares them.
   *
   * @throws `ERR_MP_INVALID_ARG` when there is none
   */
  index(value: ShareableValue | undefined): number {
    for (let i = 0; i < this.length; i++) if (isSame(this.#read(i), value)) return i;
    throw invalid(`ShareableList.index(x): x not in list: there is no ${describe(value)}`);
  }

  *[Symbol.iterator](): Generator<ShareableValue, void, undefined> {
    for (let i = 0; i < this.length; i++) yield this.#read(i);
  }

  /** Closes the segment here; the list keeps its name. */
  [Symbol.dispose](): void {
    this.shm.close();
  }

  [inspect.custom](_depth: number, options: object): string {
    const items = this.shm.closed ? 'closed' : inspect([...this], options);
    return `ShareableList ${inspect(this.shm.name)} ${items}`;
  }

  /** The items, with floats marked: a copy of the list then has the same formats. */
  #exactly(): (ShareableValue | Float)[] {
    return this.#positions((i) => {
      const value = this.#read(i);
      return typeof value === 'number' && this.#formatAt(i) === 'd' ? new Float(value) : value;
    });
  }

  #position(index: number, message: string): number {
    if (!Number.isInteger(index)) throw invalidArgument('index', 'an integer', index);
    const position = index < 0 ? index + this.length : index;
    if (position < 0 || position >= this.length) throw invalid(`${message}: ${index} of ${this.length}`);
    return position;
  }

  #positions<T>(map: (position: number) => T): T[] {
    return Array.from({ length: this.length }, (_, i) => map(i));
  }

  /** The segment's bytes; throws `ERR_MP_CLOSED`. */
  #memory(): Buffer {
    const { buf } = this.shm;
    this.#buffer ??= Buffer.from(buf.buffer, buf.byteOffset, buf.byteLength);
    return this.#buffer;
  }

  #formatAt(position: number): string {
    const at = this.#layout.formats + FORMAT_SIZE * position;
    const text = this.#memory().toString('latin1', at, at + FORMAT_SIZE);
    const end = text.indexOf('\0');
    return end < 0 ? text : text.slice(0, end);
  }

  #read(position: number): ShareableValue {
    const { slots, codes } = this.#layout;
    const memory = this.#memory();
    return decode(this.#formatAt(position), memory[codes + position]!, memory, slots[position]!, slots[position + 1]!);
  }

  #write(position: number, { format, code, bytes }: Encoded): void {
    const { slots, formats, codes } = this.#layout;
    const slot = slots[position]!;
    const size = slots[position + 1]! - slot;
    if (bytes.length > size)
      throw invalid(`bytes/str item exceeds available storage: ${bytes.length} of ${size} bytes`);
    const memory = this.#memory();
    // In CPython's order, and without a look at what is there: others may write at the same time.
    const text = (format === 's' ? `${size}s` : format).padEnd(FORMAT_SIZE, '\0');
    memory.write(text, formats + FORMAT_SIZE * position, FORMAT_SIZE, 'latin1');
    memory[codes + position] = code;
    memory.set(bytes, slot);
    if (format === 's') memory.fill(0, slot + bytes.length, slot + size);
  }
}

/** One byte more than the value, rounded up: text and bytes always end in a NUL at first. */
function sizeOf({ format, bytes }: Encoded): number {
  if (format !== 's') return 8;
  const size = 8 * (Math.floor(bytes.length / 8) + 1);
  if (size > LONGEST_STRING) throw invalid(`a string or bytes of a ShareableList must be shorter than 9999992 bytes`);
  return size;
}

function attached(shm: SharedMemory): ListLayout {
  try {
    return readLayout(viewOf(shm.buf), shm.name);
  } catch (error) {
    shm.close();
    throw error;
  }
}

const viewOf = (buf: Uint8Array): DataView => new DataView(buf.buffer, buf.byteOffset, buf.byteLength);

function checkOptions(options: ShareableListOptions): string | undefined {
  checkNames(options, ['name']);
  return options.name ?? undefined;
}

function invalid(message: string): MultiprocessError {
  return new MultiprocessError('ERR_MP_INVALID_ARG', message);
}

registerHandle(ShareableList, {
  tag: 'ShareableList',
  pack: (list) => list.shm.name,
  unpack: (name: string) => new ShareableList(undefined, { name }),
});
