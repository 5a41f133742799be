/** Bytes that are read from front to back. Reading past the end throws a RangeError. */
export class Input {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get at(): number {
    return this.#at;
  }

  get length(): number {
    return this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#next(1)]!;
  }

  uint16(): number {
    return this.#bytes.readUInt16LE(this.#next(2));
  }

  int32(): number {
    return this.#bytes.readInt32LE(this.#next(4));
  }

  uint32(): number {
    return this.#bytes.readUInt32LE(this.#next(4));
  }

  /** Exact up to 2**53; what is more is more than there can be. */
  uint64(): number {
    return Number(this.#bytes.readBigUInt64LE(this.#next(8)));
  }

  doubleBE(): number {
    return this.#bytes.readDoubleBE(this.#next(8));
  }

  /** A view: to be copied by whoever keeps it. */
  bytes(length: number): Buffer {
    const from = this.#next(length);
    return this.#bytes.subarray(from, from + length);
  }

  /** Up to a line feed, which is skipped. */
  line(): Buffer {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw new RangeError('no line ends here');
    const line = this.bytes(end - this.#at);
    this.#at++;
    return line;
  }

  #next(size: number): number {
    const from = this.#at;
    if (size < 0 || size > this.#bytes.length - from) throw new RangeError('pickle data was truncated');
    this.#at = from + size;
    return from;
  }
}
