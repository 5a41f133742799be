/** DummyProcess: a thread that looks like a process. CPython: multiprocessing.dummy. */
import { constants } from 'node:os';
import { MultiprocessError } from '../errors.ts';
import type { Target } from '../process/index.ts';
import { registerKnown } from '../transport/index.ts';
import { endThread, exitCodeOf } from './hosting.ts';
import { started, stateOf } from './state.ts';
import { Thread } from './thread.ts';

const signals = new WeakMap<Thread, 'SIGTERM' | 'SIGKILL'>();

/**
 * The `Process` of `getContext('thread')`: a {@link Thread} with what a process has besides. Its `pid` is that of the program, and
 * the options that give a process its own surroundings (`env`, `cwd`, `execArgv`, `orphan`) are refused.
 */
export class DummyProcess<F extends Target = Target> extends Thread<F> {
  /** Of the process that it is a part of; undefined before `start()`. */
  get pid(): number | undefined {
    return this.ident === undefined ? undefined : process.pid;
  }

  /** null before the start and while it runs; then 0, the code of `process.exit()`, 1 after an uncaught error, -15 or -9 when it was ended. */
  get exitCode(): number | null {
    if (this.ident === undefined || this.isAlive()) return null;
    return signals.has(this) ? -constants.signals[this.signalCode!] : exitCodeOf(this);
  }

  /** What `terminate()` or `kill()` stand for, when they ended it; null otherwise. */
  get signalCode(): 'SIGTERM' | 'SIGKILL' | null {
    return (this.ident !== undefined && !this.isAlive() && signals.get(this)) || null;
  }

  /** Ends the thread, whatever it is doing, without running its handlers; threads know no signals. Does nothing when it has ended. */
  terminate(): void {
    end(this, 'SIGTERM');
  }

  /** As {@link terminate}. */
  kill(): void {
    end(this, 'SIGKILL');
  }

  /** Throws `ERR_MP_UNSUPPORTED`: a thread cannot be interrupted. */
  interrupt(): never {
    throw unsupported('interrupt()', 'ask it to end, by an Event');
  }

  /** Throws `ERR_MP_UNSUPPORTED`: there is no descriptor to wait for. */
  get sentinel(): never {
    throw unsupported('sentinel', 'use join()');
  }

  /** Every later use throws `ERR_MP_CLOSED`. Throws `ERR_MP_STILL_RUNNING` while it runs. */
  close(): void {
    const state = stateOf(this as unknown as Thread);
    if (!state || state.status === 'closed') return;
    if (this.isAlive()) {
      throw new MultiprocessError(
        'ERR_MP_STILL_RUNNING',
        'Cannot close a process while it is still running. You should first call join() or terminate().',
      );
    }
    state.status = 'closed';
  }

  /** `await using`: joins, then closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (stateOf(this as unknown as Thread)?.status === 'started') await this.join();
    this.close();
  }
}

registerKnown('DummyProcess', DummyProcess);

/** Those that this thread has started, and that live. */
export function activeDummies(): DummyProcess[] {
  return [...started.values()].filter((thread) => thread instanceof DummyProcess && thread.isAlive()) as DummyProcess[];
}

function end(process: DummyProcess<any>, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (process.ident === undefined) {
    throw new MultiprocessError('ERR_MP_NOT_STARTED', 'can only signal a started process: process not started');
  }
  if (endThread(process)) signals.set(process, signal);
}

const unsupported = (what: string, advice: string) =>
  new MultiprocessError('ERR_MP_UNSUPPORTED', `a thread has no ${what}: ${advice}`);
