/** set of a manager: a Set. What others are compared with may be any iterable, or another set of the manager. */

import { referentOf } from '../proxy.ts';
import { checkItem } from './dict.ts';

export class ManagedSet<T = any> {
  readonly #set = new Set<T>();

  constructor(values: Iterable<T> = []) {
    this.update(values);
  }

  add(value: T): void {
    this.#set.add(checkItem(value));
  }

  has(value: T): boolean {
    return this.#set.has(value);
  }

  /** Whether it was there. */
  delete(value: T): boolean {
    return this.#set.delete(value);
  }

  clear(): void {
    this.#set.clear();
  }

  size(): number {
    return this.#set.size;
  }

  values(): T[] {
    return [...this.#set];
  }

  /** Takes some value out; undefined when there is none. */
  pop(): T | undefined {
    const [first] = this.#set;
    this.#set.delete(first as T);
    return first;
  }

  update(values: Iterable<T>): void {
    for (const value of toSet(values)) this.add(value);
  }

  union(other: Iterable<T>): Set<T> {
    return this.#set.union(toSet(other));
  }

  intersection(other: Iterable<T>): Set<T> {
    return this.#set.intersection(toSet(other));
  }

  difference(other: Iterable<T>): Set<T> {
    return this.#set.difference(toSet(other));
  }

  symmetricDifference(other: Iterable<T>): Set<T> {
    return this.#set.symmetricDifference(toSet(other));
  }

  isSubsetOf(other: Iterable<T>): boolean {
    return this.#set.isSubsetOf(toSet(other));
  }

  isSupersetOf(other: Iterable<T>): boolean {
    return this.#set.isSupersetOf(toSet(other));
  }

  isDisjointFrom(other: Iterable<T>): boolean {
    return this.#set.isDisjointFrom(toSet(other));
  }

  /** The whole as it is now. */
  copy(): Set<T> {
    return new Set(this.#set);
  }
}

function toSet<T>(values: Iterable<T>): Set<T> {
  const object = referentOf(values);
  return object instanceof ManagedSet ? object.copy() : new Set(values);
}
