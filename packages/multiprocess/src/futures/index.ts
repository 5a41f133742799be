export { Future, type FutureState } from './future.ts';
export {
  ALL_COMPLETED,
  asCompleted,
  type Completed,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type WaitFuturesOptions,
  waitFutures,
} from './waiting.ts';
