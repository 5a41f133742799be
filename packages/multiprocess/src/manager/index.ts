import './travel.ts';

export { BaseManager } from './base-manager.ts';
export type { ManagerOptions } from './options.ts';
export type { Proxied } from './proxied.ts';
export { IteratorProxy } from './proxies.ts';
export { BaseProxy, sameReferent } from './proxy.ts';
export type * from './proxy-types.ts';
export type { Registered } from './registered.ts';
export type { Callable, RegisterOptions } from './registry.ts';
export type { Server } from './server.ts';
export { SharedMemoryManager } from './shared-memory-manager.ts';
export { Manager, SyncManager } from './sync-manager.ts';
