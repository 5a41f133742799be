/** The lock that goes with a Value or SharedArray. */
import { describe, MultiprocessError } from '../errors.ts';
import { checkNames } from '../options.ts';
import { Condition, Lock, RLock } from '../sync/index.ts';
import type { WaitOptions } from '../timeout.ts';

/** The acquire family: what `Lock`, `RLock`, `Condition` and semaphores have. */
export interface Holdable {
  acquire(timeout?: number | WaitOptions): Promise<boolean>;
  acquireSync(timeout?: number | WaitOptions): boolean;
  tryAcquire(): boolean;
  release(): void;
  hold(timeout?: number | WaitOptions): Promise<Disposable>;
  holdSync(timeout?: number | WaitOptions): Disposable;
}

/** What may be said of a lock: one that is given, true: a new RLock, false: none. */
export type LockOption = Holdable | boolean;

/** The lock that comes of it. */
export type LockOf<L extends LockOption> = L extends Holdable ? L : L extends true ? RLock : never;

export interface SharedOptions<L extends LockOption = true> {
  /**
   * The lock that goes with it: one that is given, which others may use as well; true: a new RLock; false: none.
   * @default true
   */
  lock?: L;
}

/** How something with its lock stands in a message. */
export type PackedLocked<P> = [packed: P, lock: Holdable | false];

const FAMILY = ['acquire', 'acquireSync', 'tryAcquire', 'release', 'hold', 'holdSync'] as const;

/** The lock that options ask for; false: none. Throws `ERR_MP_INVALID_ARG`. */
export function lockFrom(options: SharedOptions<LockOption> = {}): Holdable | false {
  checkNames(options, ['lock']);
  const { lock = true } = options;
  if (lock === true) return new RLock();
  if (lock === false || isHoldable(lock)) return lock;
  throw new MultiprocessError(
    'ERR_MP_INVALID_ARG',
    `${describe(lock)} has no method 'acquire': lock must be a Lock or RLock, true for a new RLock, or false for none`,
  );
}

/** The lock of an object that may have none. Throws `ERR_MP_UNSUPPORTED`. */
export function required<L>(lock: L | false, object: object): L {
  if (lock !== false) return lock;
  throw new MultiprocessError(
    'ERR_MP_UNSUPPORTED',
    `this ${object.constructor.name} has no lock: it was made with lock: false`,
  );
}

/** Runs `body` with the lock, which this thread may have already: a Lock cannot be acquired twice. */
export function exclusively<T>(lock: Holdable, body: () => T): T {
  if (isHeldHere(lock)) return body();
  using _held = lock.holdSync();
  return body();
}

function isHeldHere(lock: Holdable): boolean {
  const inner = lock instanceof Condition ? lock.lock : lock;
  return (inner instanceof Lock || inner instanceof RLock) && inner.isOwned();
}

function isHoldable(lock: unknown): lock is Holdable {
  return typeof lock === 'object' && lock !== null && FAMILY.every((name) => typeof (lock as any)[name] === 'function');
}
