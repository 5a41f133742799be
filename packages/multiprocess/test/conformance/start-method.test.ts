/** CPython: _test_multiprocessing.py, TestStartMethod. */
import assert from 'node:assert/strict';
import { getAllStartMethods, getContext, setForkserverPreload } from 'multiprocess';
import { run } from '../process/support/program.ts';
import { codeOf, conforms, conformsOnce } from './support.ts';

conforms('TestStartMethod', 'test_context', ({ method, mp }) => {
  assert.equal(mp.getStartMethod(), method);
  assert.equal(mp.getContext(method), mp);
  for (const other of [method, 'spawn', undefined] as const) {
    assert.equal(
      codeOf(() => mp.setStartMethod(other!)),
      'ERR_MP_INVALID_ARG',
    );
  }
});

conforms('TestStartMethod', 'test_spawn_dont_set_context', async ({ method }) => {
  const { stdout } = await run('../../conformance/fixtures/context-leaves-default.ts', { method });
  assert.equal(stdout, 'undefined\n');
});

conformsOnce('TestStartMethod', 'test_context_check_module_types', () => {
  assert.throws(() => getContext('forkserver').setForkserverPreload([1, 2, 3] as never), {
    code: 'ERR_MP_INVALID_ARG',
    message: /module_names must be a list of strings/,
  });
  setForkserverPreload([]);
});

conforms('TestStartMethod', 'test_set_get', async ({ method }) => {
  const { stdout } = await run('../../conformance/fixtures/set-start-method.ts', { method });
  assert.equal(
    stdout,
    `undefined\n${method} ERR_MP_INVALID_ARG\nchild: ${method}\ngrandchild: ${method}\nforkserver\n`,
  );
});

conformsOnce('TestStartMethod', 'test_get_all_start_methods', () => {
  assert.deepEqual(getAllStartMethods(), ['forkserver', 'spawn']);
});

conformsOnce('TestStartMethod', 'test_preload_resources', async () => {
  const { stdout, stderr } = await run('../../conformance/fixtures/preload-resources.ts');
  assert.deepEqual([stdout, stderr], ['depth 1,depth 0 0\n', '']);
});

conforms('TestStartMethod', 'test_nested_startmethod', async ({ mp }) => {
  const queue = new mp.Queue<number>();
  const put = async (n: number) => {
    queue.putSync(n);
    if (n === 1) return;
    const nested = new mp.Process({ target: put, args: [n - 1] });
    nested.start();
    await nested.join();
  };
  const child = new mp.Process({ target: put, args: [2] });
  child.start();
  await child.join();
  assert.deepEqual([queue.getSync(), queue.getSync(), queue.isEmpty()], [2, 1, true]);
});
