import { constants } from 'node:os';
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { native } from '../native.ts';
import { checkTimeout, type WaitOptions, waitOptions } from '../timeout.ts';
import { registerKnown, registerUnsendable } from '../transport/index.ts';
import { signalTree } from './descendants.ts';
import { adopt, awaitEnd, awaitEndSync, pollChildren, signalChild } from './family.ts';
import { AuthenticationString, nextChildNumber, self } from './identity.ts';
import { launch } from './launch.ts';
import type { StartMethod } from './methods.ts';
import { checkName, checkOptions, type ProcessOptions, type Target } from './options.ts';
import { type ProcessState, setState, stateOf } from './state.ts';

/**
 * A process that runs a function, or the `run()` of a subclass, on another core.
 *
 * `target` may be any function, closures included; it and `args` are captured at `start()`, so later changes are not seen
 * by the child, and nothing that the child changes is seen here.
 *
 * @example
 * const child = new Process({ target: (n: number) => console.log(n * 2), args: [21] });
 * child.start();
 * await child.join();
 *
 * @example
 * class Greeter extends Process {
 *   constructor(readonly who: string) { super(); }
 *   override run() { console.log(`hello ${this.who}`); }
 * }
 */
export class Process<F extends Target = Target> {
  /** Start method of this class; undefined: the default of `getStartMethod()`. Contexts make subclasses that set it. */
  static readonly startMethod: StartMethod | undefined = undefined as StartMethod | undefined;

  /** @internal Its instances need not be sent: a child makes its own. */
  static readonly isLibraryClass = true;

  /** Describes a process; nothing runs before `start()`. Throws `ERR_MP_INVALID_ARG`. */
  constructor(options: ProcessOptions<F> = {}) {
    checkOptions(options as Record<string, unknown>);
    const parent = self();
    const path = [...parent.path, nextChildNumber()];
    setState(this, {
      target: options.target,
      args: options.args ? [...options.args] : [],
      kwargs: options.kwargs,
      name: options.name ?? `Process-${path.join(':')}`,
      daemon: options.daemon ?? parent.daemon,
      orphan: options.orphan ?? 'adopt',
      env: options.env,
      cwd: options.cwd,
      execArgv: options.execArgv,
      authKey: parent.authKey,
      path,
      creator: process.pid,
      status: 'initial',
      slot: -1,
      pid: undefined,
      startTime: 0,
      exitCode: null,
      sentinel: -1,
      onEnd: new Set(),
      isCurrent: false,
      worker: false,
    });
  }

  /** What the process does: calls `target(...args, kwargs)`. Override it in a subclass. */
  run(): unknown {
    const { target, args, kwargs } = open(this);
    return kwargs === undefined ? target?.(...args) : target?.(...args, kwargs);
  }

  /**
   * Starts the process. On return it exists and `pid` is set.
   *
   * Throws `ERR_MP_ALREADY_STARTED`, `ERR_MP_CAPTURE` (something cannot be sent: the message names the path to it),
   * `ERR_MP_DAEMON_CHILDREN`, `ERR_MP_BOOTSTRAPPING`, `ERR_MP_PRELOAD`, `ERR_MP_START_FAILED`, `ERR_MP_CLOSED`.
   */
  start(): void {
    const state = open(this);
    if (state.status !== 'initial')
      throw new MultiprocessError('ERR_MP_ALREADY_STARTED', 'cannot start a process twice');
    if (state.creator !== process.pid) throw notChild('can only start a process object created by current process');
    const parent = self();
    if (!parent.mayHaveChildren) {
      throw new MultiprocessError('ERR_MP_DAEMON_CHILDREN', 'daemonic processes are not allowed to have children');
    }
    if (parent.bootstrapping) throw new MultiprocessError('ERR_MP_BOOTSTRAPPING', BOOTSTRAPPING);
    pollChildren();
    launch(this as unknown as Process, state, (this.constructor as typeof Process).startMethod);
    adopt(state, this as unknown as Process);
  }

  /**
   * Waits until the process has ended: true; false when `timeout` (ms) passed first.
   *
   * Rejects with `ERR_MP_NOT_STARTED`, `ERR_MP_NOT_CHILD`, `ERR_MP_CLOSED`, or `ERR_MP_CANCELLED` by the `signal`.
   */
  async join(timeout?: number | WaitOptions): Promise<boolean> {
    return awaitEnd(joinable(this), waitOptions(timeout));
  }

  /** `join` that blocks this thread: no timer, no I/O and no signal handler runs meanwhile. */
  joinSync(timeout?: number): boolean {
    checkTimeout(timeout);
    return awaitEndSync(joinable(this), timeout);
  }

  /** Whether the process runs: false before `start()` and after its end. */
  isAlive(): boolean {
    const state = open(this);
    if (state.isCurrent) return true;
    if (state.creator !== process.pid) throw notChild('can only test a child process');
    if (state.status !== 'started') return false;
    pollChildren();
    return (state.status as ProcessState['status']) === 'started';
  }

  /** Sends SIGTERM; with `tree`, to all descendants, too. Does nothing when the process has ended. */
  terminate(options?: { tree?: boolean }): void {
    signal(this, constants.signals.SIGTERM, options?.tree);
  }

  /** Sends SIGKILL, which cannot be caught; with `tree`, to all descendants, too. */
  kill(options?: { tree?: boolean }): void {
    signal(this, constants.signals.SIGKILL, options?.tree);
  }

  /** Sends SIGINT, as Ctrl-C does. */
  interrupt(): void {
    signal(this, constants.signals.SIGINT);
  }

