/** Thread: a function on a worker thread. CPython: threading.Thread. */
import { inspect } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { MultiprocessError } from '../errors.ts';
import { SlotState, table } from '../memory/index.ts';
import { native } from '../native.ts';
import { check, checkNames, isBoolean, isFunction, isObject, isString } from '../options.ts';
import type { Call, Target } from '../process/index.ts';
import { blockingTimeout, cancelled, limited, type WaitOptions, waitOptions } from '../timeout.ts';
import { registerKnown } from '../transport/index.ts';
import { launch } from './launch.ts';
import { setState, stateOf, type ThreadState } from './state.ts';

export interface ThreadSettings {
  /** @default `Thread-1`, `Thread-2`, … */
  name?: string;
  /** A daemon does not keep the program alive, and ends with it. @default that of the current thread; false in the main thread */
  daemon?: boolean;
  /** Kept for Python's sake: must be null. */
  group?: null;
}

export type ThreadOptions<F extends Target = Target> = ThreadSettings & Call<F>;

const KNOWN = ['target', 'args', 'kwargs', 'name', 'daemon', 'group'];
let count = 0;
let inherited = false;

/** Whether this thread has made thread objects without a name. */
export const hasMadeThreads = (): boolean => count > 0;

/** In a thread: what its own threads inherit. */
export function inheritDaemon(daemon: boolean): void {
  inherited = daemon;
}

/**
 * A thread that runs a function, or the `run()` of a subclass, beside this one, in the same process.
 *
 * Unlike Python's threads those of Node.js share no objects: a thread has a heap of its own. Target and arguments are
 * captured at `start()`, as for a `Process`; what is shared is what is made to be shared: `Value`, `SharedArray`, locks,
 * queues. In return threads really run at the same time.
 *
 * @example
 * const hits = new Value('i32');
 * const thread = new Thread({ target: () => { hits.add(1); } });
 * thread.start();
 * await thread.join();
 * console.log(hits.value); // 1
 */
export class Thread<F extends Target = Target> {
  /** @internal Its instances need not be sent: a thread makes its own. */
  static readonly isLibraryClass = true;

  /** Describes a thread; nothing runs before `start()`. Throws `ERR_MP_INVALID_ARG`. */
  constructor(options: ThreadOptions<F> = {} as ThreadOptions<F>) {
    checkOptions(options as Record<string, unknown>);
    setState(this as unknown as Thread, {
      target: options.target,
      args: options.args ? [...options.args] : [],
      kwargs: options.kwargs,
      name: options.name ?? `Thread-${++count}`,
      daemon: options.daemon ?? inherited,
      status: 'initial',
      slot: -1,
      generation: 0,
      ident: undefined,
      host: undefined,
      onEnd: new Set(),
      exitCode: undefined,
      isCurrent: false,
    });
  }

  /** What the thread does: calls `target(...args, kwargs)`. Override it in a subclass. */
  run(): unknown {
    const { target, args, kwargs } = open(this);
    return kwargs === undefined ? target?.(...args) : target?.(...args, kwargs);
  }

  /**
   * Starts the thread. Throws `ERR_MP_ALREADY_STARTED`, `ERR_MP_CAPTURE` (something cannot be sent: the message names the
   * path to it), `ERR_MP_NO_MEMORY`.
   */
  start(): void {
    const state = open(this);
    if (state.status !== 'initial')
      throw new MultiprocessError('ERR_MP_ALREADY_STARTED', 'threads can only be started once');
    launch(this as unknown as Thread, state);
  }

  /** Waits until the thread has ended: true; false when `timeout` ms passed first. Rejects with `ERR_MP_CANCELLED`. */
  async join(timeout?: number | WaitOptions): Promise<boolean> {
    const state = joinable(this);
    const options = waitOptions(timeout);
    if (options.signal?.aborted) throw cancelled(options.signal);
    if (state.exitCode !== undefined) return true;
    const { worker } = state.host!;
    const late = () => hasEnded(state);
    return limited(options, late, ({ resolve, ends }) => {
      const onEnd = () => resolve(true);
      state.onEnd.add(onEnd);
      worker.ref(); // who waits for a daemon wants it to end
      ends.push(() => {
        state.onEnd.delete(onEnd);
        if (state.daemon && !hasEnded(state)) worker.unref(); // else it may be another one's by now
      });
    });
  }

