import assert from 'node:assert/strict';
import { testExample } from './example.ts';

testExample('killed-worker.ts', ({ lines }) => {
  assert.equal(lines[0], 'settled: 999 squares, 1 failure');
  assert.match(lines[1]!, /^ {2}number 400: ERR_MP_WORKER_DIED, process \d+ was ended by SIGKILL$/);
  assert.equal(lines[2], 'retried: 1000 squares; 2 workers have died by now, 1 task was run again');
  assert.equal(lines.length, 3);
});
