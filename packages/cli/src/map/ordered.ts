/**
 * Puts results back into the order of their inputs, and holds the inputs back when one slow item makes too many results
 * wait for it: memory stays bounded however long the input is.
 *
 * ```
 *   inputs --admit()--> pool --(any order)--> add() --> in order
 *             ^                                  |
 *             +---- waits while too far ahead <--+
 * ```
 */
export class Ordered<T> {
  readonly #waiting = new Map<number, T>();
  readonly #window: number;
  #next = 0;
  #admitted = 0;
  #open: (() => void) | undefined;

  constructor(window: number) {
    this.#window = window;
  }

  /** Before each input: resolves when there is room for its result. undefined: there is room now. */
  admit(): Promise<void> | undefined {
    if (this.#admitted++ - this.#next < this.#window) return undefined;
    return new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  /** Takes the result of input `index`; gives those whose turn it is now. */
  *add(index: number, result: T): Generator<T, void, undefined> {
    this.#waiting.set(index, result);
    while (this.#waiting.has(this.#next)) {
      const ready = this.#waiting.get(this.#next)!;
      this.#waiting.delete(this.#next++);
      yield ready;
    }
    this.#open?.();
    this.#open = undefined;
  }

  /** After a stop: what is done but waits for an input that will never be, still in order. */
  *rest(): Generator<T, void, undefined> {
    const indices = [...this.#waiting.keys()].sort((a, b) => a - b);
    for (const index of indices) yield this.#waiting.get(index)!;
    this.#waiting.clear();
  }
}
