export { WorkerDiedError } from './errors.ts';
export type { Progress } from './mapping.ts';
export type { ApplyOptions, Initializer, MapOptions, PoolOptions } from './options.ts';
export { type Inputs, Pool, type SettleOptions } from './pool.ts';
export type { PoolStats } from './stats.ts';
export type { ResultIterator, Settled } from './stream.ts';
export { ThreadPool } from './thread-pool.ts';
