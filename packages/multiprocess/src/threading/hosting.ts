/** Threads as pools need them. */
import { stateOf } from './state.ts';
import { hasEnded, type Thread } from './thread.ts';

/** Calls `onEnd` with the exit code once a thread that was started here has ended. */
export function onThreadEnd(thread: Thread<any>, onEnd: (code: number) => void): void {
  stateOf(thread as Thread)!.onEnd.add(onEnd);
}

/** Ends a thread that was started here, whatever it is doing. */
export function endThread(thread: Thread<any>): void {
  const state = stateOf(thread as Thread)!;
  if (!hasEnded(state)) void state.host!.worker.terminate(); // else its worker is another one's by now
}
