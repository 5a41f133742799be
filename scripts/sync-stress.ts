/**
 * The stress of synchronisation: processes take and release locks, semaphores, conditions, events and barriers at random,
 * and are killed at random moments. After every round the survivors go on, and when all are dead everything is usable and
 * every permit is back.
 *
 *     npm run sync-stress                10,000 kills
 *     npm run sync-stress -- 500         so many kills
 */
import type { Process } from '../packages/multiprocess/dist/index.js';
import { inspect, makeShared, startWorker, stillWorking } from '../packages/multiprocess/test/sync/support/shaken.ts';

const WORKERS = 4;
/** So many kills with survivors; then all are killed, and what is left is inspected. */
const ROUND = 20;

const [wanted = 10_000] = process.argv.slice(2).map(Number);
const shared = makeShared(WORKERS);
const workers: Process[] = Array.from({ length: WORKERS }, (_, index) => startWorker(shared, index));
const failures: string[] = [];
let kills = 0;
let rounds = 0;
const began = Date.now();
while (kills < wanted && failures.length < 10) {
  rounds++;
  for (let n = 0; n < ROUND; n++) {
    const victim = Math.floor(Math.random() * WORKERS);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 8));
    await kill([victim]);
    const survivors = workers.map((_, index) => index).filter((index) => index !== victim);
    report(await stillWorking(shared, survivors));
    workers[victim] = startWorker(shared, victim);
  }
  await kill(workers.map((_, index) => index));
  for (const wrong of await inspect(shared)) report(wrong);
  for (const index of workers.keys()) workers[index] = startWorker(shared, index);
  if (process.stdout.isTTY) process.stdout.write(`\r${kills} kills, ${failures.length} failures`);
}
await kill(workers.map((_, index) => index));
const seconds = ((Date.now() - began) / 1000).toFixed(1);
console.log(
  `\r${kills} kills in ${rounds} rounds on Node ${process.version}: ${failures.length} failures (${seconds} s)`,
);
process.exitCode = failures.length > 0 ? 1 : 0;

async function kill(victims: number[]): Promise<void> {
  for (const index of victims) workers[index]!.kill();
  for (const index of victims) await workers[index]!.join();
  kills += victims.length;
}

function report(wrong: string | undefined): void {
  if (wrong === undefined) return;
  failures.push(wrong);
  console.log(`after ${kills} kills: ${wrong}`);
}
