/** Condition of a manager. What it waits for is looked at by the client: see ConditionProxy. */
import { invalidArgument, MultiprocessError } from '../../errors.ts';
import { isWhole } from '../../options.ts';
import { currentCall } from '../caller.ts';
import { referentOf } from '../proxy.ts';
import { limitOf, type Timeout, Waiters } from '../waiters.ts';
import { ManagedLock } from './lock.ts';

export class ManagedCondition {
  readonly #lock: ManagedLock;
  readonly #waiters = new Waiters();

  /** `lock`: a Lock or RLock of the same manager. @default a new Lock */
  constructor(lock?: unknown) {
    const object = lock === undefined || lock === null ? new ManagedLock() : referentOf(lock);
    if (!(object instanceof ManagedLock)) throw invalidArgument('lock', 'a Lock or RLock of this manager', lock);
    this.#lock = object;
  }

  acquire(timeout?: Timeout): boolean | Promise<boolean> {
    return this.#lock.acquire(timeout);
  }

  tryAcquire(): boolean {
    return this.#lock.tryAcquire();
  }

  release(): void {
    this.#lock.release();
  }

  locked(): boolean {
    return this.#lock.locked();
  }

  /** Releases the lock, waits to be notified, and has the lock again: true; false when the time was up first. */
  async wait(timeout?: Timeout): Promise<boolean> {
    const call = currentCall();
    const limit = limitOf(timeout);
    this.#check('must acquire() condition before using wait()');
    const depth = this.#lock._releaseAll();
    try {
      return await this.#waiters.wait(limit, call);
    } finally {
      if (!call.holder.isGone) await this.#lock._restore(depth, call.holder);
    }
  }

  notify(n = 1): void {
    if (!isWhole(n, 0)) throw invalidArgument('n', 'an integer of at least 0', n);
    this.#check('lock is not owned');
    for (let i = 0; i < n && this.#waiters.callFirst(); i++);
  }

  notifyAll(): void {
    this.#check('lock is not owned');
    this.#waiters.callAll();
  }

  #check(text: string): void {
    if (!this.#lock._isOwnedBy(currentCall().holder)) throw new MultiprocessError('ERR_MP_NOT_OWNER', text);
  }
}
