/** Many children with mixed heavy work: none is lost, none is stuck. `npm run mixed -- 2000` for more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './support/program.ts';

const COUNT = process.env.MP_TEST === 'full' ? 100 : 20;

test(`${COUNT} children with mixed work`, async () => {
  const { stdout, stderr, code } = await run('mixed.ts', { args: [`${COUNT}`] });
  assert.match(stdout, new RegExp(`: ${COUNT} children in .* s, 0 lost, 0 stuck\\n$`), stderr);
  assert.equal(code, 0);
});
