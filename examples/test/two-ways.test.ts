import assert from 'node:assert/strict';
import { find, testExample } from './example.ts';

testExample('two-ways.ts', ({ stdout, lines }) => {
  const [parent] = find(stdout, /^parent (\d+): starts two children$/m);
  const [first] = find(stdout, /^ {2}child (\d+): hello Ada, I run a function$/m);
  const [second] = find(stdout, /^ {2}child (\d+): hello Grace, I run a method$/m);
  assert.equal(lines.at(-1), `parent ${parent}: ${first} and ${second} have ended`);
  assert.equal(new Set([parent, first, second]).size, 3);
});
