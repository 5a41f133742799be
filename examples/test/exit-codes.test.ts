import assert from 'node:assert/strict';
import { testExample } from './example.ts';

testExample('exit-codes.ts', ({ lines, stderr }) => {
  assert.deepEqual(
    lines.map((line) => line.split(/ {2,}/).slice(0, 3)),
    [
      ['NAME', 'EXIT CODE', 'SIGNAL'],
      ['normal', '0', '-'],
      ['error', '3', '-'],
      ['uncaught', '1', '-'],
      ['killed', '-9', 'SIGKILL'],
    ],
  );
  assert.match(stderr, /^Process uncaught:\nRangeError: nobody catches me\n {4}at .*exit-codes\.ts:\d+/m);
});
