/**
 * The stress of synchronisation: processes take and release locks, semaphores, conditions, events and barriers at random,
 * and are killed at random moments. The survivors must go on, and when all are dead everything must be usable and every
 * permit back.
 *
 *     npm run sync-stress                10,000 kills
 *     npm run sync-stress -- 500         so many kills
 */
import { Shaker } from '../packages/multiprocess/test/sync/support/shaker.ts';

const WORKERS = 6;
/** So many times half of them are killed; then all are, and what is left is inspected. */
const STEPS = 10;

const [wanted = 10_000] = process.argv.slice(2).map(Number);
const shaker = new Shaker(WORKERS);
const began = Date.now();
let rounds = 0;
while (shaker.kills < wanted && shaker.failures.length < 10) {
  await shaker.round(STEPS);
  rounds++;
  if (process.stdout.isTTY) process.stdout.write(`\r${shaker.kills} kills, ${shaker.failures.length} failures`);
}
await shaker.end();
for (const failure of shaker.failures) console.log(failure);
const seconds = ((Date.now() - began) / 1000).toFixed(1);
console.log(
  `${shaker.kills} kills in ${rounds} rounds on Node ${process.version}: ${shaker.failures.length} failures (${seconds} s)`,
);
process.exitCode = shaker.failures.length > 0 ? 1 : 0;
