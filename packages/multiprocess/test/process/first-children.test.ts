/** The zygote forks before it is warm, so that the first children need not wait for that. */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { run } from './support/program.ts';

test('the first children are forked before the zygote is warm, at most twice as many as there are processors', async () => {
  const most = 2 * availableParallelism();
  const count = most + 3;
  const { code, stdout } = await run('first-children.ts', { args: [String(count)] });
  assert.equal(code, 0);
  const children = JSON.parse(stdout) as string[];
  const early = children.lastIndexOf('early') + 1;
  assert.ok(early >= 1 && early <= most, stdout);
  assert.deepEqual(children, [...Array(early).fill('early'), ...Array(count - early).fill('warm')]);
});
