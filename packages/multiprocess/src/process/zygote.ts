/** How the zygote gets ready, in JavaScript; what it does from then on is native/process/zygote.cc. */
import nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';
import v8 from 'node:v8';
import { moduleLoadList } from '../builtins.ts';
import { compileForForks, SlotKind, selfSlot, setSelfSlot, table } from '../memory/index.ts';
import { native } from '../native.ts';
import {
  dumps,
  dumpsError,
  importFrom,
  resetBeforeFork,
  stepsToCapture,
  warmUp,
  warmUpDebugger,
} from '../transport/index.ts';
import { makePidSettable, prepare, runChild, setPid } from './bootstrap.ts';
import { GAVE_UP, type ZygoteFailure } from './forkserver.ts';
import { hasWorkers, registeredHook } from './hooks.ts';
import { makeStandardStreamsSynchronous, rehearseLeaving, useOwnDoor } from './leave.ts';
import { leaveBytes, type Preparation, takePayload, writePayload } from './preparation.ts';
import { makeCryptoForkable, makeRandomnessForkable, renewRandomness } from './randomness.ts';
import { rehearseParts } from './rehearsals.ts';
import { claimFor } from './slots.ts';
import { rememberZygote } from './surroundings.ts';
import { watchForEnd } from './uncaught.ts';

/** How long requests that a preload left under way may take, in ms. */
const SETTLE_LIMIT = 5000;
/**
 * What the rehearsals compile and learn is kept; and no garbage collection is begun or planned, which each child would have to
 * finish for itself, at tens of milliseconds. No Maglev: on Node 24 a loop that it has compiled without V8's threads stays with it,
 * up to ten times slower than what TurboFan makes of it. The last four are what `--single-threaded` means besides `ZYGOTE_FLAGS`
 * (forkserver.ts): V8 no longer asks what follows from it once it runs.
 */
const SETTLED_FLAGS =
  '--no-flush-bytecode --no-incremental-marking --no-maglev --single-threaded --no-concurrent-sparkplug --no-wasm-async-compilation --wasm-num-compilation-tasks=0';
/**
 * Takes back what these and `ZYGOTE_FLAGS` have changed for the zygote only. Children have no Maglev, so TurboFan comes when that
 * would have come, and not after 3000 calls. Their heaps grow to twice of what is used before all of it is collected: V8's own
 * limit for them lies so low that it begins again at once.
 */
const CHILD_FLAGS = '--lazy-feedback-allocation --invocation-count-for-turbofan=400 --heap-growing-percent=100';
/** The same, but set by each child: the zygote might begin a garbage collection, and each of them would have to finish it. */
const OWN_FLAGS = '--incremental-marking';
const REHEARSAL_FLAGS = '--no-incremental-marking';
let ownFlags = REHEARSAL_FLAGS;
const REHEARSALS = 12;
const WARM_UPS = 4;
/** Standard streams, and what lasts by nature. */
const LASTING = /^(TTYWrap|PipeWrap|TCPSERVERWRAP|TCPWRAP|SignalWrap)$/i;
const UNFORKABLE = /^(ProcessWrap|Worker|MessagePort)$/;

interface Preloads {
  modules: string[];
  /** Of the library: what the program has loaded (rehearsals.ts). */
  parts: string[];
  onError: 'ignore' | 'warn' | 'fail';
}

/**
 * Loads what children are to find loaded, then warms up; meanwhile the first children are forked already. Returns in those,
 * with the child's slot, and in the zygote, with -1, when it is warm. A zygote that cannot serve says why in its slot, and ends here.
 */
export async function prepareZygote(slot: number, bell: number): Promise<number> {
  v8.setFlagsFromString(SETTLED_FLAGS);
  makeRandomnessForkable();
  makeStandardStreamsSynchronous();
  makePidSettable();
  const { preparation, program } = takePayload(slot);
  prepare(preparation);
  rememberZygote(slot, preparation.surroundings!);
  const preloads = v8.deserialize(program) as Preloads;
  if (preloads.modules.length > 0 || moduleLoadList.includes('NativeModule crypto')) makeCryptoForkable();
  const failure = await preload(preloads, preparation.surroundings!.entry);
  if (failure) giveUp(slot, failure);
  await settle();
  prepare(preparation); // whatever they have changed: children rely on it
  const reason = registeredHook() ?? leftovers() ?? missingThreads();
  if (reason) giveUp(slot, { kind: 'unsafe', reason });
  useOwnDoor();
  watchForEnd();
  table.setError(slot, 0);
  let child = -1;
  for await (const _ of stepsToWarmth(preparation, preloads.parts)) {
    resetBeforeFork();
    compileForForks();
    await turn(); // V8's tasks that are left would run in each child
    child = native.zygoteTurn(slot, bell);
    if (child !== -1) break;
  }
  v8.setFlagsFromString(CHILD_FLAGS); // no JavaScript of the zygote's own comes any more
  ownFlags = OWN_FLAGS;
  return child;
}

