import { selfSlot } from '../memory/index.ts';
import { installExitHooks } from './family.ts';
import { startZygote } from './forkserver.ts';

/**
 * Starts the template process that children are forked from, unless there is one, and does not wait for it: it takes
 * some hundred ms to get ready.
 *
 * The first `start()` does the same and waits. Call it early, so that the program's own preparations and those of the
 * template overlap; after `setForkserverPreload`. Does nothing where this program cannot be forked. Throws
 * `ERR_MP_START_FAILED`, `ERR_MP_NO_MEMORY`.
 *
 * @example
 * ensureForkserver();
 * const inputs = await readInputs();
 * const pool = new Pool(); // its workers need not wait
 */
export function ensureForkserver(): void {
  selfSlot(); // makes the realm, the first time
  if (startZygote()) installExitHooks();
}
