/** Condition: waiting, with a lock, until another says that something has changed. */
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { around, cellFor, type PackedCell, packCell, type SharedCell, unpackCell } from '../memory/index.ts';
import { blockingTimeout, type WaitOptions, waitOptions } from '../timeout.ts';
import { registerHandle, registerKnown } from '../transport/index.ts';
import { printsAsString, type SharedObject } from './cell.ts';
import { CELL_SIZE, Kind, RECORD, State } from './layout.ts';
import { Lock } from './lock.ts';
import { Monitor } from './monitor.ts';
import { OwnedLock } from './owned.ts';
import { call, mark, type Wait, waitAsync, waitSync } from './parking.ts';
import { at, records } from './records.ts';

/**
 * A condition variable. Hold its lock to look at shared state, to wait for a change of it, and to notify others of one.
 *
 * Waiting depends on nobody else who waits: a waiter that is killed is forgotten.
 *
 * @example
 * using held = await condition.hold();
 * await condition.waitFor(() => stock.value > 0);
 */
export class Condition implements SharedObject {
  /** @internal */
  readonly cell: SharedCell;
  /** The lock that goes with it. */
  readonly lock: OwnedLock;
  readonly #monitor: Monitor;

  /**
   * @param lock a {@link Lock} or {@link RLock}, which several conditions may share; default: a new Lock (Python: an
   * RLock, which does not keep asynchronous functions of one thread apart)
   */
  constructor(lock: OwnedLock = new Lock()) {
    if (!(lock instanceof OwnedLock)) throw invalidArgument('lock', 'a Lock or RLock', lock);
    this.lock = lock;
    this.cell = cellFor(CELL_SIZE, Kind.Condition).cell;
    this.#monitor = new Monitor(this.cell.offset);
  }

  tryAcquire(): boolean {
    return this.lock.tryAcquire();
  }

  acquire(timeout?: number | WaitOptions): Promise<boolean> {
    return this.lock.acquire(timeout);
  }

  acquireSync(timeout?: number | WaitOptions): boolean {
    return this.lock.acquireSync(timeout);
  }

  hold(timeout?: number | WaitOptions): Promise<Disposable> {
    return this.lock.hold(timeout);
  }

  holdSync(timeout?: number | WaitOptions): Disposable {
    return this.lock.holdSync(timeout);
  }

  release(): void {
    this.lock.release();
  }

  locked(): boolean {
    return this.lock.locked();
  }

  /**
   * Releases the lock, waits to be notified, and has the lock again when it resolves: with true, or with false when
   * `timeout` ms have passed. Rejects with `ERR_MP_NOT_OWNER` unless this thread holds the lock, and with
   * `ERR_MP_CANCELLED`, holding it.
   */
  async wait(timeout?: number | WaitOptions): Promise<boolean> {
    const options = waitOptions(timeout);
    const wait = this.#beginWait();
    try {
      return (await waitAsync(wait, options)) === true;
    } finally {
      if (wait.depth > 0) {
        await this.lock.acquire();
        this.lock.restore(wait.depth);
      }
    }
  }

  /** As {@link wait}, blocking this thread. */
  waitSync(timeout?: number | WaitOptions): boolean {
    const limit = blockingTimeout(timeout);
    const wait = this.#beginWait();
    try {
      return waitSync(wait, limit) === true;
    } finally {
      if (wait.depth > 0) {
        this.lock.acquireSync();
        this.lock.restore(wait.depth);
      }
    }
  }

  /**
   * Waits until `predicate` returns something truthy, and resolves with that; when `timeout` ms have passed, with what it
   * returned last. The predicate is called with the lock held, at once and after every notification.
   */
  async waitFor<T>(predicate: () => T | Promise<T>, timeout?: number | WaitOptions): Promise<T> {
    const { timeout: limit = Number.POSITIVE_INFINITY, signal } = waitOptions(timeout);
    this.#checkOwned('must acquire() condition before using wait()');
    const deadline = performance.now() + limit;
    for (;;) {
      const result = await predicate();
      const left = deadline - performance.now();
      if (result || left <= 0) return result;
      await this.wait(signal ? { timeout: left, signal } : left);
    }
  }

  /** As {@link waitFor}, blocking this thread. */
  waitForSync<T>(predicate: () => T, timeout?: number | WaitOptions): T {
    const limit = blockingTimeout(timeout) ?? Number.POSITIVE_INFINITY;
    this.#checkOwned('must acquire() condition before using wait()');
    const deadline = performance.now() + limit;
    for (;;) {
      const result = predicate();
      const left = deadline - performance.now();
      if (result || left <= 0) return result;
      this.waitSync(left);
    }
  }

  /**
   * Wakes those who have waited longest, `n` of them; they go on once they have the lock. Throws `ERR_MP_NOT_OWNER` unless
   * this thread holds the lock.
   */
  notify(n = 1): void {
    if (!(Number.isInteger(n) || n === Number.POSITIVE_INFINITY) || n < 0)
      throw invalidArgument('n', 'an integer of at least 0, or Infinity', n);
    this.#checkOwned('lock is not owned');
    const called: number[] = [];
    this.#monitor.run(() => {
      for (let record = this.#monitor.first(); record !== 0 && called.length < n; record = this.#monitor.first()) {
        this.#monitor.release(record, State.Released);
        called.push(record);
      }
    });
    for (const record of called) call(record);
  }

  /** Wakes all who wait. */
  notifyAll(): void {
    this.notify(Number.POSITIVE_INFINITY);
  }

  /** As Python prints it: `Condition(Lock(owner=None), 0)`: its lock, and how many wait. */
  toString(): string {
    return `Condition(${this.lock}, ${this.#monitor.run(() => this.#monitor.queue().length)})`;
  }

  /** The lock is let go once the record is in the queue: a notification between the two would be lost. */
  #beginWait(): Wait<true> & { depth: number } {
    this.#checkOwned('must acquire() condition before using wait()');
    const wait = {
      monitor: this.#monitor,
      depth: 0,
      attempt: (record: number): true | undefined => {
        if (records()[at(record, RECORD.state)] === State.Released) return true;
        if (wait.depth === 0) {
          mark(record, State.Waiting);
          this.#monitor.push(record);
          wait.depth = this.lock.releaseAll();
        }
        return undefined;
      },
    };
    return wait;
  }

  #checkOwned(otherwise: string): void {
    if (!this.lock.isOwned()) throw new MultiprocessError('ERR_MP_NOT_OWNER', otherwise);
  }
}

printsAsString(Condition);
registerHandle<Condition, [PackedCell, OwnedLock]>(Condition, {
  tag: 'Condition',
  pack: (condition) => [packCell(condition.cell), condition.lock],
  unpack: ([packed, lock]) => around(unpackCell(packed, Kind.Condition), () => new Condition(lock)),
});
registerKnown('Condition', Condition);
