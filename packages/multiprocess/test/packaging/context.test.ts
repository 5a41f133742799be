import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { FIXTURES, runNode } from './program.ts';

test('in a vm context, as in Jest, values are made of the builtins of that context', async () => {
  const { stdout } = await runNode(['--experimental-vm-modules', path.join(FIXTURES, 'in-context.mjs')]);
  assert.equal(stdout, 'true true true\ntrue\n[ 4, 5, 6 ]\n');
});
