export { Barrier, type BarrierOptions } from './barrier.ts';
export { Condition } from './condition.ts';
export { BrokenBarrierError, DeadlockError, type DeadlockLink } from './errors.ts';
export { Event } from './event.ts';
export { Lock } from './lock.ts';
export { RLock } from './rlock.ts';
export { BoundedSemaphore, Semaphore } from './semaphore.ts';
