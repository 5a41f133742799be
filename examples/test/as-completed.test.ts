import assert from 'node:assert/strict';
import { testExample } from './example.ts';

testExample('as-completed.ts', ({ lines }) => {
  assert.equal(lines[0], 'ordered: roast, soufflé, egg, potatoes');
  // Whichever is first: on a busy machine that need not be the egg.
  assert.deepEqual(lines.slice(1, 5).toSorted(), [
    'egg: ready after 10 minutes',
    'one has failed: the soufflé has collapsed',
    'potatoes: ready after 30 minutes',
    'roast: ready after 90 minutes',
  ]);
  assert.deepEqual(lines.slice(5), [
    'the last cake is cancelled: true',
    'and the first one? cake: ready after 20 minutes',
  ]);
});
