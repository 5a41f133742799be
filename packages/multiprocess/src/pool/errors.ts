import { MultiprocessError, type MultiprocessErrorOptions } from '../errors.ts';
import { registerKnown } from '../transport/index.ts';
import type { Host } from './host.ts';
import type { Item } from './job.ts';
import { hasOomKilled } from './oom.ts';

interface DeadWorker {
  name: string;
  pid: number;
  exitCode: number;
  signal: NodeJS.Signals | null;
}

/** What a signal mostly means. */
const REASONS: Record<string, string> = {
  SIGABRT: ': its heap was full, or native code gave up; see what it printed',
  SIGSEGV: ': native code crashed',
  SIGBUS: ': native code crashed',
};

/**
 * The worker that ran a task has ended: `ERR_MP_WORKER_DIED`. Only the task that was running fails so; the pool has
 * replaced the worker.
 */
export class WorkerDiedError extends MultiprocessError {
  /** Process id of the worker. */
  readonly pid: number;
  /** Exit code, or -N after signal N. */
  readonly exitCode: number;
  /** Name of the signal that ended it, as 'SIGKILL'; null when it ended by itself. */
  readonly signal: NodeJS.Signals | null;
  /** True when the kernel killed a process of this control group meanwhile, because memory had run out. */
  readonly outOfMemory: boolean;
  /** The task that was running, as 'item 17 of map(square)'. */
  readonly task: string;

  constructor(worker: DeadWorker, task: string, localStack: string | undefined) {
    const { name, pid, exitCode, signal } = worker;
    const outOfMemory = signal === 'SIGKILL' && hasOomKilled();
    const how = signal ? `was ended by ${signal}` : `ended with exit code ${exitCode}`;
    const why = outOfMemory ? ': memory had run out, and the kernel chose it' : (REASONS[signal ?? ''] ?? '');
    super('ERR_MP_WORKER_DIED', `worker ${name} (pid ${pid}) ${how} while it ran ${task}${why}`);
    this.outOfMemory = outOfMemory;
    this.pid = pid;
    this.exitCode = exitCode;
    this.signal = signal;
    this.task = task;
    // Where the task was given to the pool; how the pool learned of the death says nothing to the user.
    if (localStack) this.stack = `${this.name}: ${this.message}\n${localStack.slice(localStack.indexOf('\n') + 1)}`;
  }

  static {
    WorkerDiedError.prototype.name = 'WorkerDiedError';
  }
}

registerKnown('WorkerDiedError', WorkerDiedError);

export function brokenPool(reason: string, options?: MultiprocessErrorOptions): MultiprocessError {
  return new MultiprocessError('ERR_MP_BROKEN_POOL', `the pool is broken: ${reason}`, options);
}

/** A worker has ended while it ran `item`. */
export function died({ name, pid, exitCode, signalCode }: Host, { job, index }: Item): WorkerDiedError {
  const worker = { name, pid, exitCode: exitCode!, signal: signalCode };
  return new WorkerDiedError(worker, job.describe(index), job.origin.stack);
}

/** A task ran longer than its timeout. */
export function tookTooLong({ job, index }: Item): MultiprocessError {
  return new MultiprocessError('ERR_MP_TIMEOUT', `${job.describe(index)} ran for more than ${job.terms.timeout} ms`);
}

export function terminated(): MultiprocessError {
  return new MultiprocessError('ERR_MP_CANCELLED', 'the pool was terminated before the task was done');
}
