/** RLock: a lock that its owner may acquire again. */
import { MultiprocessError } from '../errors.ts';
import { Given, giveLastAt } from '../memory/index.ts';
import { registerKnown } from '../transport/index.ts';
import { registerShared } from './cell.ts';
import { Kind } from './layout.ts';
import { OwnedLock } from './owned.ts';

/**
 * A recursive lock: its owner may acquire it again, and must release it as often. Only the owner may release it.
 *
 * The owner is a thread (or process with one thread), as in Python. Asynchronous functions of one thread are the same
 * owner and do not exclude each other: between them use {@link Lock}.
 *
 * @example
 * const lock = new RLock();
 * using outer = lock.holdSync();
 * using inner = lock.holdSync(); // at once
 */
export class RLock extends OwnedLock {
  constructor() {
    super(Kind.RLock);
  }

  tryAcquire(): boolean {
    return this.takeFree() || (this.isOwned() ? this.reenter() : this.tryAcquireSlowly());
  }

  /** Throws `ERR_MP_NOT_OWNER` in any thread but the owner. */
  release(): void {
    const { address } = this;
    const given = address !== 0 ? giveLastAt(address) : this.giveByAtomics();
    if (given === Given.Yes) return;
    if (given === Given.Awaited) this.callFirst();
    else if (!this.isOwned()) {
      throw new MultiprocessError('ERR_MP_NOT_OWNER', 'attempt to release recursive lock not owned by thread');
    } else if (this.words[this.depthIndex]! > 1) this.words[this.depthIndex]!--;
    else this.giveUp();
  }

  protected reenter(): boolean {
    this.words[this.depthIndex]!++;
    return true;
  }

  /** How often its owner holds it. @internal */
  get depth(): number {
    return this.locked() ? this.words[this.depthIndex]! : 0;
  }

  /** As Python prints it: `RLock(owner=Process-1, count=2)`. */
  override toString(): string {
    return `RLock(owner=${this.ownerName()}, count=${this.depth})`;
  }
}

registerShared(RLock, 'RLock', Kind.RLock);
registerKnown('RLock', RLock);
