import { parse } from './analyze/parse.ts';
import { dumps, dumpsError } from './dumps.ts';
import { hasSession, resetSession, withDebugger } from './inspect/session.ts';
import { loads, tryLoadsSync } from './loads.ts';
import { loadsError } from './loadsError.ts';
import { decodeFrom, encodeInto, scratch } from './messages.ts';
import { loadLexer } from './modules/esm.ts';
import { resetOrigins } from './origins.ts';
import { sample, shared } from './samples.ts';

/**
 * Sends itself a bit of everything, so that a process that will be forked has the parser, the lexer and the inspector
 * loaded and the code of both directions compiled.
 */
export async function warmUp(): Promise<void> {
  loadLexer();
  const bytes = dumps(sample());
  resetOrigins(); // or the very functions that were sent would come back, and nothing would be compiled
  tryLoadsSync(bytes);
  await loads(bytes);
  decodeFrom(scratch.bytes, 0, encodeInto([shared, { name: 'warm', half: 0.5 }, new Map([[1, 'up']])]));
  await loadsError(dumpsError(new RangeError('warm', { cause: shared })));
}

/** Has V8 look at all scripts that there are, which takes it tens of milliseconds when the debugger is first turned on. */
export function warmUpDebugger(): void {
  withDebugger(() => {});
}

/** Captures a function, so that the next one takes a tenth of what the first one does; in steps. Nothing when there was one. */
export function* stepsToCapture(): Generator<void> {
  if (hasSession()) return;
  try {
    parse('');
    yield;
    for (const part of [Math.abs, ...sample()]) {
      dumps(part);
      yield;
    }
  } catch {
    // Whoever sends a function will be told why that is not possible here.
  }
}

/** Drops the inspector session and the ids that were given: a process that is forked must not leave its own to its children. */
export function resetBeforeFork(): void {
  resetSession();
  resetOrigins();
}
