/** Numbers, flags and characters in shared memory: one table. */
import { describe, invalidArgument, MultiprocessError } from '../errors.ts';
import type { Memory } from './memory.ts';
import type { Codes, ScalarName } from './types.ts';

/** An element of a typed array. */
type Raw = number | bigint;

/** A typed array of whichever class. */
export interface Elements {
  readonly length: number;
  readonly byteOffset: number;
  [index: number]: any;
  set(source: ArrayLike<any>, at?: number): void;
  fill(value: any, start?: number, end?: number): unknown;
  slice(start?: number, end?: number): Elements;
}

export interface ElementsClass {
  readonly BYTES_PER_ELEMENT: number;
  readonly prototype: object;
  new (buffer: ArrayBuffer, byteOffset?: number, length?: number): Elements;
}

/** How values of a type lie in memory: the common side of scalars and structs. */
export interface Layout {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly align: number;
  /** The value at a byte offset, which is a multiple of `align`. */
  read(memory: Memory, at: number): any;
  /** Throws `ERR_MP_INVALID_ARG`, which calls the value `name`; nothing has changed then. */
  write(memory: Memory, at: number, value: unknown, name: string): void;
  /** Throws as `write` would. */
  check(value: unknown, name: string): void;
  /** The value as it is now, apart from the memory. */
  snapshot(memory: Memory, at: number): any;
}

type Decode = (raw: any) => unknown;
/** Undefined: not accepted. */
type Encode = (value: any) => Raw | undefined;

const itself: Decode = (raw) => raw;

/**
 * A type of one element of a typed array. Typed arrays read and write an aligned element in one piece, at every stage of
 * V8's compilers; a DataView does so byte by byte until it is optimised, and others would see halves.
 */
export class Scalar implements Layout {
  static #count = 0;
  /** Counts the types: an index for what is kept per type. */
  readonly number = Scalar.#count++;
  readonly name: ScalarName;
  readonly size: number;
  readonly Elements: ElementsClass;
  /** What Atomics work on: floating-point numbers are exchanged as integers of their size. */
  readonly Bits: ElementsClass;
  readonly accepts: string;
  readonly adds: 'integer' | 'float' | undefined;
  readonly encodeRaw: Encode;
  readonly decode: Decode;
  /** One element, and its bits: between the two lie conversion and wrap-around. */
  readonly scratch: Elements;
  readonly scratchBits: Elements;

  constructor(
    name: ScalarName,
    Elements: ElementsClass,
    adds: Scalar['adds'],
    accepts: string,
    encode: Encode,
    decode = itself,
  ) {
    this.name = name;
    this.size = Elements.BYTES_PER_ELEMENT;
    this.Elements = Elements;
    this.Bits = adds !== 'float' ? Elements : this.size === 4 ? Int32Array : BigInt64Array;
    this.adds = adds;
    this.accepts = accepts;
    this.encodeRaw = encode;
    this.decode = decode;
    const buffer = new ArrayBuffer(this.size);
    this.scratch = new Elements(buffer);
    this.scratchBits = new this.Bits(buffer);
  }

  get align(): number {
    return this.size;
  }

  /** Characters are numbers in memory and strings outside. */
  get isCharacter(): boolean {
    return this.name === 'c' || this.name === 'u';
  }

  encode(value: unknown, name: string): any {
    const raw = this.encodeRaw(value);
    if (raw === undefined) throw invalidArgument(name, `${this.accepts} (type '${this.name}')`, value);
    return raw;
  }

  read(memory: Memory, at: number): unknown {
    return this.decode(memory.elements(this)[at / this.size]);
  }

  write(memory: Memory, at: number, value: unknown, name: string): void {
    memory.elements(this)[at / this.size] = this.encode(value, name);
  }

  check(value: unknown, name: string): void {
    this.encode(value, name);
  }

  snapshot(memory: Memory, at: number): unknown {
    return this.read(memory, at);
  }
}

const integer: Encode = (value) => (Number.isInteger(value) ? value : undefined);
const long: Encode = (value) =>
  typeof value === 'bigint' ? value : Number.isSafeInteger(value) ? BigInt(value) : undefined;
const number: Encode = (value) => (typeof value === 'number' ? value : undefined);
const flag: Encode = (value) => (typeof value === 'boolean' ? Number(value) : undefined);
const byte: Encode = (value) =>
  typeof value === 'string' && value.length === 1 && value <= '\xff' ? value.charCodeAt(0) : undefined;
const codePoint: Encode = (value) =>
  typeof value === 'string' && value !== '' && value.length === String.fromCodePoint(value.codePointAt(0)!).length
    ? value.codePointAt(0)
    : undefined;
const fromCodePoint: Decode = (raw) => (raw <= 0x10ffff ? String.fromCodePoint(raw) : '\ufffd');

const SCALARS: Record<ScalarName, Scalar> = {
  i8: new Scalar('i8', Int8Array, 'integer', 'an integer', integer),
  u8: new Scalar('u8', Uint8Array, 'integer', 'an integer', integer),
  i16: new Scalar('i16', Int16Array, 'integer', 'an integer', integer),
  u16: new Scalar('u16', Uint16Array, 'integer', 'an integer', integer),
  i32: new Scalar('i32', Int32Array, 'integer', 'an integer', integer),
  u32: new Scalar('u32', Uint32Array, 'integer', 'an integer', integer),
  i64: new Scalar('i64', BigInt64Array, 'integer', 'a bigint or a safe integer', long),
  u64: new Scalar('u64', BigUint64Array, 'integer', 'a bigint or a safe integer', long),
  f32: new Scalar('f32', Float32Array, 'float', 'a number', number),
  f64: new Scalar('f64', Float64Array, 'float', 'a number', number),
  bool: new Scalar('bool', Uint8Array, undefined, 'true or false', flag, (raw) => raw !== 0),
  c: new Scalar('c', Uint8Array, undefined, "a string of one character up to '\\xff'", byte, fromCodePoint),
  u: new Scalar('u', Uint32Array, undefined, 'a string of one character', codePoint, fromCodePoint),
};

const CODES: Codes = {
  '?': 'bool',
  b: 'i8',
  B: 'u8',
  h: 'i16',
  H: 'u16',
  i: 'i32',
  I: 'u32',
  l: 'i64',
  L: 'u64',
  q: 'i64',
  Q: 'u64',
  f: 'f32',
  d: 'f64',
};

/** The scalar of a name or of one of Python's codes; undefined for anything else. */
export function scalarOf(name: unknown): Scalar | undefined {
  if (typeof name !== 'string') return undefined;
  const proper = Object.hasOwn(CODES, name) ? CODES[name as keyof Codes] : name;
  return Object.hasOwn(SCALARS, proper) ? SCALARS[proper as ScalarName] : undefined;
}

/** The error for what is no type; it calls the argument `name`. */
export function unknownType(name: string, type: unknown): MultiprocessError {
  const names = `${Object.keys(SCALARS).join(' ')}, of Python's codes ${Object.keys(CODES).join(' ')}, or a struct()`;
  const message = `this type has no size: ${name} must be one of ${names}, not ${describe(type)}`;
  return new MultiprocessError('ERR_MP_INVALID_ARG', message);
}
