/** How a child ends badly, and what it says then. */
import { writeSync } from 'node:fs';
import { inspect } from 'node:util';

/** Exit code of a child whose `run()` can never settle: Node's own for an unsettled top-level await. */
const UNSETTLED = 13;

/** An error that nobody catches is printed as `Process NAME:` and its stack, and ends the process with code 1. */
export function watchForUncaught(name: string): void {
  process.on('uncaughtExceptionMonitor', (error: unknown) => {
    if (process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()) return;
    say(`Process ${name}:\n${inspect(error)}\n`);
    process.exit(1);
  });
}

/** Reports a `run()` that is still pending when the event loop is empty; the returned function says that it has settled. */
export function endUnsettled(name: string): () => void {
  let settled = false;
  let idle = false;
  process.on('beforeExit', () => {
    idle = true;
  });
  process.on('exit', () => {
    if (settled || !idle || process.exitCode !== undefined) return;
    say(`Process ${name}: run() is still pending, and nothing is left that could settle it\n`);
    process.exitCode = UNSETTLED;
  });
  return () => {
    settled = true;
  };
}

/** Straight to the descriptor: the process is about to leave. */
function say(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // stderr is closed or broken: nobody can be told
  }
}
