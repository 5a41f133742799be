/** `Thread.start()`: capture what is sent, claim a slot, have the worker thread made. */
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { entryUrl } from '../location.ts';
import { idOf, SlotKind, SlotState, selfSlot, sendingTo, table } from '../memory/index.ts';
import { native } from '../native.ts';
import { describeIdentity, inheritableExecArgv, printUncaught, type ThreadPreparation } from '../process/internal.ts';
import { dumps } from '../transport/index.ts';
import { started, type ThreadState } from './state.ts';
import type { Thread } from './thread.ts';

/** What a worker thread is started with. */
export interface WorkerStart {
  slot: number;
  generation: number;
  daemon: boolean;
  name: string;
  preparation: ThreadPreparation;
  /** A {@link ThreadProgram}, encoded. */
  program: Uint8Array;
}

/** What of a thread object travels. */
export interface ThreadProgram {
  /** Absent when it is a plain Thread without properties of its own. */
  thread?: Thread;
  target: ThreadState['target'];
  args: readonly unknown[];
  kwargs: object | undefined;
}

/** On return the thread exists. On an error nothing is left behind. */
export function launch(thread: Thread, state: ThreadState): void {
  const slot = claim(state.name);
  try {
    const program = sendingTo(slot, () => dumps(programOf(thread, state)));
    const { name, daemon } = state;
    const generation = table.generation(slot);
    const start: WorkerStart = { slot, generation, daemon, name, preparation: describeIdentity(), program };
    const worker = new Worker(entryUrl('thread'), { workerData: start, name, env: SHARE_ENV, ...inherited() });
    const neverRan = () => table.generation(slot) === generation && table.nativeId(slot) === 0;
    if (daemon) worker.unref();
    worker.on('error', (error: Error) => {
      if (neverRan()) printUncaught(error, `Exception in thread ${state.name}:`);
    });
    worker.once('exit', () => {
      if (started.get(slot) === thread) started.delete(slot);
      if (table.generation(slot) === generation) table.releaseSlot(slot); // it never took it
    });
    started.set(slot, thread);
    Object.assign(state, { slot, generation, worker, status: 'started', ident: idOf(slot) });
  } catch (error) {
    table.releaseSlot(slot);
    throw error;
  }
  Object.assign(state, { target: undefined, args: [], kwargs: undefined }); // may be large, and has been sent
}

/** Worker threads have the options of the process by themselves; `--input-type` keeps them from loading a file. */
function inherited(): { execArgv?: string[] } {
  const refused = process.execArgv.some((option) => option.startsWith('--input-type'));
  return refused ? { execArgv: inheritableExecArgv() } : {};
}

function claim(name: string): number {
  selfSlot(); // this may be the first use of the realm
  const slot = table.claimSlot(native.slotOfProcess());
  table.setKind(slot, SlotKind.Thread);
  table.setName(slot, name);
  table.setPid(slot, process.pid);
  table.setStartTime(slot, table.startTime(native.slotOfProcess()));
  table.setState(slot, SlotState.Bootstrapping);
  return slot;
}

function programOf(thread: Thread, { target, args, kwargs }: ThreadState): ThreadProgram {
  const isPlain = Object.keys(thread).length === 0 && Object.hasOwn(thread.constructor, 'isLibraryClass');
  return isPlain ? { target, args, kwargs } : { thread, target, args, kwargs };
}
