/** The threads around this one. */
import { isMainThread } from 'node:worker_threads';
import { idOf, SlotKind, SlotState, selfId, selfSlot, table } from '../memory/index.ts';
import { native } from '../native.ts';
import { setState, started } from './state.ts';
import { Thread } from './thread.ts';

let current: Thread | undefined;
let main: Thread | undefined;

/** @internal */
export function setCurrent(thread: Thread | undefined): void {
  current = thread;
}

/** The object of the current thread; in the main thread one named 'MainThread', in a foreign worker one for that. */
export function currentThread(): Thread {
  current ??= describeSlot(selfSlot(), true);
  return current;
}

/** The object of the thread that the process began with. */
export function mainThread(): Thread {
  if (isMainThread) return currentThread();
  selfSlot(); // has the process take its own
  main ??= describeSlot(native.slotOfProcess(), false);
  return main;
}

/**
 * The living threads of this process, the main one first. Those that others have started are objects that can be looked at,
 * not joined.
 */
export function enumerate(): Thread[] {
  const own = selfSlot();
  const mainSlot = native.slotOfProcess();
  const slots = [...table.usedSlots()].filter(
    (slot) =>
      slot === mainSlot || (table.kind(slot) === SlotKind.Thread && table.parent(slot) === mainSlot && isBegun(slot)),
  );
  slots.sort((a, b) => Number(b === mainSlot) - Number(a === mainSlot));
  return slots.map((slot) => {
    if (slot === own) return currentThread();
    if (slot === mainSlot) return mainThread();
    const thread = started.get(slot);
    return thread?.isAlive() ? thread : describeSlot(slot, false); // the slot may be another's by now
  });
}

/** How many there are. */
export function activeCount(): number {
  return enumerate().length;
}

/** A number that no other living thread or process of the program has. */
export function getIdent(): number {
  return selfId();
}

/** The kernel's id of the current thread, as in `ps -L`. In the main thread of a process it is the process id. */
export function getNativeId(): number {
  return native.threadNativeId();
}

/**
 * An object with values of this thread's own. Threads have heaps of their own, so every object is; this one says so.
 *
 * @example
 * const connection = local<{ socket?: Socket }>();
 */
export function local<T extends object = Record<string, any>>(): T {
  return Object.create(null);
}

const isBegun = (slot: number) => {
  const state = table.state(slot);
  return state === SlotState.Bootstrapping || state === SlotState.Running;
};

function describeSlot(slot: number, isCurrent: boolean): Thread {
  const thread = Object.create(Thread.prototype) as Thread;
  const isMain = slot === native.slotOfProcess();
  setState(thread, {
    ...{ target: undefined, args: [], kwargs: undefined, host: undefined, isCurrent, status: 'started' },
    ...{ onEnd: new Set(), exitCode: undefined },
    ...{ slot, generation: table.generation(slot), ident: idOf(slot) },
    name: isMain ? 'MainThread' : table.name(slot),
    daemon: false,
  });
  return thread;
}
