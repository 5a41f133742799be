/** Misuse is a clear error with a code, thrown where the mistake is. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { getContext, setExecutable, setForkserverPreload, setStartMethod } from 'multiprocess';
import { onEachMethod } from './support/matrix.ts';
import { run } from './support/program.ts';

const refused = (message: RegExp) => ({ name: 'MultiprocessError', code: 'ERR_MP_INVALID_ARG', message });

const OPTIONS: [options: unknown, message: RegExp][] = [
  [{ target: 'work' }, /^target must be a function, not "work"$/],
  [{ target: null }, /^target must be a function, not null$/],
  [{ target: {} }, /^target must be a function, not an object of class Object$/],
  [{ args: 5 }, /^args must be an array of arguments, not 5$/],
  [{ args: 'ab' }, /^args must be an array/],
  [{ args: new Set([1]) }, /^args must be an array of arguments, not an object of class Set$/],
  [{ kwargs: [] }, /^kwargs must be an object, not an array of 0$/],
  [{ kwargs: 1 }, /^kwargs must be an object, not 1$/],
  [{ group: 'x' }, /^group argument must be None for now/],
  [{ group: 0 }, /^group argument must be None for now/],
  [{ name: 1 }, /^name must be a string, not 1$/],
  [{ daemon: 1 }, /^daemon must be a boolean, not 1$/],
  [{ orphan: 'stay' }, /^orphan must be 'adopt' or 'kill', not "stay"$/],
  [{ env: 'A=1' }, /^env must be an object/],
  [{ cwd: 1 }, /^cwd must be a path, not 1$/],
  [{ execArgv: '--x' }, /^execArgv must be an array of strings, not "--x"$/],
  [{ execArgv: [1] }, /^execArgv must be an array of strings/],
  [{ traget: () => {} }, /^unknown option 'traget'; accepted are target, args/],
  [5, /^options must be an object, not 5$/],
  [null, /^options must be an object/],
  [() => {}, /^options must be an object/],
  [[], /^options must be an object/],
];

for (const [options, message] of OPTIONS) {
  const shown =
    JSON.stringify(options, (_, value) => (typeof value === 'function' ? '() => {}' : value)) ?? 'a function';
  onEachMethod(`new Process(${shown}) is refused`, ({ mp }) => {
    assert.throws(() => new mp.Process(options as {}), refused(message));
  });
}

onEachMethod('null and undefined options that Python accepts are accepted', ({ mp }) => {
  new mp.Process();
  new mp.Process({ group: null, target: undefined, args: undefined, name: undefined, daemon: undefined });
});

onEachMethod('what cannot be sent is refused at start(), and the object can be started no sooner', async ({ mp }) => {
  const server = net.createServer();
  const child = new mp.Process({ target: () => server.listening });
  assert.throws(
    () => child.start(),
    (error: Error & { code: string }) => {
      assert.equal(error.code, 'ERR_MP_CAPTURE');
      assert.match(
        error.message,
        /^cannot send 'server' \(net\.Server\), captured by target at .*bad-input\.test\.ts:\d+/,
      );
      return true;
    },
  );
  assert.equal(child.pid, undefined);
  assert.equal(child.isAlive(), false);
  const other = new mp.Process({ target: (s: unknown) => s, args: [Promise.resolve(1)] });
  assert.throws(() => other.start(), { code: 'ERR_MP_CAPTURE' });
});

onEachMethod('use before the start', async ({ mp }) => {
  const child = new mp.Process({ target: () => {} });
  const notStarted = (message: RegExp) => ({ code: 'ERR_MP_NOT_STARTED', message });
  await assert.rejects(child.join(), notStarted(/^can only join a started process$/));
  assert.throws(() => child.joinSync(), notStarted(/^can only join a started process$/));
  for (const use of ['terminate', 'kill', 'interrupt'] as const) {
    assert.throws(() => child[use](), notStarted(/process not started/), use);
  }
});

onEachMethod('a second start', async ({ mp }) => {
  const child = new mp.Process({ target: () => {} });
  child.start();
  const twice = { code: 'ERR_MP_ALREADY_STARTED', message: 'cannot start a process twice' };
  assert.throws(() => child.start(), twice);
  await child.join();
  assert.throws(() => child.start(), twice);
});

onEachMethod('bad timeouts', async ({ mp }) => {
  const child = new mp.Process({ target: () => {} });
  child.start();
  for (const bad of ['1', NaN, true, 5n, { timeout: '1' }, { timeout: 1, extra: 1 }, { signal: 5 }, null] as never[]) {
    await assert.rejects(child.join(bad), { code: 'ERR_MP_INVALID_ARG' }, String(bad));
  }
  for (const bad of ['1', NaN, true, null] as never[]) {
    assert.throws(() => child.joinSync(bad), { code: 'ERR_MP_INVALID_ARG' }, String(bad));
  }
  assert.equal(await child.join(), true);
});

onEachMethod('a working directory that is not there', async ({ mp }) => {
  const child = new mp.Process({ target: () => {}, cwd: '/not/there' });
  assert.throws(() => child.start(), { code: 'ERR_MP_START_FAILED', message: /\/not\/there/ });
  assert.equal(child.isAlive(), false);
});

test('an executable that is not there', async () => {
  const { stdout } = await run('wrong-executable.ts', { method: 'spawn' });
  assert.match(stdout, /^ERR_MP_START_FAILED cannot start a process: .*ENOENT|no such file.*\/not\/there/);
  assert.match(stdout, /right again: 0\n$/);
});

test('an executable that is not there, with the zygote', async () => {
  const { stdout } = await run('wrong-executable.ts', { method: 'forkserver' });
  assert.match(stdout, /^ERR_MP_START_FAILED cannot start a process/);
  assert.match(stdout, /right again: 0\n$/);
});

test('an executable that is no Node', async () => {
  for (const method of ['forkserver', 'spawn']) {
    const { stdout } = await run('wrong-executable.ts', { method, args: ['/bin/false'] });
    const expected =
      method === 'spawn' ? /^exit code 1\n/ : /^ERR_MP_START_FAILED .*exit code 1 before it could fork\n/;
    assert.match(stdout, expected);
    assert.match(stdout, /right again: 0\n$/);
  }
});

test('an unknown start method', () => {
  const unknown = refused(/^cannot find context for 'fork'; there are forkserver and spawn$/);
  assert.throws(() => getContext('fork' as never), unknown);
  assert.throws(() => setStartMethod('fork' as never), unknown);
  assert.throws(
    () => getContext('spawn').setStartMethod('spawn'),
    refused(/^cannot set start method of concrete context$/),
  );
});

test('a preload list that is none, and an unknown onError', () => {
  for (const bad of ['module', [1], null, undefined] as never[]) {
    assert.throws(() => setForkserverPreload(bad), refused(/module_names must be a list of strings/));
  }
  assert.throws(
    () => setForkserverPreload([], { onError: 'never' as never }),
    refused(/^on_error must be 'ignore', 'warn', or 'fail', not never$/),
  );
});

test('an executable that is no path', () => {
  assert.throws(() => setExecutable(5 as never), refused(/^path must be a path or file URL, not 5$/));
});

onEachMethod(
  'a module that throws while it is loaded in the child: exit code 1, its stack, no hanging join',
  async ({ method }) => {
    const { stdout, stderr, code } = await run('import-throwing-module.ts', { method });
    assert.equal(stdout, 'exit code 1\n');
    assert.match(stderr, /^Process Process-1:\nError: thrown while loading\n {4}at .*throws-while-loading\.mjs:1/m);
    assert.equal(code, 0);
  },
);

onEachMethod('a process started by a module that the child imports: the bootstrapping error', async ({ method }) => {
  const { stdout, stderr } = await run('bootstrap-bomb.ts', { method });
  assert.equal(stdout, 'exit code 1\n');
  assert.match(stderr, /ERR_MP_BOOTSTRAPPING/);
  assert.match(stderr, /An attempt has been made to start a new process before the current process has finished/);
  assert.match(stderr, /if \(isMainProcess\) \{/);
});

onEachMethod('no room for another process: EAGAIN is a typed error, and what runs goes on', async ({ method, t }) => {
  if (process.getuid?.() !== 0) return t.skip('needs root to become a user with a limit of its own');
  if (!othersMayEnter(import.meta.dirname)) return t.skip('other users cannot read this checkout');
  const { stdout } = await run('reach-process-limit.ts', { method });
  assert.match(stdout, /^ERR_MP_START_FAILED cannot start a process: .*EAGAIN|resource temporarily unavailable/m);
  assert.match(stdout, /^all ended: true, one more: 0$/m);
});

function othersMayEnter(folder: string): boolean {
  const parent = path.dirname(folder);
  return (statSync(folder).mode & 0o001) !== 0 && (parent === folder || othersMayEnter(parent));
}
