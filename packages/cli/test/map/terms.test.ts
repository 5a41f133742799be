import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { milliseconds } from '../../src/map/options.ts';
import { mp, temporaryFolder } from '../support/mp.ts';

// The first item of a process includes the loading of the module: on a busy machine that takes its time.
test('--timeout: what takes longer fails, even if it cannot be asked to end; the others go on', async () => {
  const { status, lines, stderr } = await mp([
    'map',
    './terms.ts#spins',
    '-p',
    '2',
    '--timeout',
    '3s',
    'a',
    'spin',
    'b',
  ]);
  assert.deepEqual(lines, ['a', 'b']);
  assert.match(stderr, /^failed spin: .*ran for more than 3000 ms/m);
  assert.equal(status, 1);
});

test('--retries: what fails is run again, and what succeeds then is no failure', async (t) => {
  const file = join(temporaryFolder(t), 'calls');
  const { status, lines, stderr } = await mp(['map', './terms.ts', '--retries', '2', file]);
  assert.deepEqual(lines, ['call 3']);
  assert.doesNotMatch(stderr, /failed/);
  assert.equal(status, 0);
});

test('--retries: only so often', async (t) => {
  const file = join(temporaryFolder(t), 'calls');
  const { status, stderr } = await mp(['map', './terms.ts', '--retries', '1', file]);
  assert.match(stderr, /: call 2 /);
  assert.equal(readFileSync(file, 'utf8'), '..');
  assert.equal(status, 1);
});

test('a time may have a unit; without one it is in ms', () => {
  const times = ['250', '250ms', '30s', '1.5m', '2h', '5 s'];
  assert.deepEqual(times.map(milliseconds), [250, 250, 30_000, 90_000, 7_200_000, 5000]);
});
