/**
 * Messages on a stream, as CPython's `multiprocessing.connection` writes them.
 *
 *     length <= 0x7fffffff:  int32 length            payload
 *     longer:                int32 -1  uint64 length payload        (all big-endian)
 *
 * An end of the stream before the first byte of a length is the end of the conversation; anywhere else something broke off.
 */
import { tooLong } from '../channel/index.ts';

const MAX_SHORT = 0x7fffffff;
const SHORT_HEADER = 4;
const LONG_HEADER = 12;

/** What goes before a payload of this length. */
export function frameHeader(length: number | bigint): Uint8Array {
  const header = new DataView(new ArrayBuffer(length <= MAX_SHORT ? SHORT_HEADER : LONG_HEADER));
  if (length <= MAX_SHORT) header.setInt32(0, Number(length));
  else {
    header.setInt32(0, -1);
    header.setBigUint64(4, BigInt(length));
  }
  return new Uint8Array(header.buffer);
}

/** The length that `header` gives; undefined when there is more of it to come. Throws for one that cannot be. */
export function frameLength(header: Uint8Array): number | bigint | undefined {
  if (header.length < SHORT_HEADER) return undefined;
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const length = view.getInt32(0);
  if (length < -1) throw tooLong(length, 'no length is negative');
  if (length >= 0) return length;
  return header.length < LONG_HEADER ? undefined : view.getBigUint64(4);
}

/** How much memory a payload gets before any of it has come. */
const FIRST_CHUNK = 64 * 1024;

/** Puts messages together from pieces of any size. Memory grows with what has come, not with what a length claims. */
export class FrameReader {
  /** Whole messages that nobody has taken yet. */
  readonly messages: Uint8Array[] = [];
  readonly #limit: number;
  readonly #header = new Uint8Array(LONG_HEADER);
  #headerFilled = 0;
  #payload: Uint8Array | undefined;
  #length = 0;
  #filled = 0;

  /** Longest message, in bytes, that is accepted. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The length of the message that has begun to come, as far as it is known. */
  get announced(): number | undefined {
    return this.#payload && this.#length;
  }

  /** Whether nothing of a further message has come. */
  get isBetween(): boolean {
    return this.#headerFilled === 0 && !this.#payload;
  }

  /** Takes the next bytes of the stream. Throws `ERR_MP_MESSAGE_TOO_LONG`; then the stream is of no use any more. */
  feed(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (!this.#payload) {
        this.#header[this.#headerFilled++] = bytes[at++]!;
        this.#begin();
        continue;
      }
      const count = Math.min(bytes.length - at, this.#length - this.#filled);
      while (this.#payload.length < this.#filled + count) this.#grow();
      this.#payload.set(bytes.subarray(at, at + count), this.#filled);
      at += count;
      this.advance(count);
    }
  }

  /** Where the next bytes belong, if they are all part of one large payload: so that they need not be copied. */
  room(): { buffer: Uint8Array; offset: number } | undefined {
    if (!this.#payload || this.#length - this.#filled < FIRST_CHUNK) return undefined;
    if (this.#payload.length === this.#filled) this.#grow();
    return { buffer: this.#payload, offset: this.#filled };
  }

  /** Says that `count` bytes have come where `room()` said. */
  advance(count: number): void {
    this.#filled += count;
    if (this.#filled < this.#length) return;
    this.messages.push(this.#payload!);
    this.#payload = undefined;
    this.#filled = 0;
  }

  #begin(): void {
    const length = frameLength(this.#header.subarray(0, this.#headerFilled));
    if (length === undefined) return;
    if (length > this.#limit) throw tooLong(length, `the limit is ${this.#limit} (maxMessageSize)`);
    this.#headerFilled = 0;
    this.#length = Number(length);
    this.#payload = new Uint8Array(Math.min(this.#length, FIRST_CHUNK));
    if (this.#length === 0) this.advance(0);
  }

  #grow(): void {
    const larger = new Uint8Array(Math.min(this.#length, 2 * this.#payload!.length));
    larger.set(this.#payload!.subarray(0, this.#filled));
    this.#payload = larger;
  }
}
