/** Who this process is: its names, its parent, and where it stands in the realm. */
import { exportsChanged } from '../code.ts';
import { native } from '../native.ts';

/** The secret that processes of one family share: inherited at the start, refused by the transport everywhere else. */
export class AuthenticationString extends Uint8Array {
  override toString(): string {
    return `AuthenticationString(${this.length} bytes)`;
  }
}

/** A process as others know it: pid and start time together name it for ever. */
export interface ProcessId {
  name: string;
  pid: number;
  /** Clock ticks after boot. */
  startTime: number;
}

export interface Identity {
  name: string;
  daemon: boolean;
  /** [] in main, [1] in its first child, [1, 2] in that child's second: the numbers of default names. */
  path: readonly number[];
  authKey: AuthenticationString;
  /** The logical parent; undefined in main. */
  parent: ProcessId | undefined;
  /** This process still loads its own code: it must not start others yet. */
  bootstrapping: boolean;
  /** False for daemons; pool workers end with their parent like daemons, but may have children. */
  mayHaveChildren: boolean;
}

let identity: Identity | undefined;
let childCount = 0;

/** True in the program that was started from outside, false in every process that the library started. */
export let isMainProcess = native.slotOfProcess() <= 0; // a thread of a child finds the child's slot

export function self(): Identity {
  identity ??= {
    name: 'MainProcess',
    daemon: false,
    path: [],
    authKey: new AuthenticationString(native.randomBytes(32)),
    parent: undefined,
    bootstrapping: false,
    mayHaveChildren: true,
  };
  return identity;
}

/** Takes on the identity that the parent chose; in a child, before any user code. */
export function become(chosen: Identity): void {
  identity = chosen;
  isMainProcess = false;
  exportsChanged();
  childCount = 0;
}

/** Number of the next child, for its default name. */
export function nextChildNumber(): number {
  return ++childCount;
}

/** Whether this process, or this thread of it, has made process objects. */
export function hasMadeChildren(): boolean {
  return childCount > 0;
}

/** The eventfd that wakes the zygote; the same one in every thread and every member of the realm. */
export function zygoteBell(): number {
  return native.zygoteBell();
}

export function inheritZygoteBell(fd: number): void {
  native.zygoteBellInherit(fd);
}
