import { TYPE } from './compact.ts';

let bytes: Uint8Array;
let at = 0;

const { latin1Slice, ucs2Slice } = Buffer.prototype as unknown as Record<
  'latin1Slice' | 'ucs2Slice',
  (this: Uint8Array, start: number, end: number) => string
>;

/** The inverse of compact.ts: the value after the tag. */
export function readCompact(message: Uint8Array): unknown {
  bytes = message;
  at = 1;
  return readValue();
}

function readValue(): unknown {
  const type = bytes[at++];
  switch (type) {
    case TYPE.undefined:
      return undefined;
    case TYPE.null:
      return null;
    case TYPE.true:
      return true;
    case TYPE.false:
      return false;
    case TYPE.integer: {
      const zigzag = readLength();
      return (zigzag >>> 1) ^ -(zigzag & 1);
    }
    case TYPE.double:
      at += 8;
      return new DataView(bytes.buffer, bytes.byteOffset + at - 8, 8).getFloat64(0, true);
    case TYPE.latin1: {
      const length = readLength();
      at += length;
      return latin1Slice.call(bytes, at - length, at);
    }
    case TYPE.utf16: {
      const length = readLength();
      at += length;
      return ucs2Slice.call(bytes, at - length, at);
    }
    case TYPE.array:
      return readArray(readLength());
    case TYPE.object:
      return readRecord(readLength());
    default:
      throw new TypeError(`damaged message: type ${type} at byte ${at - 1}`);
  }
}

function readArray(length: number): unknown[] {
  const array: unknown[] = [];
  for (let i = 0; i < length; i++) array.push(readValue());
  return array;
}

function readRecord(count: number): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) {
    const key = readValue() as string;
    record[key] = readValue();
  }
  return record;
}

function readLength(): number {
  let byte = bytes[at++]!;
  if (byte < 128) return byte;
  let length = byte & 127;
  for (let shift = 7; byte > 127; shift += 7) {
    byte = bytes[at++]!;
    length |= (byte & 127) << shift;
  }
  return length >>> 0;
}
