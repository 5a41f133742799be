/** Managers with the usual types. CPython: `multiprocessing.managers.SyncManager`, `multiprocessing.Manager`. */
import { registerKnown } from '../transport/index.ts';
import { addBuiltinTypes, BaseManager } from './base-manager.ts';
import type { ManagerOptions } from './options.ts';
import type * as made from './proxy-types.ts';
import type { Extended } from './registered.ts';
import type { ManagedBarrierOptions } from './types/barrier.ts';
import type { Entries } from './types/dict.ts';

/**
 * A manager whose types are dict, list, set, Namespace, queues, synchronisation objects, Value, Array and Pool. Each method makes an
 * object in the manager, and resolves with a proxy for it; its `…Sync` twin blocks the thread.
 */
export interface SyncManager extends BaseManager {
  dict<K = any, V = any>(entries?: Entries<K, V>): Promise<made.DictProxy<K, V>>;
  dictSync<K = any, V = any>(entries?: Entries<K, V>): made.DictProxy<K, V>;
  list<T = any>(items?: Iterable<T>): Promise<made.ListProxy<T>>;
  listSync<T = any>(items?: Iterable<T>): made.ListProxy<T>;
  set<T = any>(values?: Iterable<T>): Promise<made.SetProxy<T>>;
  setSync<T = any>(values?: Iterable<T>): made.SetProxy<T>;
  Namespace<T extends object = Record<string, any>>(values?: T): Promise<made.NamespaceProxy>;
  NamespaceSync<T extends object = Record<string, any>>(values?: T): made.NamespaceProxy;
  Value<T = any>(type: string, value: T): Promise<made.ValueProxy<T>>;
  ValueSync<T = any>(type: string, value: T): made.ValueProxy<T>;
  Array<T = number>(type: string, items: Iterable<T> | number): Promise<made.ArrayProxy<T>>;
  ArraySync<T = number>(type: string, items: Iterable<T> | number): made.ArrayProxy<T>;
  Queue<T = any>(options?: number | { maxSize?: number }): Promise<made.QueueProxy<T>>;
  QueueSync<T = any>(options?: number | { maxSize?: number }): made.QueueProxy<T>;
  JoinableQueue<T = any>(options?: number | { maxSize?: number }): Promise<made.JoinableQueueProxy<T>>;
  JoinableQueueSync<T = any>(options?: number | { maxSize?: number }): made.JoinableQueueProxy<T>;
  Lock(): Promise<made.LockProxy>;
  LockSync(): made.LockProxy;
  RLock(): Promise<made.LockProxy>;
  RLockSync(): made.LockProxy;
  Semaphore(value?: number): Promise<made.SemaphoreProxy>;
  SemaphoreSync(value?: number): made.SemaphoreProxy;
  BoundedSemaphore(value?: number): Promise<made.SemaphoreProxy>;
  BoundedSemaphoreSync(value?: number): made.SemaphoreProxy;
  Condition(lock?: made.LockProxy): Promise<made.ConditionProxy>;
  ConditionSync(lock?: made.LockProxy): made.ConditionProxy;
  Event(): Promise<made.EventProxy>;
  EventSync(): made.EventProxy;
  Barrier(parties: number, options?: ManagedBarrierOptions): Promise<made.BarrierProxy>;
  BarrierSync(parties: number, options?: ManagedBarrierOptions): made.BarrierProxy;
  Pool(processes?: number, options?: object): Promise<made.PoolProxy>;
  PoolSync(processes?: number, options?: object): made.PoolProxy;
}

/** The class of such managers, to be extended by further types. */
export const SyncManager = class SyncManager extends BaseManager {} as Extended<typeof BaseManager, SyncManager>;

addBuiltinTypes(SyncManager);

/**
 * Starts a manager with the usual types: an `await using` ends it.
 *
 * @example
 * await using manager = await Manager();
 * const done = await manager.dict<string, number>();
 * new Process({ target: async () => { await done.set('a', 1); } }).start();
 */
export async function Manager(options: ManagerOptions = {}): Promise<SyncManager> {
  const manager = new SyncManager(options);
  await manager.start();
  return manager;
}

registerKnown('SyncManager', SyncManager);
