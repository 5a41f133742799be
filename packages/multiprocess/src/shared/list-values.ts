/** Values of a ShareableList and the bytes that stand for them. */
import { describe, invalidArgument, MultiprocessError } from '../errors.ts';
import { registerHandle } from '../transport/index.ts';
import { Code } from './list-layout.ts';

/** What a ShareableList can hold; `undefined` is stored as `null`. */
export type ShareableValue = number | bigint | boolean | string | Uint8Array | null;

/** A number that is to be stored as a float, though it is an integer. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    if (typeof value !== 'number') throw invalidArgument('value', 'a number', value);
    this.value = value;
  }
}

registerHandle(Float, {
  tag: 'ShareableFloat',
  pack: ({ value }) => value,
  unpack: (value: number) => new Float(value),
});

/** A value, ready to be written. */
export interface Encoded {
  /** `'s'` stands for text and bytes of any length. */
  format: 'q' | 'd' | 's' | 'xxxxxxx?' | 'xxxxxx?x';
  code: number;
  bytes: Uint8Array;
}

/** `asFloat`: an integer goes into a slot that has a float. Throws `ERR_MP_INVALID_ARG` for what a list cannot hold. */
export function encode(value: unknown, asFloat = false): Encoded {
  if (typeof value === 'number') return asFloat || !isWhole(value) ? float(value) : smallInteger(value);
  if (value instanceof Float) return float(value.value);
  if (typeof value === 'bigint') return integer(value);
  if (typeof value === 'boolean') {
    return { format: 'xxxxxxx?', code: Code.Plain, bytes: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, Number(value)) };
  }
  if (typeof value === 'string') return { format: 's', code: Code.Text, bytes: Buffer.from(value) };
  if (value instanceof Uint8Array) return { format: 's', code: Code.Bytes, bytes: value };
  if (value === null || value === undefined) {
    return { format: 'xxxxxx?x', code: Code.None, bytes: new Uint8Array(8) };
  }
  throw invalidArgument('a value of a ShareableList', 'a number, bigint, boolean, string, Uint8Array or null', value);
}

/**
 * The inverse, for the slot from `start` to `end`. Throws `ERR_MP_BAD_HANDLE` for a format that no list has.
 */
export function decode(format: string, code: number, memory: Buffer, start: number, end: number): ShareableValue {
  if (code === Code.None) return null;
  if (format === 'q') return readInteger(memory, start);
  if (format === 'd') return memory.readDoubleLE(start);
  if (format === 'xxxxxxx?') return memory[start + 7] !== 0;
  if (format === 'xxxxxx?x') return memory[start + 6] !== 0;
  const length = Number(/^(\d+)s$/.exec(format)?.[1] ?? Number.NaN);
  if (!(start + length <= end))
    throw new MultiprocessError(
      'ERR_MP_BAD_HANDLE',
      `not a ShareableList: it has a slot of format ${describe(format)}`,
    );
  const stored = withoutTrailingNuls(memory.subarray(start, start + length));
  return code === Code.Text ? stored.toString('utf8') : Uint8Array.from(stored);
}

/** What `count` and `index` compare by: numbers by their value, bytes byte by byte. */
export function isSame(a: ShareableValue, b: unknown): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  // biome-ignore lint/suspicious/noDoubleEquals: 1n == 1, and only numbers get here
  if (isNumeric(a) && isNumeric(b)) return a == b;
  return a === (b ?? null);
}

const isNumeric = (value: unknown) => typeof value === 'number' || typeof value === 'bigint';

/** -0 has no integer. */
const isWhole = (value: number) => Number.isSafeInteger(value) && !Object.is(value, -0);

function smallInteger(value: number): Encoded {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeUInt32LE(value >>> 0, 0);
  bytes.writeInt32LE(Math.floor(value / 2 ** 32), 4);
  return { format: 'q', code: Code.Plain, bytes };
}

function integer(value: bigint): Encoded {
  if (BigInt.asIntN(64, value) !== value)
    throw invalidArgument('an integer of a ShareableList', 'between -(2 ** 63) and 2 ** 63 - 1', value);
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64LE(value);
  return { format: 'q', code: Code.Plain, bytes };
}

function float(value: number): Encoded {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleLE(value);
  return { format: 'd', code: Code.Plain, bytes };
}

function readInteger(memory: Buffer, at: number): number | bigint {
  const value = memory.readInt32LE(at + 4) * 2 ** 32 + memory.readUInt32LE(at);
  return Number.isSafeInteger(value) ? value : memory.readBigInt64LE(at);
}

function withoutTrailingNuls(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}
