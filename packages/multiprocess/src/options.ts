/** How options are checked, everywhere alike: each throws `ERR_MP_INVALID_ARG`. */
import { invalidArgument, MultiprocessError } from './errors.ts';

/** Options that are no object, or that have a name which is not `known`: a misspelt option must not be ignored. */
export function checkNames(options: unknown, known: readonly string[], prefix = ''): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidArgument('options', 'an object', options);
  }
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new MultiprocessError(
    'ERR_MP_INVALID_ARG',
    `unknown option '${prefix}${unknown}'; accepted ${known.length > 1 ? 'are' : 'is'} ${known.join(', ')}`,
  );
}

/** A value that was given and is not valid. */
export function check(name: string, accepted: string, value: unknown, isValid: (value: unknown) => boolean): void {
  if (value !== undefined && !isValid(value)) throw invalidArgument(name, accepted, value);
}

export const isFunction = (value: unknown): boolean => typeof value === 'function';
export const isString = (value: unknown): boolean => typeof value === 'string';
export const isBoolean = (value: unknown): boolean => typeof value === 'boolean';

export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const isAtLeast = (least: number) => (value: unknown) => typeof value === 'number' && value >= least;
export const isAbove = (limit: number) => (value: unknown) => typeof value === 'number' && value > limit;

export function isWhole(value: unknown, from: number, to = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to;
}

/** A whole number of at least 1. */
export const isCount = (value: unknown): boolean => isWhole(value, 1);

export function isIterable(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  const { [Symbol.iterator]: sync, [Symbol.asyncIterator]: async } = Object(value);
  return typeof sync === 'function' || typeof async === 'function';
}
