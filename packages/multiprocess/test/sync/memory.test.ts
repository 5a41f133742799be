/** What synchronisation objects cost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../process/support/program.ts';

test('100,000 locks or semaphores take at most 64 bytes each and no file, and are given back', async () => {
  const { stdout, stderr, code } = await run('../../sync/fixtures/many-locks.ts', { execArgv: ['--expose-gc'] });
  assert.deepEqual([stderr, code], ['', 0]);
  for (const kind of ['Lock', 'Semaphore']) {
    const [, bytes] = stdout.match(
      new RegExp(`${kind}: 100000 cells, 0 files\nbytes each: (\\d+)\ngiven back: true\n`),
    ) ?? [undefined, 'no match'];
    assert.ok(Number(bytes) <= 64, `${bytes} bytes:\n${stdout}`);
  }
});
