/** Several iterables side by side, as arrays. Ends with the shortest, as Python's zip, and closes those that have not ended. */
import { SIZE, sizeOf } from './inputs.ts';

type Source = Iterable<unknown> | AsyncIterable<unknown>;
type Step = IteratorResult<unknown>;

export function zip(sources: readonly Source[]): Iterable<unknown[]> | AsyncIterable<unknown[]> {
  if (sources.some(isAsync)) return zipAsync(sources);
  const sizes = sources.map(sizeOf);
  const size =
    sizes.length > 0 && sizes.every((one) => one !== undefined) ? Math.min(...(sizes as number[])) : undefined;
  const zipped = zipSync(sources as readonly Iterable<unknown>[]);
  return size === undefined ? zipped : Object.assign(zipped, { [SIZE]: size });
}

function* zipSync(sources: readonly Iterable<unknown>[]): Generator<unknown[], void, undefined> {
  const open = new Set(sources.map((one) => one[Symbol.iterator]()));
  try {
    while (open.size > 0) {
      const values: unknown[] = [];
      for (const iterator of open) if (!accept(open, iterator, iterator.next(), values)) return;
      yield values;
    }
  } finally {
    for (const iterator of open) iterator.return?.();
  }
}

async function* zipAsync(sources: readonly Source[]): AsyncGenerator<unknown[], void, undefined> {
  const open = new Set(sources.map((one) => (isAsync(one) ? one[Symbol.asyncIterator]() : one[Symbol.iterator]())));
  try {
    while (open.size > 0) {
      const values: unknown[] = [];
      for (const iterator of open) if (!accept(open, iterator, await iterator.next(), values)) return;
      yield values;
    }
  } finally {
    for (const iterator of open) await iterator.return?.();
  }
}

/** Whether there was a value; an iterator that has ended need not be closed. */
function accept<I>(open: Set<I>, iterator: I, { done, value }: Step, values: unknown[]): boolean {
  if (done) open.delete(iterator);
  else values.push(value);
  return !done;
}

const isAsync = (source: Source): source is AsyncIterable<unknown> => Symbol.asyncIterator in Object(source);
