/** The executors that CPython's cases run with, and what these cases have in common. */
import { ProcessPoolExecutor, ThreadPoolExecutor } from 'multiprocess';

export { range } from './pool-kinds.ts';

export type AnyExecutor = ProcessPoolExecutor | ThreadPoolExecutor;
export interface Options {
  maxWorkers?: number;
  initializer?: (...args: any[]) => unknown;
  initArgs?: readonly any[];
  maxTasksPerChild?: number;
}

/** The body with a new executor of each kind, which is killed in the end. */
export function withExecutors(
  body: (executor: AnyExecutor) => Promise<void>,
  options: Options = {},
  kinds: (new (options: any) => AnyExecutor)[] = [ProcessPoolExecutor, ThreadPoolExecutor],
) {
  return async () => {
    for (const Kind of kinds) {
      const executor = new Kind({ maxWorkers: 2, ...options });
      try {
        await body(executor);
      } finally {
        await executor.killWorkers();
      }
    }
  };
}

export const withProcesses = (body: (executor: AnyExecutor) => Promise<void>, options: Options = {}) =>
  withExecutors(body, options, [ProcessPoolExecutor]);
export const withThreads = (body: (executor: AnyExecutor) => Promise<void>, options: Options = {}) =>
  withExecutors(body, options, [ThreadPoolExecutor]);

export const mul = (x: number, y: number) => x * y;
export const pid = () => process.pid;
export const stay = () => new Promise<number>((resolve) => setTimeout(resolve, 60_000, 0));
export const sleep = (ms: number) => new Promise<number>((resolve) => setTimeout(resolve, ms, ms));
