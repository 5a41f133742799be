/** How the zygote gets ready, in JavaScript; what it does from then on is native/process/zygote.cc. */
import v8 from 'node:v8';
import vm from 'node:vm';
import { doorbell, setSelfSlot, table } from '../memory/index.ts';
import { dumpsError, importFrom, resetAfterFork, warmUp } from '../transport/index.ts';
import { prepare, runChild } from './bootstrap.ts';
import { rememberZygoteEnvironment, type ZygoteFailure } from './forkserver.ts';
import { registeredHook } from './hooks.ts';
import { makeStandardStreamsSynchronous, useOwnDoor } from './leave.ts';
import { leaveBytes, takePayload } from './preparation.ts';
import { makeRandomnessForkable, renewRandomness } from './randomness.ts';

/** How long requests that a preload left under way may take, in ms. */
const SETTLE_LIMIT = 5000;
/** Standard streams, and what lasts by nature. */
const LASTING = /^(TTYWrap|PipeWrap|TCPSERVERWRAP|TCPWRAP|SignalWrap)$/i;
const UNFORKABLE = /^(ProcessWrap|Worker|MessagePort)$/;

interface Preloads {
  modules: string[];
  onError: 'ignore' | 'warn' | 'fail';
}

/** Loads what children are to find loaded. False: the zygote cannot serve, and has said why in its slot. */
export async function prepareZygote(slot: number): Promise<boolean> {
  makeRandomnessForkable();
  makeStandardStreamsSynchronous();
  const { preparation, program } = takePayload(slot);
  prepare(preparation);
  rememberZygoteEnvironment({ ...process.env });
  const failure = await preload(v8.deserialize(program), preparation.entry);
  if (failure) return giveUp(slot, failure);
  await settle();
  const reason = registeredHook() ?? leftovers();
  if (reason) return giveUp(slot, { kind: 'unsafe', reason });
  warmUp();
  collectGarbage();
  return true;
}

/** First lines of a forked child. */
export function becomeForkedChild(slot: number): void {
  const pid = table.pid(slot);
  Object.defineProperty(process, 'pid', { configurable: true, enumerable: true, value: pid });
  setSelfSlot(slot);
  doorbell.afterFork();
  useOwnDoor(slot);
  renewRandomness();
  resetAfterFork();
  runChild(slot);
}

async function preload({ modules, onError }: Preloads, entry: string | undefined): Promise<ZygoteFailure | undefined> {
  for (const module of modules) {
    try {
      await importFrom(entry, module);
    } catch (error) {
      if (onError === 'fail') return { kind: 'preload', module, error: dumpsError(error) };
      if (onError === 'warn') process.emitWarning(`cannot preload '${module}': ${(error as Error).message}`, { code: 'MP_PRELOAD' });
    }
  }
  return undefined;
}

/** What a preload began without waiting for it (a file being read, say) would never end in a child: give it time. */
async function settle(): Promise<void> {
  const deadline = Date.now() + SETTLE_LIMIT;
  while (process.getActiveResourcesInfo().some((kind) => /Req|Wrap$/.test(kind) && !LASTING.test(kind)) && Date.now() < deadline) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What a fork would not copy, or would share with its brothers. */
function leftovers(): string | undefined {
  const left = process.getActiveResourcesInfo().find((kind) => UNFORKABLE.test(kind));
  return left && `a preloaded module has left a ${left} open, which a fork does not copy`;
}

/** Says why in a cell of the starter's, which outlives this process. */
function giveUp(slot: number, failure: ZygoteFailure): false {
  leaveBytes(slot, table.parent(slot), [v8.serialize(failure)]);
  process.exitCode = 1;
  return false;
}

/** Children start from a compact heap: what they do not touch stays shared. */
function collectGarbage(): void {
  v8.setFlagsFromString('--expose-gc');
  const gc = vm.runInNewContext('gc') as () => void;
  gc();
}
