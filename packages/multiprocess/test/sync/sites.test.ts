/** Where the locks of a deadlock were acquired, if the environment asks for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DeadlockLink } from 'multiprocess';
import { METHODS } from '../process/support/matrix.ts';
import { run } from '../process/support/program.ts';

const fixture = fileURLToPath(new URL('./fixtures/crossed-locks.ts', import.meta.url));

for (const method of METHODS) {
  test(`${method}: a deadlock report names the lines that acquired the locks`, async () => {
    const { stdout } = await run(fixture, { method, env: { MP_TRACE_LOCKS: '1' } });
    const reports = JSON.parse(stdout) as DeadlockLink[][];
    assert.equal(reports.length, 1, 'one of the two is told');
    for (const { acquiredAt } of reports[0]!) assert.match(acquiredAt!, /crossed-locks\.ts:9:\d+$/);
  });

  test(`${method}: without being asked, it does not`, async () => {
    const { stdout } = await run(fixture, { method });
    const [report] = JSON.parse(stdout) as DeadlockLink[][];
    assert.deepEqual(
      report!.map(({ acquiredAt }) => acquiredAt),
      [undefined, undefined],
    );
  });
}
