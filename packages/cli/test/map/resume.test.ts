import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { mp, start, temporaryFolder } from '../support/mp.ts';

interface Place {
  output: string;
  /** Notes each call of the function, if that is `noted`. */
  calls: string;
}

function place(t: TestContext): Place {
  const folder = temporaryFolder(t);
  return { output: join(folder, 'out.jsonl'), calls: join(folder, 'calls') };
}

const upper = (inputs: readonly string[], ...words: string[]) =>
  mp(['map', './upper.ts', '-p', '2', ...words], { input: inputs.join('\n') });

const lineOf = (input: string) => `${JSON.stringify({ input, value: input.toUpperCase() })}\n`;
const callsIn = ({ calls }: Place) => readFileSync(calls, 'utf8').trimEnd().split('\n');

test('an output that was cut off anywhere becomes what it would have been', async (t) => {
  const { output } = place(t);
  const inputs = ['käse', 'b', 'with "quotes"', '', 'e'];
  const whole = inputs.map(lineOf).join('');
  const size = Buffer.byteLength(whole);
  for (const end of [0, Buffer.byteLength(lineOf('käse')) - 1, Buffer.byteLength(lineOf('käse')), size - 1]) {
    writeFileSync(output, whole);
    truncateSync(output, end);
    const { status, stderr } = await upper(inputs, '-o', output, '--resume');
    assert.equal(readFileSync(output, 'utf8'), whole, `cut off at ${end}: ${stderr}`);
    assert.equal(status, 0);
  }
});

test('without an output to go on with it begins one; what is done is not done again', async (t) => {
  const at = place(t);
  const words = ['a', 'b', 'c'].map((word) => `${at.calls} ${word}`);
  const command = ['map', './terms.ts#noted', '--args', '-p', '1', '--resume', '-o', at.output];
  assert.equal((await mp([...command, ...words.slice(0, 2)])).status, 0);
  const { stderr } = await mp([...command, ...words]);
  assert.match(stderr, /^resuming: 2 done in .*out.jsonl\n1 argument, in /);
  assert.deepEqual(callsIn(at), ['a', 'b', 'c']);
});

test('a run that was killed goes on', async (t) => {
  const at = place(t);
  const words = ['a', 'b', 'stop', 'c'].map((word) => `${at.calls} ${word}`);
  const command = ['map', './terms.ts#noted', '--args', '-p', '1', '--resume', '-o', at.output];
  const { child, result } = start([...command, ...words]);
  await new Promise<void>((resolve) => {
    let seen = '';
    child.stderr.on('data', (chunk) => {
      seen += chunk;
      if (seen.includes('stopping here')) resolve();
    });
  });
  while (!existsSync(at.output) || statSync(at.output).size === 0) await new Promise(setImmediate);
  process.kill(-child.pid!, 'SIGKILL');
  await result;
  const done = readFileSync(at.output, 'utf8');
  assert.match(done, / a","value":"A"}\n/);
  const { status } = await mp([...command, ...words.filter((word) => !word.endsWith('stop'))]);
  assert.equal(status, 0);
  const after = readFileSync(at.output, 'utf8');
  assert.ok(after.startsWith(done));
  assert.deepEqual(
    after.match(/"value":"."/g),
    ['A', 'B', 'C'].map((value) => `"value":"${value}"`),
  );
  assert.equal(callsIn(at).filter((word) => word === 'a').length, 1);
});

test('what failed is tried again, and its line is replaced', async (t) => {
  const { output } = place(t);
  const run = (...inputs: string[]) => mp(['map', './failing.ts', '--args', '-o', output, '--resume', ...inputs]);
  assert.equal((await run('1', 'x', '3')).status, 1);
  assert.equal((await run('1', 'x', '3')).status, 1);
  const inputs = readFileSync(output, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).input);
  assert.deepEqual(inputs, ['1', '3', 'x']);
  assert.deepEqual(readdirSync(join(output, '..')), ['out.jsonl']);
});

test('an input that occurs several times has as many lines', async (t) => {
  const { output } = place(t);
  writeFileSync(output, lineOf('a') + lineOf('b') + lineOf('a'));
  await upper(['a', 'a', 'b', 'a', 'a'], '-o', output, '--resume', '--unordered');
  assert.equal(readFileSync(output, 'utf8'), [...'abaaa'].map(lineOf).join(''));
});

test('a file that does not say what its lines belong to is left as it is', async (t) => {
  const { output } = place(t);
  for (const text of ['"A"\n', 'no JSON\n"B"\n', `${lineOf('a')}null\n`]) {
    writeFileSync(output, text);
    const { status, stderr } = await upper(['a'], '-o', output, '--resume');
    assert.match(stderr, /^mp: cannot resume from '.*': line [12] does not say what it belongs to; .*--with-input/);
    assert.equal(status, 2);
    assert.equal(readFileSync(output, 'utf8'), text);
  }
});
