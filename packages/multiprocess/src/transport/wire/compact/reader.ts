import { TAG } from '../format.ts';
import { LARGE, MAX_BLOCKS, TYPE } from './layout.ts';
import { addShape, compileLater, findShape, type Shape } from './recentShapes.ts';
import { readShortText } from './recentText.ts';
import { BUFFER, makeView } from './views.ts';

const NOTHING = new Uint8Array(0);
const WORTH_A_VIEW = 256;
let bytes: Uint8Array = NOTHING;
let at = 0;
let owned = false;
// Only of a message that is worth making it.
let view: DataView | undefined;
// The objects of a message that refers to them.
let objects: unknown[] | undefined;
let blocks = 0;
const shapes: Shape[] = [];

const eight = new Uint8Array(8);
const double = new Float64Array(eight.buffer);
const int64 = new BigInt64Array(eight.buffer);

const { latin1Slice, ucs2Slice } = Buffer.prototype as unknown as Record<
  'latin1Slice' | 'ucs2Slice',
  (this: Uint8Array, start: number, end: number) => string
>;

/**
 * The value of a message in the compact format in `message[start, end)`. `isOwned`: nobody else uses these bytes, so that an
 * array that makes up most of them may be a view of them.
 */
export function decodeCompact(message: Uint8Array, start: number, end: number, isOwned: boolean): unknown {
  // A Buffer's own slice() does not copy.
  bytes =
    message.constructor === Uint8Array ? message : new Uint8Array(message.buffer, message.byteOffset, message.length);
  view = end - start < WORTH_A_VIEW ? undefined : new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  at = start + 1;
  owned = isOwned;
  blocks = 0;
  objects = (message[start]! & TAG.shared) === 0 ? undefined : [];
  try {
    return readValue();
  } finally {
    bytes = NOTHING; // or a large message would stay alive
    view = undefined;
    objects = undefined;
  }
}

function readValue(): unknown {
  const type = bytes[at++]!;
  if (type < TYPE.shortText) return type;
  if (type < TYPE.shortArray) {
    const length = type - TYPE.shortText;
    at += length;
    return readShortText(bytes, at - length, length);
  }
  if (type < TYPE.undefined) return readArray(type - TYPE.shortArray);
  switch (type) {
    case TYPE.undefined:
      return undefined;
    case TYPE.null:
      return null;
    case TYPE.true:
      return true;
    case TYPE.false:
      return false;
    case TYPE.int32:
      return readInt32();
    case TYPE.double:
      return readDouble();
    case TYPE.record:
      return readRecord(readShape());
    case TYPE.again:
      return readRecord(shapes[bytes[at++]!]!);
    case TYPE.array:
      return readArray(readUint32());
    default:
      return readRare(type);
  }
}

function readRare(type: number): unknown {
  switch (type) {
    case TYPE.latin1: {
      const length = readUint32();
      at += length;
      return latin1Slice.call(bytes, at - length, at);
    }
    case TYPE.utf16: {
      const length = 2 * readUint32();
      at += length;
      return ucs2Slice.call(bytes, at - length, at);
    }
    case TYPE.dictionary:
      return readDictionary(readUint32());
    case TYPE.bigint64:
      copyEight();
      return int64[0];
    case TYPE.bigint: {
      const text = readValue() as string;
      return text[0] === '-' ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
    }
    case TYPE.date:
      return register(new Date(readDouble()));
    case TYPE.map:
      return readMap(readUint32());
    case TYPE.set:
      return readSet(readUint32());
    case TYPE.buffer:
      return register(takeBytes().buffer);
    case TYPE.view:
      return register(readView(bytes[at++]!));
    case TYPE.reference:
      return objects![readUint32()];
    default:
      throw new TypeError(`damaged message: type ${type} at byte ${at - 1}`);
  }
}

function register<T>(object: T): T {
  objects?.push(object);
  return object;
}

function readArray(length: number): unknown[] {
  const array: unknown[] = register([]);
  for (let i = 0; i < length; i++) array.push(readValue());
  return array;
}

function readShape(): Shape {
  const start = at - 1;
  let shape = findShape(bytes, start);
  if (shape) at = start + shape.block.length;
  else {
    const keys: string[] = [];
    const count = bytes[start + 5]!;
    at = start + 6;
    for (let i = 0; i < count; i++) keys.push(readValue() as string);
    shape = addShape(bytes, start, at, keys);
  }
  if (blocks < MAX_BLOCKS) shapes[blocks++] = shape;
  return shape;
}

function readRecord(shape: Shape): object {
  // What refers to the object must find it before it has all its properties.
  if (shape.make && !objects) return shape.make();
  compileLater(shape, readValue);
  const record = register({});
  for (const key of shape.keys) setProperty(record, key, readValue());
  return record;
}

function readDictionary(count: number): object {
  const record = register({});
  for (let i = 0; i < count; i++) {
    const key = readValue() as string;
    setProperty(record, key, readValue());
  }
  return record;
}

function setProperty(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') record[key] = value;
  else Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
}

function readMap(count: number): Map<unknown, unknown> {
  const map = register(new Map<unknown, unknown>());
  for (let i = 0; i < count; i++) {
    const key = readValue();
    map.set(key, readValue());
  }
  return map;
}

function readSet(count: number): Set<unknown> {
  const set = register(new Set<unknown>());
  for (let i = 0; i < count; i++) set.add(readValue());
  return set;
}

function readView(kind: number): ArrayBufferView {
  const size = sizeAt(at + 1);
  const start = at + 5 + bytes[at]!;
  const isWorthKeeping = owned && size >= LARGE && 2 * size >= bytes.length;
  const position = bytes.byteOffset + start;
  if (isWorthKeeping && position % 8 === 0) {
    at = start + size;
    return makeView(kind, bytes.buffer as ArrayBuffer, position, size);
  }
  if (kind !== BUFFER) return makeView(kind, takeBytes().buffer, 0, size);
  // Small ones come out of Node's pool, as usual.
  const copy = Buffer.allocUnsafe(size);
  copy.set(new Uint8Array(bytes.buffer, position, size));
  at = start + size;
  return copy;
}

function takeBytes(): Uint8Array<ArrayBuffer> {
  const padding = bytes[at++]!;
  const size = readUint32();
  const start = at + padding;
  at = start + size;
  return bytes.slice(start, at) as Uint8Array<ArrayBuffer>;
}

function sizeAt(i: number): number {
  return (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)) >>> 0;
}

function readUint32(): number {
  at += 4;
  return sizeAt(at - 4);
}

function readInt32(): number {
  return readUint32() | 0;
}

function readDouble(): number {
  if (view === undefined) {
    copyEight();
    return double[0]!;
  }
  at += 8;
  return view.getFloat64(at - 8, true);
}

// Values stand at any address.
function copyEight(): void {
  for (let i = 0; i < 8; i++) eight[i] = bytes[at + i]!;
  at += 8;
}
