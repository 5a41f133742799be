/** Processes as pools need them. */
import { selfSlot, table } from '../memory/index.ts';
import { leaveBytes, takeBytes } from './preparation.ts';
import type { Process } from './process.ts';
import { stateOf } from './state.ts';

/**
 * Makes a process that has not been started a pool worker: it ends with its parent, but may have children, and is deaf
 * to Ctrl-C. `onEnd` runs once it has ended, while its cells can still be read.
 */
export function makeWorker(process: Process<any>, onEnd: () => void): void {
  const state = stateOf(process as Process)!;
  state.worker = true;
  state.daemon = true;
  state.onEnd.add(onEnd);
}

/** `SLOT.error` of a worker that has left a failure: ECANCELED. */
const FAILED = 125;

/** In a worker that is about to end: leaves why, for {@link takeFailure} in its parent. */
export function leaveFailure(failure: Uint8Array): void {
  leaveBytes(selfSlot(), selfSlot(), [failure]);
  table.setError(selfSlot(), FAILED);
}

/** What a worker that has ended has left; to be called by its `onEnd`. */
export function takeFailure(process: Process<any>): Uint8Array | undefined {
  const { slot } = stateOf(process as Process)!;
  return table.error(slot) === FAILED ? takeBytes(slot) : undefined;
}
