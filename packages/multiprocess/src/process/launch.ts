/** `Process.start()` after its checks: capture what is sent, claim a slot, have the child made. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { MultiprocessError } from '../errors.ts';
import { SlotFlag, SlotKind, selfSlot, sendingTo, table } from '../memory/index.ts';
import { delivering, dumps } from '../transport/index.ts';
import { announceFallback } from './fallback.ts';
import { fork, startZygote } from './forkserver.ts';
import { getStartMethod, type StartMethod } from './methods.ts';
import { describePreparation, type FullPreparation, writePayload } from './preparation.ts';
import type { Process } from './process.ts';
import { claimFor } from './slots.ts';
import { spawn } from './spawn.ts';
import type { ProcessState } from './state.ts';

/** Has the first start wait less: what it needs is begun now. */
export function prepareStart(method: StartMethod = getStartMethod()): void {
  selfSlot();
  if (method === 'forkserver') startZygote();
}

/** What of a process object travels; the rest of its state is in the preparation. */
export interface Program {
  /** Absent when it is a plain Process without properties of its own. */
  process?: Process;
  target: ProcessState['target'];
  args: readonly unknown[];
  kwargs: object | undefined;
}

/** On return the child exists, and `state` has its slot, pid and start time. On an error nothing is left behind. */
export function launch(object: Process, state: ProcessState, method: StartMethod = getStartMethod()): void {
  selfSlot(); // makes the realm, the first time
  const forks = method === 'forkserver' && canBeForked(state) && startZygote();
  checkFolder(state);
  const slot = claimFor(SlotKind.Process, state.name);
  try {
    // Sockets among the arguments leave this process once there is a child that they can go to.
    delivering(() => start(object, state, slot, forks));
  } catch (error) {
    table.releaseSlot(slot);
    throw error;
  }
  // What was sent may be large, and is of no more use here.
  Object.assign(state, { target: undefined, args: [], kwargs: undefined });
  Object.assign(state, { slot, pid: table.pid(slot), startTime: table.startTime(slot), status: 'started' });
}

function start(object: Process, state: ProcessState, slot: number, forks: boolean): void {
  const program = sendingTo(slot, () => dumps(programOf(object, state)));
  if (state.daemon || state.worker || state.orphan === 'kill') table.setFlags(slot, SlotFlag.TerminateWithParent);
  const preparation = prepare(state);
  if (forks && fork(slot, preparation, program)) return;
  writePayload(slot, preparation, program);
  const { env, cwd } = preparation.surroundings;
  spawn(slot, state.execArgv ?? [], env, cwd);
}

function programOf(object: Process, { target, args, kwargs }: ProcessState): Program {
  const isPlain = Object.keys(object).length === 0 && Object.hasOwn(object.constructor, 'isLibraryClass');
  return isPlain ? { target, args, kwargs } : { process: object, target, args, kwargs };
}

function prepare(state: ProcessState): FullPreparation {
  const common = describePreparation();
  return {
    ...common,
    name: state.name,
    path: state.path,
    daemon: state.daemon,
    mayHaveChildren: !state.daemon || state.worker,
    ignoreInterrupt: state.worker,
    surroundings: {
      ...common.surroundings,
      authKey: new Uint8Array(state.authKey), // as bytes: a key does not travel otherwise
      execArgv: [...process.execArgv, ...(state.execArgv ?? [])],
      ...(state.cwd !== undefined && { cwd: path.resolve(state.cwd) }),
      ...(state.env && { env: { ...state.env } }),
    },
  };
}

/** A forked child would only find out in its own first lines, where nobody can catch it. */
function checkFolder({ cwd, name }: ProcessState): void {
  if (cwd === undefined || statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new MultiprocessError(
    'ERR_MP_START_FAILED',
    `cannot start Process '${name}': there is no folder '${cwd}' (cwd)`,
  );
}

function canBeForked(state: ProcessState): boolean {
  if (!state.execArgv?.length) return true;
  announceFallback(`Process '${state.name}' has Node.js options of its own (${state.execArgv.join(' ')})`);
  return false;
}
