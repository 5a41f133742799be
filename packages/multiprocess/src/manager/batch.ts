/**
 * Messages of one turn of the event loop in one message of the connection: a call costs less when many are made at once.
 *
 *     uint32 size, little-endian   message   uint32 size   message   …
 */
import { decodeFrom, dumps, encodeInto, scratch } from '../transport/index.ts';

const HEADER = 4;

export class Batch {
  readonly #send: (bytes: Uint8Array) => void;
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #size = 0;

  /** `send` gets what was added since the last time: at the end of the turn, or when `flush` is called. */
  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
  }

  /** Adds a message of plain data; false, and nothing is added, when it is not plain or large. */
  tryAdd(message: unknown): boolean {
    const size = encodeInto(message);
    if (size < 0) return false;
    this.#append(scratch.bytes, size);
    return true;
  }

  /** Adds one of plain data, of any size. */
  add(message: unknown): void {
    if (this.tryAdd(message)) return;
    const bytes = dumps(message);
    this.#append(bytes, bytes.length);
  }

  flush(): void {
    if (this.#size > 0) this.#send(this.take());
  }

  /** What was added, which will not be sent any more. */
  take(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#size);
    this.#size = 0;
    return bytes;
  }

  #append(bytes: Uint8Array, size: number): void {
    const begin = this.#size;
    const end = begin + HEADER + size;
    if (end > this.#bytes.length) this.#grow(end);
    this.#view.setUint32(begin, size, true);
    // Shorter ones are copied faster without making a view.
    if (size < 64) for (let i = 0; i < size; i++) this.#bytes[begin + HEADER + i] = bytes[i]!;
    else this.#bytes.set(bytes.subarray(0, size), begin + HEADER);
    this.#size = end;
    if (begin === 0) queueMicrotask(() => this.flush());
  }

  #grow(size: number): void {
    const larger = new Uint8Array(2 * size);
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** The messages of a batch. Throws for what is none. */
export function* messagesOf(bytes: Uint8Array): Generator<unknown, void, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const begin = at + HEADER;
    at = begin + view.getUint32(at, true);
    if (at > bytes.length) throw new RangeError('a message goes beyond its batch');
    yield decodeFrom(bytes, begin, at)!.value;
  }
}
