/** Two hundred children with mixed heavy work: none is lost, none is stuck. `npm run mixed -- 2000` for more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './support/program.ts';

test('200 children with mixed work', async () => {
  const { stdout, stderr, code } = await run('mixed.ts', { args: ['200'] });
  assert.match(stdout, /: 200 children in .* s, 0 lost, 0 stuck\n$/, stderr);
  assert.equal(code, 0);
});
