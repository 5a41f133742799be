/** Types of classes of managers: what `register()` adds to them. */
import type { BaseManager } from './base-manager.ts';
import type { ManagerOptions } from './options.ts';
import type { Proxied } from './proxied.ts';

type Made<C> = C extends new (
  ...args: infer A
) => infer T
  ? (...args: A) => Promise<Proxied<T>>
  : C extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Proxied<Awaited<R>>>
    : (...args: any[]) => Promise<any>;

type MadeSync<C> = Made<C> extends (...args: infer A) => Promise<infer P> ? (...args: A) => P : never;

/** A class of managers like `M`, whose instances are an `I`. */
export type Extended<M extends typeof BaseManager, I> = Omit<M, 'prototype'> & {
  prototype: I;
  new (options?: ManagerOptions): I;
};

/** Managers of class `M`, with a method that makes objects of the registered type. */
export type Registered<M extends typeof BaseManager, N extends string, C, P = unknown> = Extended<
  M,
  InstanceType<M> & { [K in N]: unknown extends P ? Made<C> : (...args: any[]) => Promise<P> } & {
    [K in `${N}Sync`]: unknown extends P ? MadeSync<C> : (...args: any[]) => P;
  }
>;
