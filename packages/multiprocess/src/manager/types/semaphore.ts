/** Semaphores of a manager. The permits of a client that dies come back. */
import { invalidArgument, MultiprocessError } from '../../errors.ts';
import { isWhole } from '../../options.ts';
import { currentCall, type Holdable, type Holder } from '../caller.ts';
import { limitOf, type Timeout, Waiters } from '../waiters.ts';

export class ManagedSemaphore implements Holdable {
  readonly #permits = new Map<Holder, number>();
  readonly #waiters = new Waiters();
  readonly #limit: number;
  #value: number;

  constructor(value = 1, limit = Infinity) {
    if (!isWhole(value, 0, 0x7fffffff)) throw invalidArgument('value', 'an integer from 0 to 2147483647', value);
    this.#value = value;
    this.#limit = limit;
  }

  acquire(timeout?: Timeout): boolean | Promise<boolean> {
    const limit = limitOf(timeout);
    return this.tryAcquire() || this.#waiters.wait(limit);
  }

  tryAcquire(): boolean {
    if (this.#value <= 0) return false;
    this.#give(currentCall().holder);
    return true;
  }

  /** Gives back `n` permits. Throws `ERR_MP_RELEASED_TOO_OFTEN` beyond the limit of a bounded one. */
  release(n = 1): void {
    if (!isWhole(n, 1)) throw invalidArgument('n', 'an integer of at least 1', n);
    if (this.#value + n > this.#limit) {
      throw new MultiprocessError('ERR_MP_RELEASED_TOO_OFTEN', 'semaphore or lock released too many times');
    }
    const { holder } = currentCall();
    for (let i = 0; i < n; i++) this.#takeFrom(this.#permits.has(holder) ? holder : [...this.#permits.keys()][0]);
    this.#free(n);
  }

  getValue(): number {
    return this.#value;
  }

  abandon(holder: Holder): void {
    const permits = this.#permits.get(holder) ?? 0;
    this.#permits.delete(holder);
    holder.held.delete(this);
    this.#free(permits);
  }

  #give(holder: Holder): void {
    this.#value--;
    this.#permits.set(holder, (this.#permits.get(holder) ?? 0) + 1);
    holder.held.add(this);
  }

  /** A permit may be given back by another than who took it: then it is not that one's any more. */
  #takeFrom(holder: Holder | undefined): void {
    if (!holder) return;
    const left = this.#permits.get(holder)! - 1;
    if (left > 0) this.#permits.set(holder, left);
    else {
      this.#permits.delete(holder);
      holder.held.delete(this);
    }
  }

  #free(n: number): void {
    this.#value += n;
    while (this.#value > 0) {
      const next = this.#waiters.callFirst();
      if (!next) return;
      this.#give(next);
    }
  }
}

export class ManagedBoundedSemaphore extends ManagedSemaphore {
  constructor(value = 1) {
    super(value, value);
  }
}