  /** `join` that blocks this thread. */
  joinSync(timeout?: number | WaitOptions): boolean {
    const limit = blockingTimeout(timeout) ?? Infinity;
    const state = joinable(this);
    const deadline = performance.now() + limit;
    for (;;) {
      const seen = table.state(state.slot); // before the look: an end that comes after it is not slept through
      if (hasEnded(state)) return true;
      const left = deadline - performance.now();
      if (left <= 0) return false;
      native.futexWait(table.fieldOffset(state.slot, 'state'), seen, Math.min(left, 50));
    }
  }

  /** Whether it has been started and has not ended. */
  isAlive(): boolean {
    const state = open(this);
    return state.isCurrent || (state.status === 'started' && !hasEnded(state));
  }

  get name(): string {
    return open(this).name;
  }
  set name(name: string) {
    check('name', 'a string', name, isString);
    const state = open(this);
    state.name = name;
    if (state.status !== 'started' || hasEnded(state)) return;
    table.setName(state.slot, name);
    if (state.isCurrent && !isMainThread) native.threadRename(name);
  }

  /** Settable before `start()`. */
  get daemon(): boolean {
    return open(this).daemon;
  }
  set daemon(daemon: boolean) {
    check('daemon', 'a boolean', daemon, isBoolean);
    const state = open(this);
    if (state.status !== 'initial') {
      throw new MultiprocessError('ERR_MP_ALREADY_STARTED', 'cannot set daemon status of active thread');
    }
    state.daemon = daemon;
  }

  /** A number that no other living thread or process of the program has; undefined before `start()`. */
  get ident(): number | undefined {
    return open(this).ident;
  }

  /** The kernel's thread id, as in `ps -L`; undefined until the thread has begun to run. */
  get nativeId(): number | undefined {
    const { slot, isCurrent, status } = open(this);
    if (isCurrent) return native.threadNativeId();
    return status === 'initial' ? undefined : table.nativeId(slot) || undefined;
  }

  /** As Python prints it: `<Thread(Thread-1, started daemon 4711)>`. */
  toString(): string {
    const { name, status, daemon, ident } = open(this);
    const alive = this.isAlive() ? 'started' : status === 'initial' ? 'initial' : 'stopped';
    const words = [alive, ...(daemon ? ['daemon'] : []), ...(ident === undefined ? [] : [ident])];
    return `<${this.constructor.name}(${name}, ${words.join(' ')})>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

registerKnown('Thread', Thread);

function open(thread: Thread<any>): ThreadState {
  const state = stateOf(thread as Thread);
  if (state?.status === 'closed') throw new MultiprocessError('ERR_MP_CLOSED', 'process object is closed');
  if (state) return state;
  throw new MultiprocessError(
    'ERR_MP_NOT_CHILD',
    'this thread object came here in a message: use it where it was made',
  );
}

function joinable(thread: Thread<any>): ThreadState {
  const state = open(thread);
  if (state.status === 'initial') {
    throw new MultiprocessError('ERR_MP_NOT_STARTED', 'cannot join thread before it is started');
  }
  if (state.isCurrent) throw new MultiprocessError('ERR_MP_DEADLOCK', 'cannot join current thread');
  if (!state.host) throw new MultiprocessError('ERR_MP_NOT_CHILD', 'can only join a thread where it was started');
  return state;
}

/** Its worker has said so, or its slot is somebody else's, or nobody's. A worker may rest before it has left the slot. */
export function hasEnded(state: ThreadState): boolean {
  if (state.status !== 'started') return state.status === 'ended';
  const hasSlot = table.generation(state.slot) === state.generation && table.state(state.slot) !== SlotState.Free;
  if (state.exitCode === undefined && hasSlot) return false;
  state.status = 'ended';
  return true;
}

function checkOptions(options: Partial<Record<string, unknown>>): void {
  checkNames(options, KNOWN);
  const { target, args, kwargs, name, daemon, group } = options;
  check('group', 'null', group ?? undefined, () => false);
  check('target', 'a function', target, isFunction);
  check('args', 'an array of arguments', args, Array.isArray);
  check('kwargs', 'an object', kwargs, isObject);
  check('name', 'a string', name, isString);
  check('daemon', 'a boolean', daemon, isBoolean);
}
