import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { BIN, FIXTURES, type Running, start, temporaryFolder } from '../support/mp.ts';
import { processesOfGroup, until } from '../support/processes.ts';

/** As the terminal does: the signal goes to the whole group. */
function signalGroup({ child }: Running, signal: NodeJS.Signals): void {
  process.kill(-child.pid!, signal);
}

function stderrHas({ child }: Running, text: string): Promise<void> {
  return new Promise((resolve) => {
    let seen = '';
    child.stderr.on('data', (chunk) => {
      seen += chunk;
      if (seen.includes(text)) resolve();
    });
  });
}

for (const [signal, expected] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} stops: what is done is kept and told, nothing stays behind, exit status ${expected}`, async (t) => {
    const output = join(temporaryFolder(t), 'out.jsonl');
    const running = start(['map', './process.ts#hangs', '-p', '2', '-o', output, 'a', 'b', 'c', 'hang', 'hang', 'd']);
    const { child, result } = running;
    await stderrHas(running, 'hanging\nhanging\n');
    signalGroup(running, signal);
    const { status, stderr } = await result;
    // 'd' may have been done beside the first that hangs.
    assert.match(stderr, new RegExp(`stopped: [34] of 6 done, in .*; their results are in ${output}\n$`));
    assert.match(readFileSync(output, 'utf8'), /^"a"\n"b"\n"c"\n("d"\n)?$/);
    assert.equal(status, expected);
    await until(() => processesOfGroup(child.pid!).length === 0, 'the end of all processes');
  });
}

test('while it waits for stdin, Ctrl-C stops it at once', async () => {
  const running = start(['map', './process.ts#hangs']);
  running.child.stdin.write('a\n');
  await new Promise((resolve) => running.child.stdout.once('data', resolve));
  signalGroup(running, 'SIGINT');
  const { status, stderr } = await running.result;
  assert.match(stderr, /stopped: 1 done, /);
  assert.equal(status, 130);
});

test('a second Ctrl-C ends it without waiting for anything', async () => {
  const running = start(['map', './process.ts#hangs', '-p', '2', 'hang', 'hang']);
  await stderrHas(running, 'hanging\nhanging\n');
  signalGroup(running, 'SIGINT');
  signalGroup(running, 'SIGINT');
  // Two signals that arrive together are one: until it has ended, more of them do no harm.
  const again = setInterval(() => signalGroup(running, 'SIGINT'), 20);
  running.child.once('exit', () => clearInterval(again));
  const { status } = await running.result;
  assert.equal(status, 130);
  await until(() => processesOfGroup(running.child.pid!).length === 0, 'the end of all processes');
});

test('a reader that leaves, as head does, ends it quietly', async () => {
  const pipeline = `{ yes | "${process.execPath}" "${BIN}" map ./upper.ts -p 1; echo "status $?" >&2; } | head -n 1`;
  const child = spawn('sh', ['-c', pipeline], { cwd: FIXTURES, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.equal(stdout, '"Y"\n');
  assert.equal(stderr, 'status 141\n');
  await until(() => processesOfGroup(child.pid!).length === 0, 'the end of all processes');
});
