/** Types of the proxies that every `Manager()` makes. */
import type { WaitOptions } from '../timeout.ts';
import type { Proxied } from './proxied.ts';
import type { IteratorProxy } from './proxies.ts';
import type { ManagedBarrier } from './types/barrier.ts';
import type { ManagedCondition } from './types/condition.ts';
import type { ManagedDict } from './types/dict.ts';
import type { ManagedEvent } from './types/event.ts';
import type { ManagedList } from './types/list.ts';
import type { ManagedLock } from './types/lock.ts';
import type { ManagedJoinableQueue, ManagedQueue } from './types/queue.ts';
import type { ManagedSemaphore } from './types/semaphore.ts';
import type { ManagedSet } from './types/set.ts';
import type { ManagedArray, ManagedNamespace, ManagedValue } from './types/values.ts';

type Timeout = number | WaitOptions;

interface Holding {
  /** `using held = await lock.hold()`. Rejects with `ERR_MP_TIMEOUT`. */
  hold(timeout?: Timeout): Promise<Disposable>;
  holdSync(timeout?: Timeout): Disposable;
}

export type DictProxy<K = any, V = any> = Proxied<ManagedDict<K, V>> & AsyncIterable<[K, V]>;
export type ListProxy<T = any> = Proxied<ManagedList<T>> & AsyncIterable<T>;
export type SetProxy<T = any> = Proxied<ManagedSet<T>> & AsyncIterable<T>;
export type ArrayProxy<T = number> = Proxied<ManagedArray<T>> & AsyncIterable<T>;
/** Values by their names: `await ns.x`, `ns.x = 1`. */
export type NamespaceProxy = Proxied<ManagedNamespace> & Record<string, any>;
export type ValueProxy<T = any> = Proxied<ManagedValue<T>> & {
  get value(): Promise<T>;
  set value(value: T | Promise<T>);
};
export type QueueProxy<T = any> = Proxied<ManagedQueue<T>>;
export type JoinableQueueProxy<T = any> = Proxied<ManagedJoinableQueue<T>>;
export type LockProxy = Proxied<Omit<ManagedLock, 'abandon'>> & Holding;
export type SemaphoreProxy = Proxied<Omit<ManagedSemaphore, 'abandon'>> & Holding;
export type EventProxy = Proxied<ManagedEvent>;
export type BarrierProxy = Proxied<ManagedBarrier>;

export type ConditionProxy = Proxied<ManagedCondition> &
  Holding & {
    /** Waits until `predicate`, which is called here with the lock held, returns something truthy. */
    waitFor<T>(predicate: () => T | Promise<T>, timeout?: number): Promise<T>;
    waitForSync<T>(predicate: () => T, timeout?: number): T;
  };

type Work = (...args: any[]) => unknown;

export interface AsyncResultMembers<R> {
  get(timeout?: Timeout): R;
  wait(timeout?: Timeout): boolean;
  ready(): boolean;
  successful(): boolean;
}

/** A pool in the manager: its workers are the manager's children. `await using` finishes its work. */
export type PoolProxy = Proxied<{
  apply(fn: Work, args?: readonly unknown[], options?: object): any;
  map(fn: Work, inputs: Iterable<unknown>, options?: object): any[];
  starmap(fn: Work, inputs: Iterable<readonly unknown[]>, options?: object): any[];
  applyAsync(fn: Work, args?: readonly unknown[], options?: object): Proxied<AsyncResultMembers<any>>;
  mapAsync(fn: Work, inputs: Iterable<unknown>, options?: object): Proxied<AsyncResultMembers<any[]>>;
  starmapAsync(fn: Work, inputs: Iterable<readonly unknown[]>, options?: object): Proxied<AsyncResultMembers<any[]>>;
  imap(fn: Work, inputs: Iterable<unknown>, options?: object): IteratorProxy;
  imapUnordered(fn: Work, inputs: Iterable<unknown>, options?: object): IteratorProxy;
  close(): void;
  terminate(): void;
  join(): void;
  stats(): any;
}> &
  AsyncDisposable;
