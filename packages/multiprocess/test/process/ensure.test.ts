/** ensureForkserver: started ahead of the first child, and gone with the program. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from './support/program.ts';

test('the forkserver is started once, and forks what is started later, as things are then', async () => {
  const { stdout } = await run('ensures-forkserver.ts', { args: ['start'] });
  assert.equal(stdout, 'one: true\nchild: yes /\nthe same: true\n');
});

test('a program that starts no process ends, and the forkserver with it', async () => {
  const { stdout, code } = await run('ensures-forkserver.ts');
  assert.equal(stdout, 'one: true\n');
  assert.equal(code, 0);
});

test('where a program cannot be forked, nothing is started', async () => {
  const { stdout, stderr } = await run('ensures-forkserver.ts', { execArgv: ['--inspect=0'] });
  assert.match(stdout, /^one: false$/m);
  assert.match(stderr, /MP_FALLBACK_SPAWN/);
});
