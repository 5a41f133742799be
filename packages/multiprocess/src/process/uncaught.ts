/** How a child ends badly, and what it says then. */
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { LIBRARY } from '../location.ts';
import { self } from './identity.ts';

/** Exit code of a child whose `run()` can never settle: Node's own for an unsettled top-level await. */
const UNSETTLED = 13;

let unsettled = false;
let idle = false;

/** `run()` has begun; the returned function says that it has settled. */
export function beginRun(): () => void {
  unsettled = true;
  idle = false;
  return () => {
    unsettled = false;
  };
}

/**
 * An error that nobody catches is printed as `Process NAME:` and its stack, and ends the process with code 1. A `run()`
 * that is still pending when the event loop is empty is reported, too. In the zygote: on behalf of all its children.
 */
export function watchForEnd(emitter: NodeJS.EventEmitter = process): void {
  emitter.on('uncaughtExceptionMonitor', (error: unknown) => {
    if (process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()) return;
    printUncaught(error);
    process.exit(1);
  });
  emitter.on('beforeExit', () => {
    idle = true;
  });
  emitter.on('exit', () => {
    if (!unsettled || !idle || process.exitCode !== undefined) return;
    say(`Process ${self().name}: run() is still pending, and nothing is left that could settle it\n`);
    process.exitCode = UNSETTLED;
  });
}

export function printUncaught(error: unknown, title = `Process ${self().name}:`): void {
  say(`${title}\n${withoutOwnFrames(inspect(error))}\n`);
}

/** Leaves the user's own lines: how the library came to call them is of no use to anybody. */
function withoutOwnFrames(text: string): string {
  // With source maps, lines of dist/ are shown as lines of src/.
  const folders = [LIBRARY, new URL('../src/', LIBRARY)];
  const own = folders.flatMap((folder) => [folder.href, fileURLToPath(folder)]);
  const kept: string[] = [];
  for (const line of text.split('\n')) {
    const isOwn = /^\s+at /.test(line) && own.some((place) => line.includes(place));
    if (!isOwn) kept.push(line);
    else if (line.endsWith(' {')) kept.push(`${kept.pop() ?? ''} {`); // the error's own properties follow
  }
  return kept.join('\n');
}

/** Straight to the descriptor: the process is about to leave. */
function say(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // stderr is closed or broken: nobody can be told
  }
}
