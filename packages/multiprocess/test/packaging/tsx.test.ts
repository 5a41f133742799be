import assert from 'node:assert/strict';
import { test } from 'node:test';
import { developmentModule, runNode } from './program.ts';

const tsx = developmentModule('tsx');

test('under tsx, children are spawned, and a warning says so', { skip: !tsx && 'tsx is not installed' }, async () => {
  const { stdout, stderr } = await runNode(['--import', tsx!, 'typescript.ts']);
  assert.deepEqual(stdout.trim().split('\n'), ['HELLO 1 Green from Process-1', 'exit code 0']);
  assert.match(stderr, /\[MP_FALLBACK_SPAWN\] Warning: multiprocess starts processes by 'spawn'.*tsx/);
});
