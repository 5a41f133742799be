/** Those who ask for the same thing at the same time get it in the order in which they asked. */
import { limited, type WaitOptions } from '../timeout.ts';
import { timedOut } from './connection-errors.ts';

export class Turns {
  #busy = false;
  readonly #queue = new Set<() => void>();

  /** Whether who came now would have to wait. */
  get busy(): boolean {
    return this.#busy;
  }

  /**
   * Runs `act` when everybody who came before is done, with what is then left of the timeout. Rejects with
   * `ERR_MP_TIMEOUT` or `ERR_MP_CANCELLED` when that comes first; `act` is not called then.
   */
  async take<T>(options: WaitOptions, act: (rest: WaitOptions) => Promise<T>): Promise<T> {
    let rest = options;
    if (this.#busy) {
      const asked = performance.now();
      await this.#queueUp(options);
      if (options.timeout !== undefined) rest = { ...options, timeout: options.timeout - (performance.now() - asked) };
    }
    this.#busy = true;
    try {
      return await act(rest);
    } finally {
      this.#next();
    }
  }

  /** Hands on: `busy` stays true in between, so that nobody can come in first. */
  #next(): void {
    const [first] = this.#queue;
    if (first) first();
    else this.#busy = false;
  }

  #queueUp(options: WaitOptions): Promise<void> {
    const late = () => {
      throw timedOut('waiting for a turn');
    };
    return limited<void>(options, late, ({ resolve, ends }) => {
      this.#queue.add(resolve);
      ends.push(() => this.#queue.delete(resolve));
    });
  }
}
