import assert from 'node:assert/strict';
import { testExample } from './example.ts';

testExample('shared-number.ts', ({ lines }) => {
  const counted = [101, 102, 103, 104].map((shared) => `  shared ${shared}, copied 101`);
  assert.deepEqual(lines, [
    'four threads:',
    ...counted,
    'four processes:',
    ...counted,
    'at the end, copied is still 100',
  ]);
});

testExample('shared-number-later.ts', ({ lines }) => {
  const last = Array(4).fill('  shared 104, copied 101');
  assert.deepEqual(lines, ['four threads:', ...last, 'four processes:', ...last]);
});
