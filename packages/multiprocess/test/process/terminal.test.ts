/** Ctrl-C in a terminal reaches the whole family; it is handled once, and nothing is left. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onEachMethod } from './support/matrix.ts';
import { runs, until } from './support/procfs.ts';
import { fixture } from './support/program.ts';

const hasPython = (() => {
  try {
    execFileSync('python3', ['-c', 'import pty'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
const skip = hasPython ? undefined : 'needs python3 for a pseudo-terminal';

/** Runs a fixture in a terminal, types Ctrl-C when it has printed its pids, and gives all that it prints. */
async function interruptInTerminal(method: string, args: string[]): Promise<{ text: string; pids: number[] }> {
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, MP_METHOD: method };
  const terminal = spawn(
    'python3',
    [fixture('in-terminal.py'), process.execPath, fixture('wait-for-ctrl-c.ts'), ...args],
    {
      env: env as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let text = '';
  terminal.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  await once(terminal, 'close');
  const pids = text
    .match(/pids (.*?)\r?\n/)![1]!
    .split(' ')
    .map(Number);
  await until('the family to end', () => !pids.some(runs));
  return { text, pids };
}

onEachMethod(
  'Ctrl-C ends a program that does not handle it, with all its children',
  async ({ method }) => {
    const { text } = await interruptInTerminal(method, []);
    assert.match(text, /status: -2/);
    assert.doesNotMatch(text, /Error/);
  },
  { skip },
);

onEachMethod(
  'Ctrl-C is handled once by a main that handles it, and once by each child that does',
  async ({ method }) => {
    const { text } = await interruptInTerminal(method, ['handle']);
    assert.equal(text.match(/main was interrupted/g)?.length, 1, text);
    assert.equal(text.match(/child was interrupted/g)?.length, 2, text);
    assert.match(text, /exit codes 4 4/);
    assert.match(text, /started after it: 0/);
    assert.match(text, /status: 0/);
  },
  { skip },
);
