import assert from 'node:assert/strict';
import { find, testExample } from './example.ts';

testExample('isolation.ts', ({ stdout, lines }) => {
  const [parent] = find(stdout, /^parent (\d+)/m);
  const [child] = find(stdout, /^child {2}(\d+)/m);
  assert.notEqual(parent, child);
  assert.deepEqual(lines, [
    `parent ${parent}: n is 100`,
    `child  ${child}: n is 100`,
    `child  ${child}: n is 0 now, for me`,
    `parent ${parent}: n is still 100`,
  ]);
});
