/**
 * The ticket rush: a file says how many tickets are left, and far more processes than tickets want one. MP_TICKETS=full runs
 * all 2,000 buyers.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Lock, Process } from 'multiprocess';
import { scratchFile } from '../process/support/answer.ts';

const [BUYERS, TICKETS] = process.env.MP_TICKETS === 'full' ? [2000, 500] : [200, 50];
const AT_ONCE = 50;

test(`${BUYERS} buyers, ${TICKETS} tickets: exactly ${TICKETS} are sold`, { timeout: 600_000 }, async (t) => {
  const file = scratchFile('tickets.json');
  const lock = new Lock();
  writeFileSync(file, JSON.stringify({ left: TICKETS }));

  const buy = async () => {
    await lock.acquire();
    try {
      const { left } = JSON.parse(readFileSync(file, 'utf8'));
      if (left === 0) process.exit(1);
      await new Promise(setImmediate); // whoever is not kept out comes now
      writeFileSync(file, JSON.stringify({ left: left - 1 }));
    } finally {
      lock.release();
    }
  };

  let sold = 0;
  let started = 0;
  const till = async () => {
    while (started++ < BUYERS) {
      const buyer = new Process({ target: buy });
      buyer.start();
      await buyer.join();
      assert.ok(buyer.exitCode === 0 || buyer.exitCode === 1, `exit code ${buyer.exitCode}`);
      if (buyer.exitCode === 0) sold++;
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, till));
  t.diagnostic(`${BUYERS} buyers in ${Math.round(performance.now() - began)} ms`);
  assert.equal(sold, TICKETS);
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { left: 0 });
  assert.equal(lock.token, BUYERS);
  assert.equal(lock.locked(), false);
});
