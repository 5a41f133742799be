/** Integers of any size, as pickle has them: two's complement, little-endian, in as few bytes as they need. */

export function bytesOfInteger(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  // Of a negative one the bits of -1 - value, inverted: a number without a sign.
  const isNegative = value < 0n;
  const digits = (isNegative ? -1n - value : value).toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length & 1), '0'), 'hex');
  const signed = bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  if (isNegative) for (let i = 0; i < signed.length; i++) signed[i]! ^= 0xff;
  return signed.reverse();
}

/** A number where that is exact, else a bigint. */
export function integerOfBytes(bytes: Buffer): number | bigint {
  if (bytes.length === 0) return 0;
  if (bytes.length <= 6) return bytes.readIntLE(0, bytes.length);
  const digits = Buffer.from(bytes).reverse().toString('hex');
  return narrow(BigInt.asIntN(8 * bytes.length, BigInt(`0x${digits}`)));
}

function narrow(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
