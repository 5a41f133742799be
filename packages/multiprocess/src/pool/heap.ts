/** A queue in the order of keys; equal keys in the order of arrival. A binary heap (Williams, CACM 7(6), 1964). */

interface Entry<T> {
  item: T;
  key: number;
  turn: number;
}

export class Heap<T> implements Iterable<T> {
  readonly #entries: Entry<T>[] = [];
  #turns = 0;

  get front(): T | undefined {
    return this.#entries[0]?.item;
  }

  get size(): number {
    return this.#entries.length;
  }

  push(item: T, key: number): void {
    this.#entries.push({ item, key, turn: this.#turns++ });
    this.#up(this.#entries.length - 1);
  }

  shift(): T | undefined {
    const front = this.front;
    if (this.#entries.length > 0) this.#removeAt(0);
    return front;
  }

  /** Returns its key; undefined when it is not there. */
  remove(item: T): number | undefined {
    const at = this.#entries.findIndex((entry) => entry.item === item);
    const key = this.#entries[at]?.key;
    if (at >= 0) this.#removeAt(at);
    return key;
  }

  /** In order. Mostly nobody goes beyond the first. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    if (this.#entries.length === 0) return;
    yield this.#entries[0]!.item;
    for (const { item } of this.#entries.toSorted(compare).slice(1)) yield item;
  }

  #removeAt(at: number): void {
    const last = this.#entries.pop()!;
    if (at === this.#entries.length) return;
    this.#entries[at] = last;
    this.#up(at);
    this.#down(at);
  }

  #up(at: number): void {
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (compare(this.#entries[parent]!, this.#entries[at]!) <= 0) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #down(at: number): void {
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#entries.length && compare(this.#entries[child]!, this.#entries[least]!) < 0) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    [this.#entries[a], this.#entries[b]] = [this.#entries[b]!, this.#entries[a]!];
  }
}

const compare = <T>(a: Entry<T>, b: Entry<T>) => a.key - b.key || a.turn - b.turn;
