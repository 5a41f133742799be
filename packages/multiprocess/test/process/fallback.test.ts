/** Programs that cannot be forked are spawned, and told so once: point 8 of "Processes" in ARCHITECTURE.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture, run } from './support/program.ts';

const hooks = fixture('hooks/register.mjs');

async function warnings(execArgv: string[], env: NodeJS.ProcessEnv = {}, name = 'two-children.ts'): Promise<string[]> {
  const { stdout, stderr, code } = await run(name, { execArgv, env });
  assert.equal(stdout, 'child 1\nchild 2\nexit codes 0 0\n', stderr);
  assert.equal(code, 0);
  return stderr.split('\n').filter((line) => line.includes('MP_FALLBACK_SPAWN'));
}

async function warnsOnce(execArgv: string[], reason: RegExp, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const [warning, ...more] = await warnings(execArgv, env);
  assert.match(
    warning ?? '',
    /\[MP_FALLBACK_SPAWN\] \w*Warning: multiprocess starts processes by 'spawn' instead of 'forkserver': /,
  );
  assert.match(warning!, reason);
  assert.deepEqual(more, []);
}

test('a program without hooks is forked, without a word', async () => {
  assert.deepEqual(await warnings([]), []);
});

test('an --import that does no harm is forked, and loaded there, too', async () => {
  assert.deepEqual(await warnings(['--import', fixture('hooks/harmless.mjs')]), []);
});

test('module.register() in an --import', () => warnsOnce(['--import', hooks], /module\.register of .*hooks\.mjs/));

test('module.register() through NODE_OPTIONS', () =>
  warnsOnce([], /module\.register/, { NODE_OPTIONS: `--import=${hooks}` }));

test('the hooks work in the children', async () => {
  const { stdout } = await run('import-hooked.ts', { execArgv: ['--import', hooks] });
  assert.equal(stdout, 'main: from the hook\nchild: from the hook\n');
});

test('synchronous hooks (module.registerHooks) run in the thread itself, and are forked', async () => {
  const { stdout, stderr } = await run('import-hooked.ts', {
    execArgv: ['--import', fixture('hooks/register-sync.mjs')],
  });
  assert.equal(stdout, 'main: from the hook\nchild: from the hook\n');
  assert.doesNotMatch(stderr, /MP_FALLBACK_SPAWN/);
});

test('--experimental-loader', () =>
  warnsOnce(['--experimental-loader', fixture('hooks/hooks.mjs')], /experimental-loader/));

test('an active inspector', async () => {
  const { stdout, stderr } = await run('two-children.ts', { execArgv: ['--inspect=0'] });
  assert.equal(stdout, 'child 1\nchild 2\nexit codes 0 0\n');
  assert.equal(stderr.match(/MP_FALLBACK_SPAWN/g)?.length, 1, stderr);
  assert.match(stderr, /the inspector is active/);
  assert.equal(stderr.match(/Debugger listening/g)?.length, 1, 'the children have no inspector of their own');
});

test('Node.js options of one process', async () => {
  const { stdout, stderr } = await run('options-of-its-own.ts');
  assert.equal(stdout, 'own stack limit: 33\nplain stack limit: 10\n');
  assert.equal(stderr.match(/MP_FALLBACK_SPAWN/g)?.length, 1, stderr);
  assert.match(stderr, /Process 'special' has Node\.js options of its own \(--stack-trace-limit=33\)/);
});

test('spawn by choice says nothing', async () => {
  const { stderr } = await run('speak.ts', { method: 'spawn', execArgv: ['--import', hooks] });
  assert.doesNotMatch(stderr, /MP_FALLBACK_SPAWN/);
});

test('a preload that leaves a worker thread', async () => {
  const { stdout, stderr } = await run('preload-with-worker.ts');
  assert.equal(stdout, 'exit code 0\n');
  assert.match(stderr, /MP_FALLBACK_SPAWN.*a preloaded module has left a Worker|MessagePort/);
});
