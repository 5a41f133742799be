/** Bytes that grow. */
export class Output {
  #bytes = Buffer.allocUnsafeSlow(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  uint16(value: number): void {
    this.#length = this.#room(2).writeUInt16LE(value, this.#length);
  }

  int32(value: number): void {
    this.#length = this.#room(4).writeInt32LE(value, this.#length);
  }

  uint32(value: number): void {
    this.#length = this.#room(4).writeUInt32LE(value, this.#length);
  }

  uint64(value: number): void {
    this.#length = this.#room(8).writeBigUInt64LE(BigInt(value), this.#length);
  }

  doubleBE(value: number): void {
    this.#length = this.#room(8).writeDoubleBE(value, this.#length);
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length).set(value, this.#length);
    this.#length += value.length;
  }

  /** Of a string of `size` bytes in UTF-8. */
  utf8(value: string, size: number): void {
    this.#room(size).utf8Write(value, this.#length);
    this.#length += size;
  }

  /** What has been written, from `from` on. */
  result(from = 0): Buffer {
    return this.#bytes.subarray(from, this.#length);
  }

  /** Writes a length over a place that was left free for it. */
  patchUint64(at: number, value: number): void {
    this.#bytes.writeBigUInt64LE(BigInt(value), at);
  }

  #room(size: number): Buffer & { utf8Write(text: string, offset: number): number } {
    if (this.#length + size > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.#length + size));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    return this.#bytes as Buffer & { utf8Write(text: string, offset: number): number };
  }
}
