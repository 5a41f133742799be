import assert from 'node:assert/strict';
import { find, testExample } from './example.ts';

testExample('producer-consumer.ts', ({ stdout, lines }) => {
  const [loaves, bake, sell] = find(stdout, /^(\d+) loaves: (\d+) ms to bake one, (\d+) ms to sell one$/m).map(Number);
  const times = lines.slice(1).map((line) => {
    const [sold, ms] = find(line, /(\d+) sold +(\d+) ms/).map(Number);
    assert.equal(sold, loaves, line);
    return ms!;
  });
  const [sequential, queue, joinable, several] = times;
  const rounding = loaves! * 2; // timers may end a little early
  assert.equal(times.length, 4);
  assert.ok(sequential! >= loaves! * (bake! + sell!) - rounding, 'one after the other, the times add up');
  assert.ok(Math.min(queue!, joinable!) >= loaves! * bake! - rounding, 'one baker is no faster than it bakes');
  assert.ok(Math.min(queue!, joinable!, several!) < sequential!, stdout);
});
