/** A zygote that finds, while it starts, that it cannot serve: its starter learns why, and does not try for ever. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const FIXTURES = path.join(import.meta.dirname, 'fixtures');

async function run(...args: string[]): Promise<{ lines: string[]; stderr: string }> {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of ['NODE_OPTIONS', 'NODE_TEST_CONTEXT', 'NODE_NO_WARNINGS']) delete env[name];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: FIXTURES, env, timeout: 60_000 });
  return { lines: stdout.trim().split('\n'), stderr };
}

test("onError 'fail': start() throws what the preload threw", async () => {
  const { lines } = await run('failing-preload.mjs', 'fail');
  assert.match(lines[0]!, /^ERR_MP_PRELOAD: cannot preload '\.\/no-such-module\.mjs'/);
  assert.equal(lines[1], 'cause: ERR_MODULE_NOT_FOUND');
});

test("onError 'warn': a warning, and the child runs", async () => {
  const { lines, stderr } = await run('failing-preload.mjs', 'warn');
  assert.deepEqual(lines, ['ran']);
  assert.match(stderr, /\[MP_PRELOAD\] Warning: cannot preload '\.\/no-such-module\.mjs'/);
});

test("onError 'ignore': the child runs", async () => {
  assert.deepEqual(await run('failing-preload.mjs', 'ignore'), { lines: ['ran'], stderr: '' });
});

test('module hooks that register themselves: children are spawned, with a warning', async () => {
  const { lines, stderr } = await run('--import', './register-hook.mjs', 'start-one.mjs');
  assert.deepEqual(lines, ['ran']);
  assert.match(stderr, /\[MP_FALLBACK_SPAWN\] Warning: .*module\.register/);
});

test('a zygote that fails while it starts makes start() throw', async () => {
  const { lines } = await run('--import', './fail-in-template.mjs', 'start-one.mjs');
  assert.match(lines[0]!, /^ERR_MP_START_FAILED: .*the template process ended with exit code 9/);
});
