/** What TypeScript knows of the types of shared values: from the name of a type to what is read and written. */
import type { Struct } from './struct.ts';

/** Name of a type: what is read, the typed array behind an array of it. */
interface Kinds {
  i8: [number, Int8Array<ArrayBuffer>];
  u8: [number, Uint8Array<ArrayBuffer>];
  i16: [number, Int16Array<ArrayBuffer>];
  u16: [number, Uint16Array<ArrayBuffer>];
  i32: [number, Int32Array<ArrayBuffer>];
  u32: [number, Uint32Array<ArrayBuffer>];
  i64: [bigint, BigInt64Array<ArrayBuffer>];
  u64: [bigint, BigUint64Array<ArrayBuffer>];
  f32: [number, Float32Array<ArrayBuffer>];
  f64: [number, Float64Array<ArrayBuffer>];
  bool: [boolean, Uint8Array<ArrayBuffer>];
  c: [string, Uint8Array<ArrayBuffer>];
  u: [string, Uint32Array<ArrayBuffer>];
}

/** Python's type codes, those of `array` and `struct`, and what they are here. A C `long` has 64 bits. */
export interface Codes {
  '?': 'bool';
  b: 'i8';
  B: 'u8';
  h: 'i16';
  H: 'u16';
  i: 'i32';
  I: 'u32';
  l: 'i64';
  L: 'u64';
  q: 'i64';
  Q: 'u64';
  f: 'f32';
  d: 'f64';
}

/** The names of types proper: without Python's codes for the same. */
export type ScalarName = keyof Kinds;

/**
 * The type of a shared number, flag or character.
 *
 * | type                                     | in JavaScript                                         |
 * |------------------------------------------|-------------------------------------------------------|
 * | `i8` `u8` `i16` `u16` `i32` `u32`        | an integer; what does not fit wraps around, as in C   |
 * | `i64` `u64`                              | a bigint; a safe integer may be written, too          |
 * | `f32` `f64`                              | a number                                              |
 * | `bool`                                   | true or false, in a byte                              |
 * | `c`                                      | a byte, as a string of one character up to `'\xff'`   |
 * | `u`                                      | a code point in 4 bytes, as a string of one character |
 * | Python's `b B h H i I l L q Q f d` and `?` | other names of these: `i` is `i32`, `d` `f64`, `l` and `q` `i64` |
 */
export type TypeName = ScalarName | keyof Codes;

/** The type of a shared value: a name, or what {@link struct} makes. */
export type ValueType = TypeName | Struct<any>;

/** The fields of a struct: their types by name, in the order in which they lie in memory. */
export type Fields = Record<string, ValueType>;

type ScalarOf<T> = T extends keyof Codes ? Codes[T] : T extends ScalarName ? T : never;

/** What is read from a value of type `T`. */
export type ValueOf<T extends ValueType> =
  T extends Struct<infer F>
    ? { -readonly [K in keyof F]: F[K] extends ValueType ? ValueOf<F[K]> : never }
    : Kinds[ScalarOf<T>][0];

/** What may be written to it. */
export type InputOf<T extends ValueType> =
  T extends Struct<infer F>
    ? { readonly [K in keyof F]: F[K] extends ValueType ? InputOf<F[K]> : never }
    : ValueOf<T> extends bigint
      ? bigint | number
      : ValueOf<T>;

/** The typed array over an array of type `T`; of structs, their bytes. */
export type ArrayOf<T extends ValueType> = T extends Struct<any> ? Uint8Array<ArrayBuffer> : Kinds[ScalarOf<T>][1];

/** What can be added to a value: not to flags, characters and structs. */
export type AddendOf<T extends ValueType> =
  T extends Struct<any> ? never : ScalarOf<T> extends 'bool' | 'c' | 'u' ? never : InputOf<T>;

/** The text of an array of characters. */
export type TextOf<T extends ValueType> = T extends 'c' | 'u' ? string : never;
