/**
 * The stress of pools: one long run, during which workers are killed at random moments. Every task must settle once, with the
 * right outcome, and nothing may be left.
 *
 *     npm run pool-stress                1,000 kills
 *     npm run pool-stress -- 50 4711     with that seed
 */
import { killWorkers } from '../packages/multiprocess/test/pool/support/killer.ts';
import { seeded } from '../packages/multiprocess/test/process/support/kill-round.ts';

const [kills = 1000, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const totals = { kills: 0, tasks: 0, lost: 0, pids: 0 };
const began = Date.now();
console.log(`seed ${seed}`);
const failures = await killWorkers(kills, seeded(seed), totals, () => {
  if (totals.kills % 100 === 0) console.log(`${totals.kills} kills, ${totals.tasks} tasks`);
});
for (const failure of failures) console.log(failure);
console.log(
  `Node ${process.version}: ${totals.kills} kills, ${totals.pids} workers seen, ${(Date.now() - began) / 1000} s`,
);
console.log(`${totals.tasks} tasks, each settled once; ${totals.lost} failed with the worker that ran them`);
console.log(`${failures.length} failures`);
process.exitCode = failures.length > 0 ? 1 : 0;
