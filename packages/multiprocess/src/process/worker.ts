/** Processes as pools need them. */
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
