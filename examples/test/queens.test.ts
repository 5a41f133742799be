import assert from 'node:assert/strict';
import { testExample } from './example.ts';

testExample('queens.ts', ({ lines, stderr }) => {
  assert.deepEqual(lines, ['12 queens: 14200 ways']);
  const frames = [...stderr.matchAll(/\r(#*)\.* +(\d+) %/g)];
  // So many places have two queens in the first two rows that do not attack each other.
  assert.equal(frames.length, 110);
  const percents = frames.map(([, , percent]) => Number(percent));
  assert.deepEqual(
    percents,
    percents.toSorted((a, b) => a - b),
  );
  assert.equal(frames.at(-1)![1]!.length, 40);
  assert.equal(percents.at(-1), 100);
});
