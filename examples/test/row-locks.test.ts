import assert from 'node:assert/strict';
import { find, testExample } from './example.ts';

testExample('row-locks.ts', ({ stdout }) => {
  const [table, rows, times] = find(
    stdout,
    /^one lock for the table: (\d+) writes\/s\none lock for each row: {2}(\d+) writes\/s, ([\d.]+) times as many\n$/,
  ).map(Number);
  assert.ok(table! > 0 && rows! > table!, stdout);
  assert.ok(times! > 1, stdout);
});
