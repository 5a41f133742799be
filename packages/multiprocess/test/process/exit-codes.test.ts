/** How a child ends, and what is known of it then. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEachMethod } from './support/matrix.ts';
import { run } from './support/program.ts';

interface Outcome {
  exitCode: number;
  signalCode: string | null;
  stdout: string;
  stderr: string;
}

async function outcome(method: string, name: string): Promise<Outcome> {
  const { stdout, stderr, code } = await run('one-exit.ts', { method, args: [name] });
  assert.equal(code, 0, stderr);
  const [, exitCode, signalCode] = stdout.match(/^ended (\S+) (\S+)$/m)!;
  const rest = stdout.replace(/^ended .*\n/m, '');
  return { exitCode: Number(exitCode), signalCode: signalCode === 'null' ? null : signalCode!, stdout: rest, stderr };
}

/** Name of a function in fixtures/one-exit.ts -> exit code. */
const CODES: Record<string, number> = {
  returns: 0,
  returnsText: 0,
  resolves: 0,
  exitsWith0: 0,
  exitsWith7: 7,
  exitsWith256: 0,
  setsExitCode: 5,
  setsExitCodeAndExits: 6,
  exitsInExitHandler: 9,
  setsExitCodeInExitHandler: 8,
  exitsInTimer: 4,
  throws: 1,
  rejects: 1,
  throwsInTimer: 1,
  rejectsElsewhere: 1,
  throwsInExitHandler: 1,
  throwsText: 1,
  neverSettles: 13,
};

for (const [name, expected] of Object.entries(CODES)) {
  onEachMethod(`a child that ${words(name)} has exit code ${expected}`, async ({ method }) => {
    const { exitCode, signalCode } = await outcome(method, name);
    assert.deepEqual({ exitCode, signalCode }, { exitCode: expected, signalCode: null });
  });
}

const SIGNALS: Record<string, [number, string]> = {
  killsItself: [-9, 'SIGKILL'],
  terminatesItself: [-15, 'SIGTERM'],
  interruptsItself: [-2, 'SIGINT'],
  aborts: [-6, 'SIGABRT'],
  crashes: [-11, 'SIGSEGV'],
};

for (const [name, [expected, signal]] of Object.entries(SIGNALS)) {
  onEachMethod(`a child that ${words(name)} has exit code ${expected}`, async ({ method }) => {
    const { exitCode, signalCode } = await outcome(method, name);
    assert.deepEqual({ exitCode, signalCode }, { exitCode: expected, signalCode: signal });
  });
}

onEachMethod(
  'an uncaught error is printed under the name of the process, with the user’s own line',
  async ({ method }) => {
    const { stderr } = await outcome(method, 'throws');
    assert.match(stderr, /^Process Process-1:\nError: on purpose\n {4}at .*one-exit\.ts:\d+:\d+/m);
    assert.doesNotMatch(stderr, /multiprocess\/dist/);
  },
);

onEachMethod('a rejection is printed likewise, with properties and cause', async ({ method }) => {
  const { stderr } = await outcome(method, 'rejects');
  assert.match(stderr, /^Process Process-1:\nTypeError: on purpose\n {4}at .*one-exit\.ts:\d+:\d+/m);
  assert.match(stderr, /code: 'E_PURPOSE'/);
  assert.match(stderr, /cause.*the deeper reason/s);
});

onEachMethod('a value that is no error is printed, too', async ({ method }) => {
  const { stderr } = await outcome(method, 'throwsText');
  assert.match(stderr, /^Process Process-1:\n'only text'/m);
});

onEachMethod('a child whose run() cannot settle says so', async ({ method }) => {
  const { stderr } = await outcome(method, 'neverSettles');
  assert.match(stderr, /^Process Process-1: run\(\) is still pending/m);
});

onEachMethod('a child that handles its uncaught errors goes on', async ({ method }) => {
  const { exitCode, stdout, stderr } = await outcome(method, 'handlesUncaught');
  assert.equal(exitCode, 0);
  assert.equal(stdout, 'handled: on purpose\n');
  assert.equal(stderr, '');
});

onEachMethod('beforeExit and exit handlers run, in this order', async ({ method }) => {
  const { stdout, exitCode } = await outcome(method, 'hasHandlers');
  assert.equal(stdout, 'run\nbeforeExit 0\nmore work\nbeforeExit 0\nexit 0\n');
  assert.equal(exitCode, 0);
});

onEachMethod('exit handlers run after process.exit(), beforeExit handlers do not', async ({ method }) => {
  const { stdout, exitCode } = await outcome(method, 'hasHandlersAndExits');
  assert.equal(stdout, 'run\nexit 3\n');
  assert.equal(exitCode, 3);
});

test('exit codes are null before the start and while the child runs', async () => {
  const { stdout } = await run('exit-code-while-running.ts');
  assert.equal(stdout, 'null null\nnull null\n0 null\n');
});

function words(name: string): string {
  return name.replace(/[A-Z]|\d+/g, (found) => ` ${found.toLowerCase()}`);
}
