/** CPython: _test_multiprocessing.py, TestWait, as far as it concerns processes. */
import assert from 'node:assert/strict';
import { wait, waitSync } from 'multiprocess';
import { conforms, stay } from './support.ts';

conforms('TestWait', 'test_wait_integer', async ({ mp }) => {
  const [a, b] = [new mp.Process({ target: stay }), new mp.Process({ target: () => {} })];
  a.start();
  b.start();
  const given = [a.sentinel, a, b.sentinel, b];
  assert.deepEqual(await wait([a.sentinel, a], 20), []);
  await b.join();
  assert.deepEqual(await wait(given, 20), [b.sentinel, b]);
  a.terminate();
  await a.join();
  assert.deepEqual(await wait(given, 20), given);
});

conforms('TestWait', 'test_neg_timeout', async ({ mp }) => {
  const child = new mp.Process({ target: stay });
  child.start();
  assert.deepEqual(await wait([child], -1), []);
  assert.deepEqual(waitSync([child], -1), []);
  child.kill();
  await child.join();
  assert.deepEqual(waitSync([child], -1), [child]);
});
