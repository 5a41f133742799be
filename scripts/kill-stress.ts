/**
 * The kill stress: families of ten processes, of which a random member is killed at a random moment.
 *
 *     npm run kill-stress                500 rounds
 *     npm run kill-stress -- 20 4711     with that seed
 */
import { readdirSync } from 'node:fs';
import { killRound, seeded } from '../packages/multiprocess/test/process/support/kill-round.ts';

const [rounds = 500, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const random = seeded(seed);
const victims: Record<string, number> = {};
const failures: string[] = [];
const files = () => readdirSync('/proc/self/fd').length;
let before = 0;
console.log(`seed ${seed}`);
for (let round = 1; round <= rounds; round++) {
  try {
    const victim = await killRound(random);
    victims[victim] = (victims[victim] ?? 0) + 1;
  } catch (error) {
    failures.push(`round ${round}: ${(error as Error).message}`);
    console.log(failures.at(-1));
  }
  if (round === 1) before = files();
}
console.log(`${rounds} rounds on Node ${process.version}, killed: ${JSON.stringify(victims)}`);
console.log(`${failures.length} failures, descriptors ${before} -> ${files()}`);
process.exitCode = failures.length > 0 || files() !== before ? 1 : 0;
