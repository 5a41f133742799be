/** A short run of `npm run sync-stress`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Shaker } from './support/shaker.ts';

test('whoever is killed, whenever: the others go on, nothing is lost, nothing given twice', async () => {
  const shaker = new Shaker(4);
  for (let round = 0; round < 3; round++) await shaker.round(5);
  await shaker.end();
  assert.deepEqual(shaker.failures, []);
});
