/**
 * The stress of queues and pipes: their producers and consumers are killed, or stopped for a while, at random moments. What
 * each has put and got stands in shared memory, and is compared after each round.
 *
 *     npm run queue-stress                2,000 rounds
 *     npm run queue-stress -- 50 4711     with that seed
 */
import { seeded } from '../packages/multiprocess/test/process/support/kill-round.ts';
import { Stresser } from '../packages/multiprocess/test/queue/support/stresser.ts';

const SLOW_EVERY = 8;

const [rounds = 2000, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const stresser = new Stresser(seeded(seed), SLOW_EVERY);
const began = Date.now();
let shown = 0;
console.log(`seed ${seed}`);
for (let round = 1; round <= rounds && stresser.failures.length < 20; round++) {
  await stresser.round();
  if (round % 100 === 0) console.log(`${round} rounds, ${JSON.stringify(stresser.totals)}`);
  if (process.stdout.isTTY) process.stdout.write(`\r${round} rounds, ${stresser.totals.kills} kills`);
  for (; shown < stresser.failures.length; shown++) console.log(stresser.failures[shown]);
}
const { kills, pauses, put, lostInHands, redelivered } = stresser.totals;
console.log(`rounds on Node ${process.version}: ${JSON.stringify(stresser.rounds)}, ${(Date.now() - began) / 1000} s`);
console.log(`${put} items put; ${kills} kills, ${pauses} stopped and continued`);
console.log(
  `${lostInHands} items in the hands of killed consumers, ${redelivered} delivered again where that was asked for`,
);
console.log(`${stresser.failures.length} failures`);
process.exitCode = stresser.failures.length > 0 ? 1 : 0;
