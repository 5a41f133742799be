/** CPython: test_multiprocessing_forkserver/test_preload.py. */
import assert from 'node:assert/strict';
import { setForkserverPreload } from 'multiprocess';
import { run } from '../process/support/program.ts';
import { conformsOnce } from './support.ts';

const MISSING = 'not-a-module-at-all';
const THROWS = '../../process/fixtures/throws-while-loading.mjs';
const GOOD = '../../process/fixtures/preloaded/marks.mjs';

async function preload(modules: string[], onError?: string): Promise<{ stdout: string; warnings: string[] }> {
  const args = [JSON.stringify(modules), ...(onError ? [onError] : [])];
  const { stdout, stderr } = await run('../../conformance/fixtures/preload-and-start.ts', { args });
  return { stdout, warnings: stderr.split('\n').filter((line) => line.includes('MP_PRELOAD')) };
}

async function goesOn(modules: string[], onError?: string, warning?: RegExp): Promise<void> {
  const { stdout, warnings } = await preload(modules, onError);
  assert.equal(stdout, `child: ${modules.includes(GOOD) ? 'zygote' : 'undefined'}\nexit code 0\n`);
  if (warning) assert.match(warnings.join('\n'), warning);
  else assert.deepEqual(warnings, []);
}

async function fails(modules: string[], named: string, cause: RegExp): Promise<void> {
  const { stdout } = await preload(modules, 'fail');
  const [first, second] = stdout.split('\n');
  assert.ok(
    first!.startsWith(`ERR_MP_PRELOAD cannot preload '${named}' (setForkserverPreload): see the cause`),
    stdout,
  );
  assert.match(second!, cause);
}

conformsOnce('TestForkserverPreload', 'test_preload_on_error_ignore_default', () => goesOn([MISSING]));

conformsOnce('TestForkserverPreload', 'test_preload_on_error_ignore_explicit', () => goesOn([MISSING], 'ignore'));

conformsOnce('TestForkserverPreload', 'test_preload_on_error_warn', () =>
  goesOn([MISSING], 'warn', /\[MP_PRELOAD\] Warning: cannot preload 'not-a-module-at-all': /),
);

conformsOnce('TestForkserverPreload', 'test_preload_on_error_fail_breaks_context', () =>
  fails([MISSING], MISSING, /^cause: ERR_MODULE_NOT_FOUND/),
);

conformsOnce('TestForkserverPreload', 'test_preload_valid_modules_with_on_error_fail', () =>
  goesOn([GOOD, 'node:zlib'], 'fail'),
);

conformsOnce('TestForkserverPreload', 'test_preload_invalid_on_error_value', () => {
  assert.throws(() => setForkserverPreload(['node:zlib'], { onError: 'invalid' as never }), {
    code: 'ERR_MP_INVALID_ARG',
    message: /^on_error must be 'ignore', 'warn', or 'fail'/,
  });
});

conformsOnce('TestHandlePreload', 'test_handle_preload_module_on_error_fail', () =>
  fails([THROWS], THROWS, /thrown while loading/),
);

conformsOnce('TestHandlePreload', 'test_handle_preload_module_on_error_warn', () =>
  goesOn([THROWS], 'warn', /cannot preload '.*throws-while-loading\.mjs': thrown while loading/),
);

conformsOnce('TestHandlePreload', 'test_handle_preload_module_on_error_ignore', () => goesOn([THROWS], 'ignore'));

conformsOnce('TestHandlePreload', 'test_handle_preload_combined', async () => {
  await goesOn([THROWS, MISSING, GOOD], 'ignore');
  await goesOn([THROWS, GOOD, MISSING], 'warn', /throws-while-loading[\s\S]*not-a-module-at-all/);
});
