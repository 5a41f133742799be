/** `Thread.start()`: capture what is sent, claim a slot, have a worker thread run it. */
import { idOf, SlotKind, SlotState, selfSlot, sendingTo, table } from '../memory/index.ts';
import { native } from '../native.ts';
import { describeIdentity } from '../process/internal.ts';
import { dumps } from '../transport/index.ts';
import { host } from './host.ts';
import { started, type ThreadState } from './state.ts';
import type { Thread } from './thread.ts';

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
    Object.assign(state, { slot, generation, ident: idOf(slot) });
    state.host = host({ slot, generation, daemon, name, preparation: describeIdentity(), program }, state);
  } catch (error) {
    Object.assign(state, { slot: -1, generation: 0, ident: undefined });
    table.releaseSlot(slot);
    throw error;
  }
  started.set(slot, thread);
  state.onEnd.add(() => {
    if (started.get(slot) === thread) started.delete(slot);
  });
  state.status = 'started';
  Object.assign(state, { target: undefined, args: [], kwargs: undefined }); // may be large, and has been sent
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