  /**
   * Releases what the object holds; every later use throws `ERR_MP_CLOSED`. Closing twice is fine.
   * Throws `ERR_MP_STILL_RUNNING` while the process runs.
   */
  close(): void {
    const state = stateOf(this);
    if (!state || state.status === 'closed') return;
    pollChildren();
    if (state.status === 'started') {
      throw new MultiprocessError(
        'ERR_MP_STILL_RUNNING',
        'Cannot close a process while it is still running. You should first call join() or terminate().',
      );
    }
    if (state.sentinel >= 0) native.fdClose(state.sentinel);
    state.sentinel = -1;
    state.status = 'closed';
  }

  /** `await using`: joins, then closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    const state = stateOf(this);
    if (state?.status === 'started') await this.join();
    this.close();
  }

  get name(): string {
    return open(this).name;
  }
  set name(name: string) {
    checkName(name);
    open(this).name = name;
  }

  /** Settable before `start()`. */
  get daemon(): boolean {
    return open(this).daemon;
  }
  set daemon(daemon: boolean) {
    const state = open(this);
    if (state.status !== 'initial')
      throw new MultiprocessError('ERR_MP_ALREADY_STARTED', 'process has already started');
    checkOptions({ daemon });
    state.daemon = daemon;
  }

  /** Process id; undefined before `start()`. */
  get pid(): number | undefined {
    return open(this).pid;
  }

  /** null before the start and while it runs; then the exit code, or -N when signal N ended it. */
  get exitCode(): number | null {
    const state = open(this);
    if (state.status === 'started' && !state.isCurrent) pollChildren();
    return state.exitCode;
  }

  /** Name of the signal that ended the process, as 'SIGKILL'; null otherwise. */
  get signalCode(): NodeJS.Signals | null {
    return signalName(this.exitCode);
  }

  /** A file descriptor that becomes readable when the process ends, for `wait()` or for poll(2). Closed by `close()`. */
  get sentinel(): number {
    const state = open(this);
    if (state.status === 'initial') throw new MultiprocessError('ERR_MP_NOT_STARTED', 'process not started');
    if (state.sentinel < 0) state.sentinel = native.processOpen(state.pid!, state.startTime);
    return state.sentinel;
  }

  /** The secret of this family of processes, for authenticated connections. It travels by inheritance only. */
  get authKey(): Uint8Array {
    return open(this).authKey;
  }
  set authKey(key: Uint8Array) {
    setAuthKey(open(this), key);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return toText(this);
  }
}

registerKnown('Process', Process);
registerUnsendable(
  AuthenticationString,
  'and pickling an AuthenticationString object is disallowed for security reasons',
  'a child process inherits the key of its parent',
);

const BOOTSTRAPPING = `An attempt has been made to start a new process before the current process has finished its bootstrapping phase.

This probably means that a module which your target imports starts processes while it is being loaded. Start them only in
the main program:

    import { isMainProcess } from 'multiprocess';

    if (isMainProcess) {
      // start processes here
    }
`;

function open(process: Process<any>): ProcessState {
  const state = stateOf(process as Process);
  if (!state)
    throw notChild('this process object came here in a message: it can only be used in the process that made it');
  if (state.status === 'closed') throw new MultiprocessError('ERR_MP_CLOSED', 'process object is closed');
  return state;
}

function joinable(target: Process<any>): ProcessState {
  const state = open(target);
  if (state.creator !== process.pid || state.isCurrent) throw notChild('can only join a child process');
  if (state.status === 'initial') throw new MultiprocessError('ERR_MP_NOT_STARTED', 'can only join a started process');
  return state;
}

function signal(target: Process<any>, number: number, tree = false): void {
  const state = open(target);
  if (state.creator !== process.pid) throw notChild('can only signal a child process');
  if (state.status === 'initial')
    throw new MultiprocessError('ERR_MP_NOT_STARTED', 'can only signal a started process: process not started');
  pollChildren();
  if ((state.status as string) === 'ended') return;
  if (tree) signalTree(state.pid!, number, () => signalChild(state, number));
  else signalChild(state, number);
}

function notChild(message: string): MultiprocessError {
  return new MultiprocessError('ERR_MP_NOT_CHILD', message);
}

function signalName(exitCode: number | null): NodeJS.Signals | null {
  if (exitCode === null || exitCode >= 0) return null;
  const entry = Object.entries(constants.signals).find(([, number]) => number === -exitCode);
  return (entry?.[0] as NodeJS.Signals) ?? null;
}

function setAuthKey(state: ProcessState, key: Uint8Array): void {
  if (!(key instanceof Uint8Array)) throw invalidArgument('authKey', 'a Uint8Array', key);
  state.authKey = new AuthenticationString(key);
}

/** As CPython's repr: <Process name='Process-1' pid=4711 parent=4710 started daemon> */
function toText(target: Process<any>): string {
  const state = stateOf(target as Process);
  if (!state) return `<${target.constructor.name} of another process>`;
  if (state.status === 'started') pollChildren();
  const parts = [`name='${state.name}'`];
  if (state.pid !== undefined) parts.push(`pid=${state.pid}`);
  parts.push(`parent=${state.creator}`, state.status === 'ended' ? 'stopped' : state.status);
  if (state.exitCode !== null)
    parts.push(`exitcode=${state.exitCode < 0 ? `-${signalName(state.exitCode)}` : state.exitCode}`);
  if (state.daemon) parts.push('daemon');
  return `<${target.constructor.name} ${parts.join(' ')}>`;
}
