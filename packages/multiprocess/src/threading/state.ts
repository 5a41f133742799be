/**
 * The inner state of thread objects. It lives beside them: a thread gets its own object without any constructor having run,
 * and such an object has no `#fields`.
 */
import type { Target } from '../process/index.ts';
import type { Host } from './host.ts';
import type { Thread } from './thread.ts';

export interface ThreadState {
  target: Target | undefined;
  args: readonly unknown[];
  kwargs: object | undefined;
  name: string;
  daemon: boolean;
  status: 'initial' | 'started' | 'ended' | 'closed';
  /** Its slot in the process table, and the generation of that slot while it is the thread's. */
  slot: number;
  generation: number;
  ident: number | undefined;
  /** Only where it was started: what runs it, or has. */
  host: Host | undefined;
  /** Called with the exit code when its starter learns of the end. */
  onEnd: Set<(code: number) => void>;
  /** Since then. */
  exitCode: number | undefined;
  /** This object stands for the thread it lives in. */
  isCurrent: boolean;
}

/** Threads that this one has started and whose end it has not seen, by slot. */
export const started = new Map<number, Thread>();

const states = new WeakMap<Thread, ThreadState>();

export const setState = (thread: Thread, state: ThreadState): unknown => states.set(thread, state);

/** undefined for a thread object that came here in a message. */
export const stateOf = (thread: Thread): ThreadState | undefined => states.get(thread);
