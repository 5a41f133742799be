/** CPython: _test_multiprocessing.py, MiscTestCase. */
import assert from 'node:assert/strict';
import * as mp from 'multiprocess';
import { run } from '../process/support/program.ts';
import { conforms, conformsOnce } from './support.ts';

conformsOnce('MiscTestCase', 'test__all__', () => {
  for (const name of ['Process', 'currentProcess', 'parentProcess', 'activeChildren', 'cpuCount', 'getContext']) {
    assert.ok(name in mp, name);
  }
});

conformsOnce('MiscTestCase', 'test_preload_main', async () => {
  // The entry module is not loaded in the zygote or in a child: what its functions need travels with them.
  const { stdout } = await run('../../conformance/fixtures/main-runs-once.ts');
  assert.equal(stdout, 'main runs\nchild 1\nchild 2\n');
});

conformsOnce('MiscTestCase', 'test_preload_main_sys_argv', async () => {
  const { stdout } = await run('../../conformance/fixtures/preload-sees-argv.ts', { args: ['a', 'b c'] });
  assert.equal(stdout, 'preload: ["a","b c"]\nchild: ["a","b c"]\n');
});

conforms('MiscTestCase', 'test_preload_main_large_sys_argv', async ({ method }) => {
  const args = Array.from({ length: 100 }, () => 'x'.repeat(5000));
  const { stdout } = await run('../../conformance/fixtures/count-argv.ts', { method, args });
  assert.equal(stdout, '500000 500000\n');
});

conformsOnce('MiscTestCase', 'test_large_pool', async () => {
  const { stdout } = await run('../../conformance/fixtures/large-pool.ts');
  assert.equal(stdout, '1000 499500\n');
});
