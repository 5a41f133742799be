/** Tasks that do nothing: what a pool costs. */
import { type Measured, micros } from '../contest.ts';
import { addGoal } from '../goals.ts';
import { amount } from '../options.ts';
import { contender, OURS, POOL, PROCESSES, PYTHON, RIVALS, THREADS } from './contenders.ts';
import { find, goalAgainst, perSecond, report } from './report.ts';

const BURST = 20_000;
const MAPPED = 200_000;
const TURNS = 2000;
const WARM_TURNS = 10_000;
const MAP_GOAL = 500_000;

/** All at once, each submitted by a call of its own. */
export async function burst(): Promise<void> {
  const results = await report(
    `a burst of ${amount(BURST)} trivial tasks, one call each`,
    [perSecond],
    [...OURS, ...RIVALS].map((name) => contender(name, 'burst', amount(BURST))),
  );
  goalAgainst('burst', results, RIVALS, 5);
}

/** One call for all. Of the rivals in Node.js only poolifier has that. */
export async function map(): Promise<void> {
  const count = amount(MAPPED);
  const results = await report(
    `map over ${count} numbers`,
    [perSecond],
    [
      ...OURS.map((name) => contender(name, 'map', count)),
      ...['poolifier threads', 'poolifier processes', ...PYTHON].map((name) =>
        contender(name, 'map', name === 'CPython Pool' ? count : count / 20),
      ),
      ...(PYTHON.length > 0 ? [contender('CPython ProcessPoolExecutor, chunksize=1000', 'map', count)] : []),
    ],
  );
  const rate = 1e6 / find(results, POOL).median;
  addGoal(
    rate >= MAP_GOAL,
    `map: ${Math.round(rate).toLocaleString('en')} items/s, goal ${MAP_GOAL.toLocaleString('en')}`,
  );
}

/**
 * Each submitted when the one before it is done. Twice: V8 goes on compiling for more than 10,000 calls, of ours longer than of
 * others, and takes a processor for it. CPython's pools are the same at any time, and take half a minute.
 */
export async function turns(): Promise<void> {
  const early = await oneByOne(amount(TURNS), [...OURS, ...RIVALS]);
  goalAgainst('round trip, early', early, RIVALS, 1);
  const warm = await oneByOne(amount(WARM_TURNS), [...OURS, ...THREADS, ...PROCESSES]);
  goalAgainst('round trip, warm', warm, RIVALS, 1);
}

function oneByOne(count: number, names: readonly string[]): Promise<Measured[]> {
  return report(
    `one trivial task after another, ${count} times, after ${3 * count}`,
    [micros],
    names.map((name) => contender(name, 'turns', count)),
  );
}
