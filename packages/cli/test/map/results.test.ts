import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mp, start, temporaryFolder } from '../support/mp.ts';

test('results are JSON lines, in the order of the inputs', async () => {
  const inputs = Array.from({ length: 2000 }, (_, i) => `item ${i}`);
  const { status, lines, stderr } = await mp(['map', './upper.ts', '-p', '2'], { input: inputs.join('\n') });
  assert.deepEqual(
    lines,
    inputs.map((input) => input.toUpperCase()),
  );
  assert.equal(status, 0);
  assert.match(stderr, /^2,000 lines, in .* \(.*\/s, 2 processes\)\n$/);
});

test('an early result waits for a late one', async (t) => {
  const file = join(temporaryFolder(t), 'go');
  const { lines } = await mp(['map', './slow-first.ts', '-p', '2', `wait ${file}`, `touch ${file}`]);
  assert.deepEqual(lines, ['wait', 'touch']);
});

test('--unordered: an early result is there while a late one is still being made', async (t) => {
  const [late, early] = ['late', 'early'].map((name) => join(temporaryFolder(t), name));
  const { child, result } = start([
    'map',
    './slow-first.ts',
    '-p',
    '2',
    '--unordered',
    `wait ${late}`,
    `touch ${early}`,
  ]);
  await once(child.stdout, 'data');
  writeFileSync(late!, '');
  assert.deepEqual((await result).lines, ['touch', 'wait']);
});

test('work is spread over processes', async () => {
  const { lines } = await mp(['map', './process.ts', '-p', '2', '--args', ...Array(200).fill('x')]);
  const pids = new Set(lines);
  assert.ok(pids.size >= 1 && pids.size <= 2, `${pids.size} processes`);
});

test('what is no JSON is null; objects and promises are fine', async () => {
  assert.deepEqual((await mp(['map', './upper.ts#nothing', 'a'])).lines, [null]);
  assert.deepEqual((await mp(['map', './upper.ts#length', 'abc'])).lines, [{ text: 'abc', length: 3 }]);
});

test('--with-input says what each line belongs to, failures included', async () => {
  const { status, lines } = await mp(['map', './failing.ts', '--with-input', '1', 'x', '3']);
  assert.deepEqual(lines, [
    { input: '1', value: 2 },
    { input: 'x', error: { name: 'RangeError', message: 'not a number: x', code: 'ENUMBER', at: 'failing.ts:4:49' } },
    { input: '3', value: 6 },
  ]);
  assert.equal(status, 1);
});

test('--output writes to a file, --quiet says nothing', async (t) => {
  const file = join(temporaryFolder(t), 'results.jsonl');
  const { status, stdout, stderr } = await mp(['map', './upper.ts', '-q', '-o', file, 'a', 'b']);
  assert.deepEqual([status, stdout, stderr], [0, '', '']);
  assert.equal(readFileSync(file, 'utf8'), '"A"\n"B"\n');
});

test('what the function prints does not mix with the results', async () => {
  const { lines, stderr } = await mp(['map', './process.ts#talkative', 'a']);
  assert.deepEqual(lines, ['a']);
  assert.match(stderr, /working on a/);
});

test('a disk that is full is one clear line, exit status 2', async () => {
  const { status, stderr } = await mp(['map', './upper.ts', '-o', '/dev/full', 'a', 'b']);
  assert.match(stderr, /^mp: cannot write '\/dev\/full': no space left on device\n$/);
  assert.equal(status, 2);
});
