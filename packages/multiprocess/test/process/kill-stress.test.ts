/** Random members of families are killed; `npm run kill-stress -- 500` for more rounds. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { killRound, seeded } from './support/kill-round.ts';
import { openFiles } from './support/procfs.ts';

const ROUNDS = process.env.MP_TEST === 'full' ? 10 : 2;

test(`${ROUNDS} rounds: everybody is joined, no daemon outlives its parent, nothing remains`, async (t) => {
  const seed = Number(process.env.MP_SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  const random = seeded(seed);
  const shm = readdirSync('/dev/shm');
  await killRound(random);
  const files = openFiles().length;
  for (let round = 1; round < ROUNDS; round++) await killRound(random);
  assert.equal(openFiles().length, files);
  assert.deepEqual(
    readdirSync('/dev/shm').filter((name) => /^mp(?!-)/.test(name) && !shm.includes(name)),
    [],
  );
});
