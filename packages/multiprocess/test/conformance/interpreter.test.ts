/** CPython: TestNoForkBomb, TestCloseFds, TestFlags, TestStdinBadfiledescriptor, _TestAtExit, _TestSpawnedSysPath. */
import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { inChild, scratch, scratchFile } from '../process/support/answer.ts';
import { run } from '../process/support/program.ts';
import { conforms, conformsOnce } from './support.ts';

conforms('TestNoForkBomb', 'test_noforkbomb', async ({ method }) => {
  // An entry file needs no main guard here: its functions travel without it.
  const { stdout, code } = await run('../../conformance/fixtures/no-guard.ts', { method });
  assert.equal(stdout, '123\n');
  assert.equal(code, 0);
  // A module that starts processes when it is imported does: the child refuses, and there is no bomb.
  const bomb = await run('bootstrap-bomb.ts', { method });
  assert.equal(bomb.stdout, 'exit code 1\n');
  assert.match(bomb.stderr, /ERR_MP_BOOTSTRAPPING/);
});

conforms('TestCloseFds', 'test_closefd', async ({ method }) => {
  const file = scratchFile('held');
  const fd = openSync(file, 'w');
  const found = await inChild(
    method,
    (fd: number) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
    },
    [fd],
  );
  closeSync(fd);
  assert.notEqual(found, file);
});

conforms('TestFlags', 'test_flags', async ({ method }) => {
  const options = { method, execArgv: ['--stack-trace-limit=17', '--no-deprecation'] };
  const { stdout } = await run('../../conformance/fixtures/show-flags.ts', options);
  assert.equal(stdout, '17 true\n17 true\n');
});

conforms('TestStdinBadfiledescriptor', 'test_queue_in_process', async ({ method }) => {
  const { stdout, code } = await run('../../conformance/fixtures/queue-without-stdin.ts', { method });
  assert.deepEqual([stdout, code], ['123\n', 0]);
});

conforms('TestStdinBadfiledescriptor', 'test_flushing', async ({ method }) => {
  const { stdout } = await run('speak.ts', { method });
  assert.equal(stdout, 'child out\nmain out\n');
});

conforms('_TestAtExit', 'test_atexit', async ({ method }) => {
  const { stdout } = await run('one-exit.ts', { method, args: ['hasHandlersAndExits'] });
  assert.match(stdout, /^run\nexit 3\n/);
});

conformsOnce('_TestSpawnedSysPath', 'test_forkserver_preload_imports_sys_path', async () => {
  const { stdout } = await run('../../conformance/fixtures/preload-by-name.ts');
  assert.equal(stdout, 'preloaded: true\n');
});

conforms('_TestSpawnedSysPath', 'test_child_sys_path', async ({ method }) => {
  const folder = path.join(scratch(), 'modules');
  const { stdout } = await run('../../conformance/fixtures/node-path.ts', {
    method,
    env: { NODE_PATH: folder },
    args: [folder],
  });
  assert.equal(stdout, 'found\nfound\n');
  assert.ok(existsSync(folder));
});

conformsOnce('_TestSpawnedSysPath', 'test_std_streams_flushed_after_preload', async () => {
  const { stdout } = await run('preload-prints.ts');
  assert.equal(stdout, 'printed by the preload\nchild\nchild\n');
});

conforms('TestStdinBadfiledescriptor', 'test_pool_in_process', async ({ method }) => {
  const { stdout } = await run('../../conformance/fixtures/pool-without-stdin.ts', { method });
  assert.equal(stdout, '[2,4,6] 0\n');
});
