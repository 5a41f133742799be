/**
 * The inner state of process objects.
 *
 * It lives beside the objects, not in `#fields`: a child gets its process object without any constructor having run (a
 * subclass's may have opened files), and an object made that way has no `#fields`.
 */
import { self } from './identity.ts';
import type { Target } from './options.ts';
import type { Process } from './process.ts';

export interface ProcessState {
  target: Target | undefined;
  args: readonly unknown[];
  kwargs: object | undefined;
  name: string;
  daemon: boolean;
  orphan: 'adopt' | 'kill';
  env: NodeJS.ProcessEnv | undefined;
  cwd: string | undefined;
  execArgv: readonly string[] | undefined;
  authKey: Uint8Array;
  /** See Identity.path. */
  path: readonly number[];
  /** pid of the process that made this object: only that one may start and join it. */
  creator: number;
  status: 'initial' | 'started' | 'ended' | 'closed';
  slot: number;
  pid: number | undefined;
  startTime: number;
  exitCode: number | null;
  /** Descriptor handed out as `sentinel`, -1 before the first use. */
  sentinel: number;
  /** Run once, when the process has ended. */
  onEnd: Set<() => void>;
  /** This object stands for the process it lives in. */
  isCurrent: boolean;
  /** Set by pools: ended with the parent, but allowed to have children, and deaf to Ctrl-C. */
  worker: boolean;
}

const states = new WeakMap<Process, ProcessState>();

export function setState(process: Process, state: ProcessState): void {
  states.set(process, state);
}

/** Undefined for a process object that came here inside a message. */
export function stateOf(process: Process): ProcessState | undefined {
  return process === current ? stateOfCurrent : states.get(process);
}

// Not in the map: a map that grows costs each child page faults.
let current: Process | undefined;
let stateOfCurrent: ProcessState | undefined;

/** The process object that stands for this process; undefined in a main program that has not asked for it. */
export function currentObject(): Process | undefined {
  return current;
}

export function setCurrentObject(process: Process, state: ProcessState): Process {
  current = process;
  stateOfCurrent = state;
  return process;
}

/** State of the object that stands for this process. */
export function stateOfSelf(slot: number, startTime: number): ProcessState {
  const { name, daemon, authKey, path, parent } = self();
  return {
    target: undefined,
    args: [],
    kwargs: undefined,
    name,
    daemon,
    orphan: 'adopt',
    env: undefined,
    cwd: undefined,
    execArgv: undefined,
    authKey,
    path,
    creator: parent?.pid ?? process.pid,
    status: 'started',
    slot,
    pid: process.pid,
    startTime,
    exitCode: null,
    sentinel: -1,
    onEnd: new Set(),
    isCurrent: true,
    worker: false,
  };
}
