/**
 * The children of this process: how their ends are noticed, and what becomes of them when this process ends.
 *
 * Whoever reaps a child (the zygote, or the reaper thread) writes its end into its slot and rings our doorbell; here slots
 * are looked at when it rings, or when somebody asks.
 */
import { constants } from 'node:os';
import { doorbell, SlotFlag, SlotState, table } from '../memory/index.ts';
import { native } from '../native.ts';
import { cancelled, limited, type WaitOptions } from '../timeout.ts';
import { retireZygote, reviveZygote, zygoteHasEnded } from './forkserver.ts';
import type { Process } from './process.ts';
import type { ProcessState } from './state.ts';

/** How often a blocked wait looks whether the zygote, which publishes ends, still lives; in ms. */
const LIVENESS_INTERVAL = 200;
/** A daemon that ignores SIGTERM gets SIGKILL after this long, in ms. */
const DAEMON_GRACE = 1000;

const running = new Map<ProcessState, Process>();
let exitHooksInstalled = false;

/** Takes a freshly started child into the family. */
export function adopt(state: ProcessState, process: Process): void {
  running.set(state, process);
  installExitHooks();
  hearEnds();
}

/** The children of this process that run. Notices those that have ended. */
export function activeChildren(): Process[] {
  pollChildren();
  return [...running.values()];
}

function runningStates(): ProcessState[] {
  pollChildren();
  return [...running.keys()];
}

/** Notices ends: settles whoever waits for them and gives the slots back. */
export function pollChildren(): void {
  for (const state of running.keys()) {
    if (table.state(state.slot) === SlotState.Ended) finish(state);
  }
  lookAfterZygote();
}

let lastLook = 0;

/**
 * The zygote publishes the ends of forked children, and ends them when we die: while there are any, one has to live.
 * Looks at most once per interval.
 */
function lookAfterZygote(): void {
  const now = performance.now();
  if (now - lastLook < LIVENESS_INTERVAL || running.size === 0) return;
  lastLook = now;
  if (running.keys().some(({ slot }) => !(table.flags(slot) & SlotFlag.Spawned))) reviveZygote();
}

/** Resolves true at the end of the child, false when the timeout passed first. */
export async function awaitEnd(state: ProcessState, options: WaitOptions): Promise<boolean> {
  const { timeout = Infinity, signal } = options;
  if (signal?.aborted) throw cancelled(signal);
  pollChildren();
  if (state.status === 'ended') return true;
  if (timeout <= 0) return false;
  return limited(
    options,
    () => false,
    ({ resolve, ends }) => {
      const onEnd = () => resolve(true);
      state.onEnd.add(onEnd);
      ends.push(listen(), () => state.onEnd.delete(onEnd));
      // An end between the look above and the subscription has rung for nobody.
      pollChildren();
    },
  );
}

/** Blocks until the child has ended: true; false when the timeout (ms) passed first. */
export function awaitEndSync(state: ProcessState, timeout = Infinity): boolean {
  const deadline = performance.now() + timeout;
  const word = table.fieldOffset(state.slot, 'state');
  for (;;) {
    const seen = table.state(state.slot); // before the look: an end that comes after it is not slept through
    pollChildren();
    if (state.status === 'ended') return true;
    const left = deadline - performance.now();
    if (left <= 0) return false;
    if (native.futexWait(word, seen, Math.min(left, LIVENESS_INTERVAL)) === 'timed-out') reviveZygote();
  }
}

/** Sends a signal to a child that runs. */
export function signalChild(state: ProcessState, signal: number): void {
  table.setSentSignal(state.slot, signal);
  native.processSignal(state.pid!, state.startTime, signal);
}

let listeners = 0;
let subscribed = false;
let liveness: NodeJS.Timeout | undefined;

/** The reaper of a zygote that we started rings, too, when that dies. */
function hearEnds(): void {
  if (subscribed) return;
  subscribed = true;
  doorbell.subscribe(() => {
    pollChildren();
    if (zygoteHasEnded()) setTimeout(pollChildren, LIVENESS_INTERVAL).unref();
  });
}

/** Keeps the event loop alive, and has it look at the children whenever the doorbell rings. */
function listen(): () => void {
  const release = doorbell.keepAlive();
  const stop = watchChildren();
  return () => {
    release();
    stop();
  };
}

/** Notices ends without keeping the event loop alive, until the returned function is called. */
export function watchChildren(): () => void {
  hearEnds();
  if (listeners++ === 0) liveness = setInterval(reviveZygote, LIVENESS_INTERVAL).unref();
  return () => {
    if (--listeners === 0) clearInterval(liveness);
  };
}

function finish(state: ProcessState): void {
  running.delete(state);
  state.exitCode = table.exitStatus(state.slot);
  state.status = 'ended';
  try {
    // What the child has left in its cells can be read until its slot is released.
    for (const notify of [...state.onEnd]) notify();
  } finally {
    table.releaseSlot(state.slot);
  }
}

/**
 * When this process's own work is done, its daemons are terminated and the others joined, as CPython does. 'beforeExit'
 * leaves time to the event loop while they run; 'exit' (after `process.exit()` or an uncaught error) has to block.
 */
export function installExitHooks(): void {
  if (exitHooksInstalled) return;
  exitHooksInstalled = true;
  process.on('beforeExit', () => {
    terminateDaemons();
    for (const state of running.keys()) void outlive(state);
  });
  process.on('exit', () => {
    terminateDaemons();
    for (const state of runningStates()) {
      if (!state.daemon) awaitEndSync(state);
      else if (!awaitEndSync(state, DAEMON_GRACE)) signalChild(state, constants.signals.SIGKILL);
    }
    retireZygote();
  });
}

async function outlive(state: ProcessState): Promise<void> {
  const ended = await awaitEnd(state, state.daemon ? { timeout: DAEMON_GRACE } : {});
  if (!ended) signalChild(state, constants.signals.SIGKILL);
}

function terminateDaemons(): void {
  for (const state of runningStates()) {
    if (state.daemon) signalChild(state, constants.signals.SIGTERM);
  }
}
