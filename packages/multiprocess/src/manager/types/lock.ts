/** Lock and RLock of a manager. Their owner is a client, which is a thread; when it dies, the next gets them. */
import { MultiprocessError } from '../../errors.ts';
import { currentCall, type Holdable, type Holder } from '../caller.ts';
import { limitOf, type Timeout, Waiters } from '../waiters.ts';

export class ManagedLock implements Holdable {
  protected owner: Holder | undefined;
  readonly #waiters = new Waiters();
  #abandoned = false;
  #token = 0;

  /** False when the time was up. */
  acquire(timeout?: Timeout): boolean | Promise<boolean> {
    const limit = limitOf(timeout);
    return this.tryAcquire() || this.#waiters.wait(limit);
  }

  tryAcquire(): boolean {
    if (this.owner) return false;
    this.#give(currentCall().holder);
    return true;
  }

  /** Throws `ERR_MP_RELEASED_TOO_OFTEN` when nobody holds it. */
  release(): void {
    if (!this.owner) {
      throw new MultiprocessError('ERR_MP_RELEASED_TOO_OFTEN', 'semaphore or lock released too many times');
    }
    this.#pass(false);
  }

  locked(): boolean {
    return this.owner !== undefined;
  }

  /** Its last owner died while holding it, and it has not been released since. */
  abandoned(): boolean {
    return this.#abandoned;
  }

  /** Fencing number: it grows with every acquisition. */
  token(): number {
    return this.#token;
  }

  /** Whether this client holds it. */
  _isOwnedBy(holder: Holder): boolean {
    return this.owner === holder;
  }

  /** Lets go of it however often it was acquired; how often that was. For conditions. */
  _releaseAll(): number {
    this.release();
    return 1;
  }

  /** Has it again, for a condition. */
  async _restore(_depth: number, holder: Holder): Promise<void> {
    if (!this.owner) this.#give(holder);
    else await this.#waiters.wait(Infinity, { holder });
  }

  abandon(): void {
    this.#pass(true);
  }

  protected begin(): void {}

  #give(holder: Holder): void {
    this.owner = holder;
    holder.held.add(this);
    this.#token++;
    this.begin();
  }

  #pass(abandoned: boolean): void {
    this.owner!.held.delete(this);
    this.owner = undefined;
    this.#abandoned = abandoned;
    const next = this.#waiters.callFirst();
    if (next) this.#give(next);
  }
}

/** Its owner may acquire it again, and only its owner may release it. */
export class ManagedRLock extends ManagedLock {
  #depth = 0;

  override tryAcquire(): boolean {
    if (!this._isOwnedBy(currentCall().holder)) return super.tryAcquire();
    this.#depth++;
    return true;
  }

  override release(): void {
    if (!this._isOwnedBy(currentCall().holder)) {
      throw new MultiprocessError('ERR_MP_NOT_OWNER', 'attempt to release recursive lock not owned by thread');
    }
    if (--this.#depth === 0) super.release();
  }

  override _releaseAll(): number {
    const depth = this.#depth;
    this.#depth = 1;
    this.release();
    return depth;
  }

  override async _restore(depth: number, holder: Holder): Promise<void> {
    await super._restore(depth, holder);
    this.#depth = depth;
  }

  protected override begin(): void {
    this.#depth = 1;
  }
}