/**
 * Between two steps the zygote is as fit to be forked as it is at the end. Short ones come first, because the ends of children
 * are seen between them, too: to capture a function for the first time takes tens of milliseconds.
 */
async function* stepsToWarmth(own: Preparation, parts: readonly string[]): AsyncGenerator<void> {
  yield;
  makeCryptoForkable(); // at the latest: what is rehearsed uses it
  const usual = { ...own, surroundings: undefined };
  for (let i = 0; i < REHEARSALS; i++) {
    await rehearse(i % 2 === 0 ? usual : own, Math.abs);
    yield;
  }
  for (const _ of stepsToCapture()) yield;
  warmUpDebugger();
  yield;
  for (let i = 0; i < WARM_UPS; i++) {
    await warmUp();
    await rehearse(usual, () => undefined);
    yield;
  }
  await rehearseParts(parts);
  prepare(own);
  yield;
  nodeModule.flushCompileCache(); // of NODE_COMPILE_CACHE, where that is set: a zygote never exits as Node would have it
}

/**
 * First lines of a forked child. What is the same for every child has been done in the zygote: each line here costs each
 * child page faults.
 */
export function becomeForkedChild(slot: number): void {
  native.cellInherit(selfSlot(), slot); // shared objects of the preloads are the child's, too
  setSelfSlot(slot);
  setPid(table.pid(slot));
  v8.setFlagsFromString(ownFlags);
  renewRandomness();
  runChild(slot);
}

async function preload({ modules, onError }: Preloads, entry: string | undefined): Promise<ZygoteFailure | undefined> {
  // As the program's entry would import it; a program without one (`node -e`) stands in its working directory.
  const importModule = importFrom(entry ?? pathToFileURL(`${process.cwd()}/`).href);
  for (const module of modules) {
    try {
      await importModule(module);
    } catch (error) {
      if (onError === 'fail') return { kind: 'preload', module, error: dumpsError(error), text: String(error) };
      if (onError === 'warn')
        process.emitWarning(`cannot preload '${module}': ${(error as Error).message}`, { code: 'MP_PRELOAD' });
    }
  }
  return undefined;
}

/** What a preload began without waiting for it (a file being read, say) would never end in a child: give it time. */
async function settle(): Promise<void> {
  const deadline = Date.now() + SETTLE_LIMIT;
  while (
    process.getActiveResourcesInfo().some((kind) => /Req|Wrap$/.test(kind) && !LASTING.test(kind)) &&
    Date.now() < deadline
  ) {
    await turn();
  }
}

/** One turn of the event loop. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What a fork would not copy, or would share with its brothers. */
function leftovers(): string | undefined {
  const left = hasWorkers() ? 'Worker' : process.getActiveResourcesInfo().find((kind) => UNFORKABLE.test(kind));
  return left && `a preloaded module has left a ${left} open, which a fork does not copy`;
}

/** From Node 26 on, every garbage collection posts tasks to V8's platform threads, and somebody waits for them. */
function missingThreads(): string | undefined {
  if (Number(process.versions.node.split('.')[0]) < 26 || native.platformThreads() > 0) return undefined;
  return "V8's platform threads cannot be brought back in forked children (native/shim was not loaded, or does not know this Node.js)";
}

/** Says why in a cell of the starter's, which outlives this process. */
function giveUp(slot: number, failure: ZygoteFailure): never {
  leaveBytes(slot, table.parent(slot), [v8.serialize(failure)]);
  table.setError(slot, GAVE_UP);
  process.exit(1); // what a preload has left open must not keep it
}

/**
 * Lives a child's life, from its first line to its last: done a few times, what it needs is compiled and its objects' shapes
 * are known, and all that is inherited then, instead of being made anew in each child.
 */
async function rehearse(preparation: Preparation, target: Function): Promise<void> {
  const self = selfSlot();
  const program = dumps({ target, args: [0], kwargs: undefined });
  const scratch = claimFor(SlotKind.Process, 'rehearsal');
  table.setPid(scratch, process.pid);
  writePayload(scratch, preparation, program);
  becomeForkedChild(scratch);
  await turn();
  rehearseLeaving();
  setSelfSlot(self);
  table.releaseSlot(scratch);
}
