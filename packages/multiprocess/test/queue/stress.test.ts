/** A short run of `npm run queue-stress`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../process/support/kill-round.ts';
import { Stresser } from './support/stresser.ts';

const ROUNDS = process.env.MP_TEST === 'full' ? 20 : 8;

test(`${ROUNDS} rounds: who is killed takes what it had, nothing else is lost, doubled or torn`, async (t) => {
  const seed = Number(process.env.MP_SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  const stresser = new Stresser(seeded(seed), 10);
  for (let round = 0; round < ROUNDS; round++) await stresser.round();
  assert.deepEqual(stresser.failures, []);
  assert.ok(stresser.totals.put > 0 && stresser.totals.kills > 0);
});
