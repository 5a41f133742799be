/** RLock: a lock that its owner may acquire again. */
import { MultiprocessError } from '../errors.ts';
import { selfId } from '../memory/index.ts';
import { registerKnown } from '../transport/index.ts';
import { registerShared } from './cell.ts';
import { Kind, OWNED } from './layout.ts';
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
  readonly #depthIndex: number;

  constructor() {
    super(Kind.RLock);
    this.#depthIndex = this.ownerIndex - OWNED.owner + OWNED.depth;
  }

  tryAcquire(): boolean {
    const self = selfId();
    if (!this.takeFree(self)) {
      if (this.isOwned()) return this.reenter();
      if (!this.tryAcquireSlowly(self)) return false;
    }
    this.words[this.#depthIndex] = 1;
    return true;
  }

  /** Throws `ERR_MP_NOT_OWNER` in any thread but the owner. */
  release(): void {
    const { words } = this;
    if (!this.isOwned()) {
      throw new MultiprocessError('ERR_MP_NOT_OWNER', 'attempt to release recursive lock not owned by thread');
    }
    if (--words[this.#depthIndex]! > 0) return;
    if (!this.giveFree(selfId())) this.releaseSlowly();
  }

  protected reenter(): boolean {
    this.words[this.#depthIndex]!++;
    return true;
  }

  protected override get isOwnedOnce(): boolean {
    return this.words[this.#depthIndex] === 1;
  }

  /** How often its owner holds it. @internal */
  get depth(): number {
    return this.locked() ? this.words[this.#depthIndex]! : 0;
  }

  /** @internal */
  releaseAll(): number {
    const depth = this.words[this.#depthIndex]!;
    this.words[this.#depthIndex] = 1;
    this.release();
    return depth;
  }

  /** @internal */
  restore(depth: number): void {
    this.words[this.#depthIndex]! += depth - 1; // another function of this thread may hold it, too
  }

  protected begin(): void {
    this.words[this.#depthIndex] = 1;
  }

  /** As Python prints it: `RLock(owner=Process-1, count=2)`. */
  override toString(): string {
    return `RLock(owner=${this.ownerName()}, count=${this.depth})`;
  }
}

registerShared(RLock, 'RLock', Kind.RLock);
registerKnown('RLock', RLock);
