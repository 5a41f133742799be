/** CPython: _test_multiprocessing.py, _TestSubclassingProcess and TestBaseProcessKwargs. */
import assert from 'node:assert/strict';
import { run } from '../process/support/program.ts';
import { conforms, conformsEverywhere } from './support.ts';

conforms('_TestSubclassingProcess', 'test_subclassing', async ({ method }) => {
  const { stdout } = await run('subclass.ts', { method });
  assert.match(stdout, /^hello world from greeter, 3 times\n/);
});

conforms('_TestSubclassingProcess', 'test_stderr_flush', async ({ method }) => {
  const { stdout, stderr } = await run('one-exit.ts', { method, args: ['throws'] });
  assert.equal(stdout, 'ended 1 null\n');
  assert.match(stderr, /^Process Process-1:\nError: on purpose\n.*one-exit\.ts/m);
});

conforms('_TestSubclassingProcess', 'test_sys_exit', async ({ method }) => {
  const table: [way: string, code: number][] = [
    ['returns', 0],
    ['exitsWith0', 0],
    ['exitsWith7', 7],
    ['setsExitCode', 5],
    ['throwsText', 1],
  ];
  for (const [way, code] of table) {
    const { stdout, stderr } = await run('one-exit.ts', { method, args: [way] });
    assert.equal(stdout, `ended ${code} null\n`, way);
    if (way === 'throwsText') assert.match(stderr, /'only text'/);
  }
});

conformsEverywhere('TestBaseProcessKwargs', 'test_default_kwargs_not_shared_between_instances', ({ mp }) => {
  class Open extends mp.Process {
    given: object = {};
  }
  const [a, b] = [new Open(), new Open()];
  assert.notEqual(a.given, b.given);
  const seen: unknown[] = [];
  for (const child of [1, 2].map(() => new mp.Process({ target: (...given) => void seen.push(given) }))) child.run();
  assert.deepEqual(seen, [[], []]);
});
