import assert from 'node:assert/strict';
import { testExample } from './example.ts';

testExample('alive.ts', ({ lines }) => {
  const rows = lines.map((line) => line.split(/ {2,}/));
  assert.deepEqual(rows[0], ['WHEN', 'ALIVE', 'EXIT CODE', 'SIGNAL']);
  assert.deepEqual(rows[1], ['before start()', 'no', '-', '-']);
  assert.deepEqual(rows[2], ['after start()', 'yes', '-', '-']);
  assert.equal(rows[3]![0], 'after terminate()'); // alive or not: a race, as the example says
  assert.deepEqual(rows[4], ['after join()', 'no', '-15', 'SIGTERM']);
});
