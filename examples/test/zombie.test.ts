import assert from 'node:assert/strict';
import { find, testExample } from './example.ts';

testExample('zombie.ts', ({ stdout, lines }) => {
  const [parent, child] = find(stdout, /^parent (\d+): started (\d+), and never joins it$/m);
  const states = [...stdout.matchAll(/^parent \d+: the state of (\d+) is: (.*)$/gm)];
  assert.ok(states.length >= 1);
  for (const [, pid] of states) assert.equal(pid, child);
  assert.equal(states.at(-1)![2], 'gone');
  assert.ok(lines.includes(`child  ${child}: I am done`));
  assert.ok(lines.includes(`parent ${parent}: no zombie is left`));
  assert.ok(lines.includes(`parent ${parent}: and its exit code is not lost: 0`));
});
