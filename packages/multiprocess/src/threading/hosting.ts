/** Threads as pools and the thread context need them. */
import { stateOf } from './state.ts';
import { hasEnded, type Thread } from './thread.ts';

/** Calls `onEnd` with the exit code once a thread that was started here has ended. */
export function onThreadEnd(thread: Thread<any>, onEnd: (code: number) => void): void {
  stateOf(thread as Thread)!.onEnd.add(onEnd);
}

/** Ends a thread that was started here, whatever it is doing. False: it has ended. */
export function endThread(thread: Thread<any>): boolean {
  const state = stateOf(thread as Thread)!;
  if (!state.host || hasEnded(state)) return false; // its worker is another one's by now
  void state.host.worker.terminate();
  return true;
}

/** The exit code of a thread that was started here and has ended. */
export function exitCodeOf(thread: Thread<any>): number {
  const { exitCode, host } = stateOf(thread as Thread)!;
  return exitCode ?? host!.exitCode;
}
