import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BIN, FIXTURES, mp, start, temporaryFolder } from '../support/mp.ts';

const BASENAME = 'node:path#basename';
const IDENTITY = join(FIXTURES, 'failing.ts');

function tree(t: TestContext): string {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'sub/deep'), { recursive: true });
  for (const path of ['b.txt', 'a.txt', 'c.md', 'sub/d.txt', 'sub/deep/e.txt']) writeFileSync(join(root, path), path);
  symlinkSync('.', join(root, 'loop'));
  return root;
}

const paths = (words: string[], cwd: string, input = '') =>
  mp(['map', 'node:path#normalize', ...words], { cwd, input });

test('words with glob characters are files, sorted, without folders', async (t) => {
  const cwd = tree(t);
  assert.deepEqual((await paths(['*.txt'], cwd)).lines, ['a.txt', 'b.txt']);
  assert.deepEqual((await paths(['**/*'], cwd)).lines, ['a.txt', 'b.txt', 'c.md', 'sub/d.txt', 'sub/deep/e.txt']);
  assert.deepEqual((await paths([`${cwd}/sub/**`], '/')).lines, [`${cwd}/sub/d.txt`, `${cwd}/sub/deep/e.txt`]);
});

test('other words are themselves; a file is taken once', async (t) => {
  const cwd = tree(t);
  assert.deepEqual((await paths(['word', '*.md', 'c.*', 'https://x.org/?q=1'], cwd)).lines, [
    'word',
    'c.md',
    'https:/x.org/?q=1',
  ]);
});

test('--ignore leaves files out', async (t) => {
  assert.deepEqual((await paths(['**/*.txt', '--ignore', 'sub/**', '--ignore', 'a.*'], tree(t))).lines, ['b.txt']);
});

test('--files takes folders and files, also from stdin', async (t) => {
  const cwd = tree(t);
  assert.deepEqual((await paths(['--files', 'sub', 'c.md'], cwd)).lines, ['sub/d.txt', 'sub/deep/e.txt', 'c.md']);
  assert.deepEqual((await paths(['--files'], cwd, 'c.md\nsub/deep\n')).lines, ['c.md', 'sub/deep/e.txt']);
});

test('--args takes words as they are', async () => {
  assert.deepEqual((await mp(['map', BASENAME, '--args', '*', '-', 'a/b?'])).lines, ['*', '-', 'b?']);
});

test('--lines takes the lines of files and of stdin', async () => {
  const { lines } = await mp(['map', './upper.ts', '--lines', 'lines.txt', '-'], { input: 'five\n' });
  assert.deepEqual(lines, ['ONE', 'TWO', '', 'FOUR', 'FIVE']);
});

test('no words, or -, are the lines of stdin', async () => {
  assert.deepEqual((await mp(['map', './upper.ts'], { input: 'a\nb\n' })).lines, ['A', 'B']);
  assert.deepEqual((await mp(['map', './upper.ts', '-'], { input: 'a\nb\n' })).lines, ['A', 'B']);
  assert.deepEqual((await mp(['map', './upper.ts'], { input: '' })).lines, []);
});

test('lines are worked on as they come: the first result is there before the second line', async () => {
  const { child, result } = start(['map', IDENTITY]);
  for (const number of [1, 2, 3]) {
    child.stdin.write(`${number}\n`);
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    assert.equal(String(chunk), `${number * 2}\n`);
  }
  child.stdin.end();
  assert.equal((await result).status, 0);
});

test('an endless input is not read ahead of a reader that does not read', async () => {
  const child = spawn(process.execPath, [BIN, 'map', './upper.ts', '-p', '1'], {
    cwd: FIXTURES,
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {}); // it is killed with unread input
  const chunk = Buffer.from(`${'x'.repeat(999)}\n`.repeat(1000));
  child.stdin.write(chunk);
  await once(child.stdout, 'readable'); // and nothing is read
  let megabytes = 1;
  while (megabytes < 200 && (child.stdin.write(chunk) || (await drains(child.stdin)))) megabytes++;
  process.kill(-child.pid!, 'SIGKILL');
  await once(child, 'exit');
  child.stdout.destroy();
  assert.ok(megabytes < 200, `${megabytes} MB were taken`);
});

/** Whether more is taken; two seconds of silence mean that all pipes and queues are full. */
async function drains(stream: NodeJS.WritableStream): Promise<boolean> {
  return once(stream, 'drain', { signal: AbortSignal.timeout(2000) }).then(
    () => true,
    () => false,
  );
}
