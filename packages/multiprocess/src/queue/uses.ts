/** What is under way in a thread's object: its memory is let go of once nothing is. */
export class Uses {
  #count = 0;
  #release: (() => void) | undefined;

  async during<R>(work: Promise<R>): Promise<R> {
    this.#count++;
    try {
      return await work;
    } finally {
      this.#count--;
      this.#tryRelease();
    }
  }

  /** There will be no more: calls `release` once, as soon as nothing is under way. */
  end(release: () => void): void {
    this.#release = release;
    this.#tryRelease();
  }

  #tryRelease(): void {
    if (this.#count > 0) return;
    this.#release?.();
    this.#release = undefined;
  }
}
