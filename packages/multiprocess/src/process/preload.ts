/** What the zygote loads once so that children need not. */
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { setPreload } from './forkserver.ts';

/**
 * Names modules that the zygote imports before it forks: children find them loaded, and share their data copy-on-write.
 *
 * A module is named as in an `import` of the program's entry module, or by a `file:` URL. Call it before the first
 * `start()`; a zygote that runs already is not changed.
 *
 * `onError`: what to do when a module cannot be loaded. 'ignore' (default) and 'warn' go on without it; with 'fail',
 * `start()` throws `ERR_MP_PRELOAD` with the error as its cause. Throws `ERR_MP_INVALID_ARG`.
 *
 * @example
 * setForkserverPreload([new URL('./big-table.js', import.meta.url), 'typescript'], { onError: 'fail' });
 */
export function setForkserverPreload(
  modules: readonly (string | URL)[],
  { onError = 'ignore' }: { onError?: 'ignore' | 'warn' | 'fail' } = {},
): void {
  if (!Array.isArray(modules) || !modules.every((name) => typeof name === 'string' || name instanceof URL)) {
    throw invalidArgument(
      'modules',
      'a list of strings or file URLs (module_names must be a list of strings)',
      modules,
    );
  }
  if (!['ignore', 'warn', 'fail'].includes(onError)) {
    throw new MultiprocessError(
      'ERR_MP_INVALID_ARG',
      `on_error must be 'ignore', 'warn', or 'fail', not ${String(onError)}`,
    );
  }
  setPreload(modules.map(String), onError);
}
