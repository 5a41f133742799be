/** A forked child leaves by its own door, and loses nothing on the way: point 3 of "Processes" in ARCHITECTURE.md. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { onEachMethod } from './support/matrix.ts';
import { fixture, run } from './support/program.ts';

/** Reads a program's output so slowly that its pipe is full most of the time; resolves to the number of bytes. */
async function readSlowly(args: string[], env: NodeJS.ProcessEnv): Promise<{ bytes: number; tail: string }> {
  const reader = spawn(
    'sh',
    [
      '-c',
      '"$0" "$@" | { sleep 0.5; while dd bs=65536 count=1 status=none | grep -a . ; do sleep 0.01; done; }',
      process.execPath,
      ...args,
    ],
    {
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let bytes = 0;
  let tail = '';
  for await (const chunk of reader.stdout) {
    bytes += chunk.length;
    tail = (tail + chunk).slice(-40);
  }
  return { bytes, tail };
}

for (const way of ['returns', 'exits', 'throws']) {
  test(`3 MB to a slow reader arrive in full when the child ${way} at once`, async () => {
    const { bytes, tail } = await readSlowly([fixture('print-much.ts'), way], { MP_METHOD: 'forkserver' });
    assert.ok(bytes >= 3_000_000, `${bytes} bytes`);
    assert.match(tail, /the last line\n$/);
  });
}

onEachMethod(
  'what was printed by process.stdout.write with a callback is out before it is called',
  async ({ method }) => {
    const { stdout } = await run('print-with-callback.ts', { method });
    assert.equal(stdout, 'first\ncalled\n');
  },
);

onEachMethod('a child that exits with a living worker thread is gone', async ({ method }) => {
  const { stdout, code } = await run('exit-with-worker.ts', { method });
  assert.equal(stdout, 'exit code 3\n');
  assert.equal(code, 0);
});

onEachMethod('a child waits for its worker thread', async ({ method }) => {
  const { stdout } = await run('wait-for-worker.ts', { method });
  assert.equal(stdout, 'run is over\nworker is over\nexit code 0\n');
});

onEachMethod(
  'a child that leaves with open servers, sockets, watchers and timers by process.exit() is gone',
  async ({ method }) => {
    const { stdout } = await run('exit-with-everything-open.ts', { method });
    assert.equal(stdout, 'exit code 4\n');
  },
);

onEachMethod('process.exit() in a child’s microtask, nextTick and immediate', async ({ method }) => {
  const { stdout } = await run('exit-in-callbacks.ts', { method });
  assert.equal(stdout, '11 12 13\n');
});
