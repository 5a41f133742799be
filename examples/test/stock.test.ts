import assert from 'node:assert/strict';
import { find, testExample } from './example.ts';

testExample('stock.ts', ({ stdout, lines }) => {
  assert.match(lines[0]!, /^parent \d+: 100 in stock, the doors open$/);
  assert.equal([...stdout.matchAll(/^supplier \d+: delivered 20000$/gm)].length, 2);
  const shops = [...stdout.matchAll(/^shop \d+: took (\d+), found nothing (\d+) times$/gm)];
  assert.equal(shops.length, 2);
  for (const [, taken, missed] of shops) assert.equal(Number(taken) + Number(missed), 20_000);
  const [sold, left] = find(stdout, /^parent \d+: 100 \+ 40000 - (\d+) = (\d+) in stock$/m).map(Number);
  assert.equal(sold, Number(shops[0]![1]) + Number(shops[1]![1]));
  assert.equal(left, 100 + 40_000 - sold!);
});
