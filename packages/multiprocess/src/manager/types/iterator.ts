/** An iterator in the manager: what a generator yields, whenever somebody asks. */
import { invalidArgument } from '../../errors.ts';
import { isIterable } from '../../options.ts';

export class ManagedIterator<T = any> {
  readonly #iterator: Iterator<T> | AsyncIterator<T>;

  constructor(source: Iterable<T> | AsyncIterable<T> | Iterator<T>) {
    this.#iterator = iteratorOf(source);
  }

  /** As of an iterator: `{ value, done }`. */
  async next(): Promise<IteratorResult<T>> {
    const { value, done } = await this.#iterator.next();
    return done ? { value, done } : { value, done: false };
  }

  async return(): Promise<void> {
    await this.#iterator.return?.();
  }
}

function iteratorOf(source: any): Iterator<any> | AsyncIterator<any> {
  if (typeof source?.next === 'function') return source;
  if (!isIterable(source)) throw invalidArgument('source', 'an iterable or iterator', source);
  return source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]();
}
