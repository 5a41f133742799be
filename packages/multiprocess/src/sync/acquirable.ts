/** What locks, semaphores and conditions have in common: the acquire family. */
import { MultiprocessError } from '../errors.ts';
import { blockingTimeout, type WaitOptions, waitOptions } from '../timeout.ts';
import { type Wait, waitAsync, waitSync } from './parking.ts';

const acquired = Promise.resolve(true);

/** Base class: not for use by itself. */
export abstract class Acquirable {
  /** Acquires without waiting; whether it did. */
  abstract tryAcquire(): boolean;
  /** Gives back what was acquired. */
  abstract release(): void;
  /** Gives back what a wait got as it was cancelled: nobody has used it. */
  protected giveBack(): void {
    this.release();
  }
  /** Spins for a while; whether trying to acquire is worth while now. */
  protected abstract spin(): boolean;
  protected abstract readonly acquisition: Wait<true>;

  /**
   * Acquires; false when `timeout` ms have passed. Does not block the thread.
   *
   * Rejects with `ERR_MP_CANCELLED` (cause: the signal's reason) and, for locks, `ERR_MP_DEADLOCK`.
   *
   * @example
   * if (await lock.acquire(1000)) try { … } finally { lock.release(); }
   */
  acquire(timeout?: number | WaitOptions): Promise<boolean> {
    const options = waitOptions(timeout);
    if (!options.signal?.aborted && this.tryAcquire()) return acquired;
    return waitAsync(this.acquisition, options, () => this.giveBack()).then((result) => result === true);
  }

  /** Acquires, blocking this thread and its event loop meanwhile; false when `timeout` ms have passed. */
  acquireSync(timeout?: number | WaitOptions): boolean {
    const limit = timeout === undefined ? undefined : blockingTimeout(timeout);
    if (this.tryAcquire() || (limit !== 0 && this.spin() && this.tryAcquire())) return true;
    return waitSync(this.acquisition, limit) === true;
  }

  /**
   * Acquires until the end of the block. Rejects with `ERR_MP_TIMEOUT` when `timeout` ms have passed.
   *
   * @example
   * using held = await lock.hold();
   */
  async hold(timeout?: number | WaitOptions): Promise<Disposable> {
    if (!(await this.acquire(timeout))) throw timedOut(this, timeout);
    return new Hold(this);
  }

  /** As {@link hold}, blocking this thread: `using held = lock.holdSync()`. */
  holdSync(timeout?: number | WaitOptions): Disposable {
    if (!this.acquireSync(timeout)) throw timedOut(this, timeout);
    return new Hold(this);
  }
}

class Hold implements Disposable {
  #held: { release(): void } | undefined;

  constructor(held: { release(): void }) {
    this.#held = held;
  }

  /** Releases; doing it again changes nothing. */
  [Symbol.dispose](): void {
    const held = this.#held;
    this.#held = undefined;
    held?.release();
  }
}

function timedOut(object: object, timeout: number | WaitOptions | undefined): MultiprocessError {
  const { timeout: limit } = waitOptions(timeout);
  return new MultiprocessError('ERR_MP_TIMEOUT', `${object.constructor.name} could not be acquired within ${limit} ms`);
}
