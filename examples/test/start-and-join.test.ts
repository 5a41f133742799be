import assert from 'node:assert/strict';
import { find, testExample } from './example.ts';

testExample('start-and-join.ts', ({ stdout }) => {
  const [children, task] = find(stdout, /^(\d+) children, each waits for (\d+) ms$/m).map(Number);
  const [oneByOne] = find(stdout, /^start, join.* (\d+) ms {2}#+$/m).map(Number);
  const [allAtOnce] = find(stdout, /^start all.* (\d+) ms {2}#+$/m).map(Number);
  const rounding = 10;
  assert.ok(oneByOne! >= children! * task! - rounding, 'one by one, the times add up');
  assert.ok(allAtOnce! >= task! - rounding, 'all at once takes at least one task');
  assert.ok(allAtOnce! < oneByOne!, 'all at once is faster');
});
