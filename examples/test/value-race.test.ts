import assert from 'node:assert/strict';
import { find, testExample } from './example.ts';

testExample('value-race.ts', ({ stdout, lines }) => {
  const [counted, lost] = find(stdout, /^value \+= 1: (\d+), lost (\d+)$/m).map(Number);
  assert.equal(counted! + lost!, 800_000); // how many are lost is chance
  assert.deepEqual(lines.toSpliced(1, 1), [
    '4 processes count to 200000 each: 800000 together',
    'add(1): 800000, lost 0',
    'with the lock: 800000, lost 0',
  ]);
});
