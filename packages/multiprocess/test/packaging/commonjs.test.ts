import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runNode } from './program.ts';

test('require() gives the named exports, the same ones as import', async () => {
  const { stdout, stderr } = await runNode(['exports.cjs']);
  const { required, imported, same } = JSON.parse(stdout);
  assert.ok(required.includes('Process') && required.includes('getContext'));
  assert.deepEqual(required, imported);
  assert.equal(same, true);
  assert.equal(stderr, '');
});

test('functions and classes of a CommonJS program run in children', async () => {
  const { stdout, stderr } = await runNode(['commonjs.cjs']);
  assert.deepEqual(stdout.trim().split('\n'), [
    'hello 1 from commonjs.cjs',
    'hello Ada from greeter',
    'exit codes 0 and 0',
  ]);
  assert.equal(stderr, '');
});
