/** On a terminal: a pseudo-terminal made by util-linux's `script`. */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { BIN, FIXTURES } from '../support/mp.ts';

const hasScript = /util-linux/.test(String(spawnSync('script', ['--version']).stdout));
const skip = hasScript ? false : "no 'script' of util-linux here, which makes pseudo-terminals";

/** Runs a command line of `mp` on a terminal of this many columns. */
function onTerminal(words: string, columns: number, env = {}): ChildProcessWithoutNullStreams {
  const command = `stty cols ${columns} -echo; exec "${process.execPath}" "${BIN}" ${words}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: FIXTURES,
    env: { ...process.env, TERM: 'xterm-256color', NO_COLOR: undefined, ...env },
  });
  return child;
}

const statusOf = (child: ChildProcessWithoutNullStreams) =>
  new Promise<number | null>((resolve) => child.once('close', resolve));

const SHOW_CURSOR = '\x1b[?25h';
const HIDE_CURSOR = '\x1b[?25l';
const COLOUR = /\x1b\[\d+m/;
const plain = stripVTControlCharacters;

test('draws a progress line while it works and takes it away at the end', { skip }, async () => {
  const child = onTerminal('map ./upper.ts -p 1 -o /dev/null a b c', 60);
  const [screen, status] = await Promise.all([text(child.stdout), statusOf(child)]);
  assert.equal(status, 0);
  const frames = plain(screen).split('\r');
  assert.match(frames.find((frame) => frame.includes('%'))!, /^ ━+ {4}0% {2}0\/3 /);
  for (const frame of frames) assert.ok(frame.trimEnd().length < 60, frame);
  // The cursor is back, and the last line is the summary alone.
  assert.match(plain(screen.split(SHOW_CURSOR).at(-1)!), /^3 items, in .*\r\n$/);
});

test('NO_COLOR: no colours', { skip }, async () => {
  const child = onTerminal('map ./upper.ts -p 1 -o /dev/null a', 80, { NO_COLOR: '1' });
  const screen = await text(child.stdout);
  assert.doesNotMatch(screen, COLOUR);
  assert.match(screen, /┄/);
});

test('--no-progress: no line, only the summary', { skip }, async () => {
  const child = onTerminal('map ./upper.ts --no-progress -p 1 a', 80);
  assert.match(plain(await text(child.stdout)), /^"A"\r\n1 item, in .*\r\n$/);
});

test('results on the same terminal do not tear the line', { skip }, async () => {
  const child = onTerminal('map ./upper.ts -p 1 a b', 80);
  const lines = plain(await text(child.stdout))
    .split('\r\n')
    .map((line) => line.split('\r').at(-1));
  assert.deepEqual(lines.slice(0, 2), ['"A"', '"B"']);
});

test('Ctrl-C stops it, says how far it got, and gives the cursor back', { skip }, async () => {
  const child = onTerminal('map ./process.ts#hangs -p 2 -o /dev/null a hang hang b', 80);
  let screen = '';
  child.stdout.on('data', (chunk) => {
    screen += chunk;
    // Both workers hang: press the keys, once.
    if (screen.split('hanging').length === 3 && child.stdin.writable) child.stdin.end('\x03');
  });
  const status = await statusOf(child);
  assert.match(plain(screen), /stopping…[\s\S]*stopped: 1 of 4 done, in /);
  assert.ok(screen.lastIndexOf(SHOW_CURSOR) > screen.lastIndexOf(HIDE_CURSOR));
  assert.equal(status, 130);
});
