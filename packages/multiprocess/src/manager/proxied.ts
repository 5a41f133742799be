/** Types of proxies. */
import type { BaseProxy } from './proxy.ts';

type Public<T> = Exclude<keyof T & string, `_${string}` | 'constructor'>;

/**
 * A proxy for an object of type `T`: every method returns a promise, and has a twin that blocks the thread; a property is read by a
 * method of its name.
 *
 * @example
 * class Counter { total = 0; add(n: number) { return (this.total += n); } }
 * const counter: Proxied<Counter> = await manager.Counter();
 * await counter.add(2);
 * counter.addSync(1);
 * await counter.total(); // 3
 */
export type Proxied<T> = BaseProxy & {
  [K in Public<T>]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : () => Promise<T[K]>;
} & {
  [K in Public<T> as `${K}Sync`]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Awaited<R> : () => T[K];
};
