/** A queue whose front is cheap to take off, however long it is. */
export class Fifo<T> implements Iterable<T> {
  #items: (T | undefined)[] = [];
  #first = 0;

  get size(): number {
    return this.#items.length - this.#first;
  }

  get front(): T | undefined {
    return this.#items[this.#first];
  }

  /** The key of a queue that has an order of its own is of no use here. */
  push(item: T, _key?: number): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#first];
    if (this.size === 0) return undefined;
    this.#items[this.#first++] = undefined;
    if (this.#first > 1000 && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }

  /** Leaves `length` at the front; returns the others. */
  cut(length: number): T[] {
    return this.#items.splice(this.#first + length) as T[];
  }

  remove(item: T): undefined {
    if (item === this.front) this.shift();
    else {
      const at = this.#items.indexOf(item, this.#first);
      if (at >= 0) this.#items.splice(at, 1);
    }
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let i = this.#first; i < this.#items.length; i++) yield this.#items[i] as T;
  }
}
