/**
 * The forkserver start method: one zygote per realm forks a child per request (native/process/zygote.cc).
 *
 * Whoever needs the zygote first starts it; whoever finds it dead starts the next one, which takes over the children and
 * the pending requests of the dead one. Requests lie in realm memory, so none is lost in between.
 */
import { availableParallelism, constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import util from 'node:util';
import v8 from 'node:v8';
import { MultiprocessError } from '../errors.ts';
import { entryUrl } from '../location.ts';
import { ForkVerdict, hasRealm, header, NO_SLOT, SlotKind, SlotState, selfSlot, table } from '../memory/index.ts';
import { native, shimPath } from '../native.ts';
import { stepsToCapture, tryLoadsErrorSync } from '../transport/index.ts';
import { inheritableExecArgv } from './execargv.ts';
import { announceFallback, unsafeReason } from './fallback.ts';
import { zygoteBell } from './identity.ts';
import { describePreparation, type FullPreparation, takeBytes, writePayload } from './preparation.ts';
import { partsToRehearse } from './rehearsals.ts';
import { claimFor, isSlotAlive, reclaim } from './slots.ts';
import { launchNode } from './spawn.ts';
import { forgetZygote, rememberZygote, zygoteWith } from './surroundings.ts';

/** What a zygote that cannot serve leaves in its slot. */
export type ZygoteFailure =
  | { kind: 'unsafe'; reason: string }
  | { kind: 'preload'; module: string; error: Uint8Array; text: string };

/** `errno` of a zygote that left a {@link ZygoteFailure}: ECANCELED. */
export const GAVE_UP = 125;
/** `errno` of a zygote that is not ready yet: EAGAIN. It has 0 as soon as it serves. */
const NOT_READY = 11;
/** `errno` of a request whose zygote died before it had forked: try again. */
const ESTALE = 116;
/**
 * Nothing may be posted to V8's threads, and each function begins to learn at its first call. The other flags of the zygote are
 * set when the library is loaded (`SETTLED_FLAGS`, zygote.ts): with any of them V8 would refuse Node's own code cache, and compile
 * what Node is made of anew.
 */
const ZYGOTE_FLAGS = [
  '--single-threaded-gc',
  '--no-concurrent-recompilation',
  '--no-lazy-feedback-allocation',
  '--no-memory-reducer',
];
/** How often a waiter looks whether the zygote still lives, in ms. */
const LIVENESS_INTERVAL = 100;

/** So many zygotes in a row may be killed by signals before they serve; more are not killed by chance. */
const MOST_KILLED = 3;
let killed = 0;

let preload: { modules: string[]; onError: 'ignore' | 'warn' | 'fail' } = { modules: [], onError: 'ignore' };
/** Done while a first zygote is waited for, as far as there is time; on a single processor that would only slow it down. */
let warmingUp = availableParallelism() > 1 ? stepsToCapture() : undefined;

export function setPreload(modules: string[], onError: 'ignore' | 'warn' | 'fail'): void {
  preload = { modules, onError };
}

/**
 * Starts the zygote if none lives, without waiting for it; false when this program cannot be forked (announced once).
 * What the caller does next overlaps with the zygote's own start.
 */
export function startZygote(): boolean {
  if (header.load('forkVerdict') === ForkVerdict.Unsafe) return false;
  const reason = unsafeReason();
  if (reason) return refuse(reason);
  for (;;) {
    const current = header.load('zygote');
    if (current !== 0) {
      // One that serves is believed to live: whoever waits for it in vain looks more closely.
      if (table.state(current - 1) === SlotState.Running || isSlotAlive(current - 1)) return true;
      // One that never got ready stays until a start() has said why, which is known once our reaper has seen its end.
      if (hasFailed(current - 1) || isToBeReaped(current - 1)) return true;
      header.compareExchange('zygote', current, 0);
      continue;
    }
    const slot = claimFor(SlotKind.Zygote, 'zygote');
    if (header.compareExchange('zygote', 0, slot + 1) === 0) {
      try {
        launch(slot);
      } catch (error) {
        forget(slot); // or whoever comes next would wait for it
        throw error;
      }
      return true;
    }
    table.releaseSlot(slot);
  }
}

/** At the end of this process: a zygote that nobody else needs goes with it, not a moment after it. */
export function retireZygote(): void {
  const zygote = hasRealm() ? header.load('zygote') - 1 : -1;
  if (zygote < 0 || table.parent(zygote) !== selfSlot() || table.pid(zygote) <= 0) return;
  for (const slot of table.usedSlots()) {
    if (slot === zygote || slot === selfSlot() || table.kind(slot) === SlotKind.Keeper) continue;
    if (isSlotAlive(slot)) return;
  }
  native.processSignal(table.pid(zygote), table.startTime(zygote), constants.signals.SIGKILL);
}

/** Has the zygote fork the child of a claimed slot; on return its pid and start time are known. False: cannot be forked. */
export function fork(slot: number, preparation: FullPreparation, program: Uint8Array): boolean {
  // Another zygote may have other surroundings: it will not fork this one.
  const zygote = zygoteWith(preparation.surroundings);
  writePayload(slot, zygote === 0 ? preparation : { ...preparation, surroundings: undefined }, program);
  table.setForZygote(slot, zygote);
  if (!awaitZygote()) return false;
  native.requestFork(slot, zygoteBell());
  while (table.pid(slot) === 0) {
    const waited = native.futexWait(table.fieldOffset(slot, 'pid'), 0, LIVENESS_INTERVAL);
    if (waited === 'timed-out' && zygoteIsDead() && !awaitZygote()) return false;
  }
  if (table.pid(slot) > 0) return true;
  if (table.error(slot) !== ESTALE) throw forkFailed(`fork: ${getSystemErrorMessage(table.error(slot))}`);
  reclaim(slot);
  forgetZygote(zygote);
  return fork(slot, preparation, program);
}

/** Starts a new zygote if the last one is dead, so that its children are watched again. */
export function reviveZygote(): void {
  if (!zygoteIsDead()) return;
  const slot = header.load('zygote') - 1;
  if (slot >= 0 && hasFailed(slot)) forget(slot);
  startZygote();
}

export function zygoteIsDead(): boolean {
  const current = header.load('zygote');
  if (current === 0 || isSlotAlive(current - 1)) return false;
  header.compareExchange('zygote', current, 0);
  return true;
}

/** As far as its reaper has told: costs nothing, but misses a zygote that was started by a process that is dead. */
export function zygoteHasEnded(): boolean {
  const current = header.load('zygote');
  return current !== 0 && table.state(current - 1) === SlotState.Ended;
}

function forkFailed(what: string): MultiprocessError {
  return new MultiprocessError('ERR_MP_START_FAILED', `cannot start a process: ${what}`);
}

/** Waits until the zygote serves. False: it found that it cannot be forked. Throws when a preload failed. */
function awaitZygote(): boolean {
  for (;;) {
    if (!startZygote()) return false;
    const slot = header.load('zygote') - 1;
    if (slot < 0) continue;
    const state = table.state(slot);
    if (state === SlotState.Running) {
      killed = 0;
      return true;
    }
    if (state === SlotState.Ended) {
      const verdict = failureOf(slot);
      if (verdict !== undefined) return verdict;
      continue;
    }
    // Most likely a function is sent next.
    if (warmingUp?.next().done === false) continue;
    warmingUp = undefined;
    native.futexWait(table.fieldOffset(slot, 'state'), state, LIVENESS_INTERVAL);
  }
}

/** It is a child of this process, whose end nobody has noted yet. */
function isToBeReaped(slot: number): boolean {
  const parent = table.parent(slot);
  return table.state(slot) === SlotState.Bootstrapping && parent !== NO_SLOT && table.pid(parent) === process.pid;
}

/** It ended before it could serve. */
function hasFailed(slot: number): boolean {
  return table.state(slot) === SlotState.Ended && table.error(slot) !== 0;
}

/** What became of a zygote that has ended: false when it cannot be forked, undefined when another one may be tried. */
function failureOf(slot: number): false | undefined {
  if (!hasFailed(slot)) return undefined;
  if (table.error(slot) !== GAVE_UP) {
    const status = table.exitStatus(slot);
    forget(slot);
    if (status < 0 && ++killed < MOST_KILLED) return undefined;
    throw forkFailed(`the template process ended with exit code ${status} before it could fork`);
  }
  const failure = v8.deserialize(takeBytes(slot)) as ZygoteFailure;
  forget(slot);
  if (failure.kind === 'unsafe') return refuse(failure.reason);
  throw new MultiprocessError(
    'ERR_MP_PRELOAD',
    `cannot preload '${failure.module}' (setForkserverPreload): see the cause; pass { onError: 'warn' } to go on without it`,
    { cause: tryLoadsErrorSync(failure.error)?.value ?? new Error(failure.text) },
  );
}

function launch(slot: number): void {
  const preparation = { ...describePreparation(), name: 'zygote' };
  const { surroundings } = preparation;
  writePayload(slot, preparation, v8.serialize({ ...preload, parts: partsToRehearse() }));
  table.setError(slot, NOT_READY);
  rememberZygote(slot, surroundings);
  const entry = fileURLToPath(entryUrl('zygote'));
  const options = [...ZYGOTE_FLAGS, ...inheritableExecArgv()];
  launchNode(slot, options, entry, withShim(withHooks(surroundings.env)), surroundings.cwd);
}

/** First of all options: it has to see what the program's own `--import` modules do. The zygote drops it again. */
function withHooks(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, NODE_OPTIONS: `--import=${entryUrl('hooks').href} ${env.NODE_OPTIONS ?? ''}` };
}

/** The shim brings V8's platform threads back in children; it takes itself out of the environment at once. */
function withShim(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const shim = shimPath();
  return shim ? { ...env, LD_PRELOAD: env.LD_PRELOAD ? `${shim}:${env.LD_PRELOAD}` : shim } : env;
}

function forget(slot: number): void {
  if (header.compareExchange('zygote', slot + 1, 0) === slot + 1) table.releaseSlot(slot);
}

function refuse(reason: string): false {
  header.store('forkVerdict', ForkVerdict.Unsafe);
  announceFallback(reason);
  return false;
}

/** As 'EAGAIN (resource temporarily unavailable)'. */
function getSystemErrorMessage(errno: number): string {
  const [name, text] = util.getSystemErrorMap().get(-errno) ?? [`errno ${errno}`, ''];
  return `${name} (${text})`;
}
