/** What a task can ask for while it runs in a worker: to be told that it is cancelled, and to say how far it is. */
import { MultiprocessError } from '../errors.ts';
import { doorbell } from '../memory/index.ts';
import { registerKnown } from '../transport/index.ts';

/** The task that a worker runs just now. */
export interface RunningTask {
  isCancelled(): boolean;
  report(fraction: number, detail: unknown): void;
}

let running: RunningTask | undefined;
let controller: AbortController | undefined;
let stopListening: (() => void) | undefined;

/** @internal Called by workers, before and after each task. */
export function setRunningTask(task: RunningTask | undefined): void {
  running = task;
  controller = undefined;
  stopListening?.();
  stopListening = undefined;
}

/**
 * The signal that tells the running task to end: its timeout has passed, or its pool or caller has cancelled it. A task that
 * does not end within half a second of it costs its worker the life. Ask for it anew to look at it in a loop that does not wait:
 * `while (!taskSignal().aborted)`. Who listens to it at once hears of it, even when the task was cancelled before it asked. Outside of
 * tasks, a signal that is never aborted.
 *
 * @example
 * const load = async (url: string) => (await fetch(url, { signal: taskSignal() })).text();
 * await pool.map(load, urls, { timeout: 5000 });
 */
export function taskSignal(): AbortSignal {
  if (!running) return new AbortController().signal;
  if (controller) look();
  else {
    controller = new AbortController();
    stopListening = listen();
    queueMicrotask(look); // not now: nobody would hear of it
  }
  return controller.signal;
}

/** A task may have nothing else to wait for than the signal. */
function listen(): () => void {
  const stops = [doorbell.subscribe(look), doorbell.keepAlive()];
  return () => {
    for (const stop of stops) stop();
  };
}

function look(): void {
  if (!running?.isCancelled() || !controller || controller.signal.aborted) return;
  controller.abort(new MultiprocessError('ERR_MP_CANCELLED', 'the task was cancelled, or its time is up'));
}

/**
 * Says how far the running task is: `fraction` from 0 to 1, and any `detail` that can be sent. It comes to `onProgress` of the
 * call. A report for which there is no room just now is dropped. Does nothing outside of tasks.
 *
 * @example
 * for (const [i, file] of files.entries()) {
 *   reportProgress(i / files.length, file);
 *   …
 * }
 */
export function reportProgress(fraction: number, detail?: unknown): void {
  running?.report(fraction, detail);
}

registerKnown('taskSignal', taskSignal);
registerKnown('reportProgress', reportProgress);
