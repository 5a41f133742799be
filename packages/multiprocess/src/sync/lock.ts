/** Lock: mutual exclusion between any processes and threads of the realm, which a dead owner cannot hold up. */
import { MultiprocessError } from '../errors.ts';
import { Given, giveAt } from '../memory/index.ts';
import { registerKnown } from '../transport/index.ts';
import { registerShared } from './cell.ts';
import { Kind } from './layout.ts';
import { OwnedLock } from './owned.ts';

/**
 * A lock that one may hold at a time: one process, thread or asynchronous function. Not recursive. As in Python, whoever
 * knows the lock may release it, not only the owner.
 *
 * Works between all processes and threads that it is sent to, or whose functions capture it. Free, it costs some 20 ns to
 * take and give back. When its owner ends, in whatever way, the next to ask gets it, and {@link abandoned} is true.
 * A cycle of waiting owners is reported as `ERR_MP_DEADLOCK` ({@link DeadlockError}).
 *
 * @example
 * const lock = new Lock();
 * new Process({ target: async () => { using held = await lock.hold(); … } }).start();
 */
export class Lock extends OwnedLock {
  constructor() {
    super(Kind.Lock);
  }

  tryAcquire(): boolean {
    return this.takeFree() || this.tryAcquireSlowly();
  }

  /** Throws `ERR_MP_RELEASED_TOO_OFTEN` when nobody holds the lock. */
  release(): void {
    const { address } = this;
    const given = address !== 0 ? giveAt(address) : this.giveByAtomics();
    if (given === Given.Yes) return;
    if (given === Given.Awaited) this.callFirst();
    else if (!this.giveUp()) {
      throw new MultiprocessError('ERR_MP_RELEASED_TOO_OFTEN', 'semaphore or lock released too many times');
    }
  }

  protected reenter(): boolean {
    return false;
  }

  /** As Python prints it: `Lock(owner=Process-1)`. */
  override toString(): string {
    return `Lock(owner=${this.ownerName()})`;
  }
}

registerShared(Lock, 'Lock', Kind.Lock);
registerKnown('Lock', Lock);
