import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mp, temporaryFolder } from '../support/mp.ts';

test('a failed item is told on stderr, with its line; the others go on; exit status 1', async () => {
  const { status, lines, stderr } = await mp(['map', './failing.ts', '1', 'x', '3']);
  assert.deepEqual(lines, [2, 6]);
  assert.match(stderr, /^failed x: RangeError: not a number: x \(failing.ts:4:49\)\n/);
  assert.match(stderr, /\n3 items, 1 failed, in /);
  assert.equal(status, 1);
});

test('many failures are counted, and all of them written to --errors', async (t) => {
  const file = join(temporaryFolder(t), 'errors.jsonl');
  const input = Array.from({ length: 50 }, (_, i) => `x${i}\n`).join('');
  const { status, stdout, stderr } = await mp(['map', './failing.ts', '--max-failures', '3', '--errors', file], {
    input,
  });
  assert.equal(stdout, '');
  assert.equal(stderr.match(/^failed x\d+:/gm)?.length, 3);
  assert.match(stderr, /^failed 47 more$/m);
  assert.equal(status, 1);
  const records = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(records.length, 50);
  assert.deepEqual(Object.keys(records[0]), ['input', 'error']);
});

test('a result that is no JSON is a failure of its item', async () => {
  const { status, stderr } = await mp(['map', './failing.ts#big', 'a']);
  assert.match(
    stderr,
    /failed a: TypeError: the result cannot be written as JSON: Do not know how to serialize a BigInt/,
  );
  assert.equal(status, 1);
});

test('anything may be thrown', async () => {
  const { status, stderr } = await mp(['map', './failing.ts#throwsString', 'luck']);
  assert.match(stderr, /failed luck: Error: not an error was thrown: "no luck"/);
  assert.equal(status, 1);
});

test('a process that dies costs the item that it worked on, and no other', async () => {
  const words = ['a', 'b', 'die', 'c', 'd'];
  const { status, lines, stderr } = await mp(['map', './process.ts#mortal', '-p', '2', ...words]);
  assert.deepEqual(lines, ['a', 'b', 'c', 'd']);
  assert.match(stderr, /failed die: .*SIGKILL/);
  assert.equal(status, 1);
});
