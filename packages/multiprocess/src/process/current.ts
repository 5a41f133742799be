/** The processes around this one: itself, its parent, its children. */
import { native } from '../native.ts';
import { type WaitOptions, waitOptions } from '../timeout.ts';
import { type ProcessId, self } from './identity.ts';
import { Process } from './process.ts';
import { awaitReadable, awaitReadableSync } from './readable.ts';
import { currentObject, setCurrentObject, stateOfSelf } from './state.ts';

/** The process object of the current process; in the main program, one named 'MainProcess'. */
export function currentProcess(): Process {
  const current = currentObject();
  if (current) return current;
  const main = Object.create(Process.prototype) as Process;
  return setCurrentObject(main, stateOfSelf(-1, native.processStartTime(process.pid)));
}

let parent: ParentProcess | undefined;

/** The process that started this one, seen from here; undefined in the main program. */
export function parentProcess(): ParentProcess | undefined {
  const id = self().parent;
  if (id) parent ??= new ParentProcess(id);
  return parent;
}

/** A parent can be watched, not controlled. It is noticed when it dies, however it dies. */
export class ParentProcess {
  readonly name: string;
  readonly pid: number;
  #startTime: number;
  #sentinel = -1;

  constructor({ name, pid, startTime }: ProcessId) {
    this.name = name;
    this.pid = pid;
    this.#startTime = startTime;
  }

  isAlive(): boolean {
    return native.fdPoll([this.sentinel], 0).length === 0;
  }

  /** Resolves true when the parent has ended, false when `timeout` (ms) passed first. */
  async join(timeout?: number | WaitOptions): Promise<boolean> {
    return (await awaitReadable([this.sentinel], waitOptions(timeout))).length > 0;
  }

  joinSync(timeout?: number): boolean {
    return awaitReadableSync([this.sentinel], timeout).length > 0;
  }

  /** A file descriptor that becomes readable when the parent ends. */
  get sentinel(): number {
    if (this.#sentinel < 0) this.#sentinel = native.processOpen(this.pid, this.#startTime);
    return this.#sentinel;
  }
}
