/** What a child does from its first line to its last: become itself, load the program, run it. */
import { constants } from 'node:os';
import { NO_SLOT, SlotFlag, SlotState, table } from '../memory/index.ts';
import { native } from '../native.ts';
import { loads, tryLoadsSync } from '../transport/index.ts';
import { become, self } from './identity.ts';
import type { Program } from './launch.ts';
import { type Preparation, takePayload } from './preparation.ts';
import { Process } from './process.ts';
import { setCurrentObject, stateOfSelf } from './state.ts';
import { settleIn } from './surroundings.ts';
import { beginRun, watchForEnd } from './uncaught.ts';

/** How long a spawned child waits for its parent to publish its pid, in ms. */
const PUBLICATION_LIMIT = 10_000;

/** Runs the program in `slot`. The process ends when `run()` has settled and its event loop is empty. */
export function runChild(slot: number): void {
  const { preparation, program } = takePayload(slot);
  prepare(preparation);
  const loaded = tryLoadsSync(program);
  // Without a promise where possible: what is there already need not wait for a turn of the event loop.
  if (loaded) run(slot, loaded.value as Program);
  else void loads(program).then((value) => run(slot, value as Program));
}

let pid = process.pid;
let parentPid = process.ppid;

/** `process.pid` is a value that Node read at its own start, and `process.ppid` the kernel's idea of a parent. */
export function makePidSettable(): void {
  Object.defineProperty(process, 'pid', { configurable: true, enumerable: true, get: () => pid });
  Object.defineProperty(process, 'ppid', { configurable: true, enumerable: true, get: () => parentPid });
}

export function setPid(own: number): void {
  pid = own;
}

/** First lines of a spawned child. A pid that is not public means that the parent died at once: nobody knows of us. */
export function becomeSpawnedChild(slot: number): void {
  const isPublic = native.futexWait(table.fieldOffset(slot, 'pid'), 0, PUBLICATION_LIMIT) !== 'timed-out';
  if (!isPublic || table.pid(slot) !== process.pid) process.exit(255);
  const parent = table.parent(slot);
  if (table.flags(slot) & SlotFlag.TerminateWithParent) {
    native.processWatchParent(
      parent === NO_SLOT ? 0 : table.pid(parent),
      parent === NO_SLOT ? 0 : table.startTime(parent),
    );
  }
  watchForEnd();
  makePidSettable();
  runChild(slot);
}

/** Takes over what the parent chose; for the zygote, too, before its preloads. */
export function prepare(preparation: Preparation): void {
  const { name, path, daemon, mayHaveChildren, parent, surroundings } = preparation;
  become({ name, path, daemon, mayHaveChildren, parent, authKey: self().authKey, bootstrapping: true });
  parentPid = parent.pid;
  process.title = name;
  if (surroundings) settleIn(surroundings);
  if (preparation.ignoreInterrupt) native.signalIgnore(constants.signals.SIGINT, true);
}

function run(slot: number, { process: sent, target, args, kwargs }: Program): void {
  // A plain process object is made as the transport makes the others: no constructor runs in a child.
  const current = sent ?? (Object.create(Process.prototype) as Process);
  setCurrentObject(current, { ...stateOfSelf(slot, table.startTime(slot)), target, args, kwargs });
  self().bootstrapping = false;
  table.setState(slot, SlotState.Running);
  const settled = beginRun();
  const result = (async () => current.run())();
  // Thrown outside of any promise: it is an uncaught error of this process, like any other.
  result.then(settled, (error) => {
    settled();
    process.nextTick(() => {
      throw error;
    });
  });
}
