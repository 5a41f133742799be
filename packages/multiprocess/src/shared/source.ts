/** What arrays are filled from. */
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { type Layout, Scalar } from './scalars.ts';
import type { Struct } from './struct.ts';
import type { ArrayOf, InputOf, ValueType } from './types.ts';

/** Elements to write: any iterable of them, a typed array like that of the shared array, a string for characters. */
export type Source<T extends ValueType> = Iterable<InputOf<T>> | (T extends Struct<any> ? never : ArrayOf<T>);

/**
 * The elements of a source, checked, as they are to be stored. Throws `ERR_MP_INVALID_ARG`, which calls the source `name`.
 */
export function elementsOf(layout: Layout, source: unknown, name: string): ArrayLike<unknown> {
  if (layout instanceof Scalar && ArrayBuffer.isView(source) && source instanceof layout.Elements)
    return source as unknown as ArrayLike<unknown>;
  if (typeof (source as Iterable<unknown> | undefined)?.[Symbol.iterator] !== 'function')
    throw invalidArgument(name, `an iterable of elements of type ${layout.name}`, source);
  return Array.from(source as Iterable<unknown>, (value, i) => {
    if (layout instanceof Scalar) return layout.encode(value, `${name}[${i}]`);
    layout.check(value, `${name}[${i}]`);
    return value;
  });
}

/** A number of elements. Throws `ERR_MP_INVALID_ARG`. */
export function checkLength(length: number): number {
  if (length < 0) throw new MultiprocessError('ERR_MP_INVALID_ARG', `Array length must be >= 0, not ${length}`);
  if (Number.isSafeInteger(length)) return length;
  throw invalidArgument('sizeOrInit', 'an integer of at least 0, or an iterable', length);
}

/** Where a range of `length` elements begins and ends, by the rules of `slice`. */
export function rangeOf(length: number, start = 0, end = length): [from: number, to: number] {
  const clamp = (n: number) => Math.max(0, Math.min(length, n < 0 ? n + length : n));
  return [clamp(Math.trunc(start) || 0), clamp(Math.trunc(end) || 0)];
}
