import { type InspectOptions, inspect } from 'node:util';

const LONG = 24;
const NAMES_ONLY: InspectOptions = {
  showHidden: true,
  maxArrayLength: 0,
  depth: 0,
  customInspect: false,
  breakLength: Infinity,
};

/**
 * Has an array properties besides its items and its length? Listing the keys of a long array takes much longer than
 * writing it, and the only thing that finds the others without the indexes is what prints it.
 */
export function hasNamedProperties(array: unknown[]): boolean {
  const { length } = array;
  const isBare = length >= LONG && inspect(array, NAMES_ONLY) === `[ ... ${length} more items, [length]: ${length} ]`;
  // Holes count, too, and are looked for elsewhere.
  return !isBare && Reflect.ownKeys(array).length !== length + 1;
}
