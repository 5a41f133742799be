export {
  Barrier,
  type BarrierOptions,
  BoundedSemaphore,
  BrokenBarrierError,
  Condition,
  Event,
  Lock,
  RLock,
  Semaphore,
} from '../sync/index.ts';
export { activeCount, currentThread, enumerate, getIdent, getNativeId, local, mainThread } from './current.ts';
export { Thread, type ThreadOptions, type ThreadSettings } from './thread.ts';
export { Timer } from './timer.ts';
