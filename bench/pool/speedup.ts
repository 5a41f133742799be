/** Work for the processors: how much faster two workers are than one thread. */
import { type Contender, contest, type Sample } from '../contest.ts';
import { addGoal } from '../goals.ts';
import { amount, rounds } from '../options.ts';
import { program } from '../program.ts';
import { figure, printTable } from '../table.ts';
import { contender, OURS, POOL, PYTHON, RIVALS } from './contenders.ts';
import { find } from './report.ts';

const TASKS = 80;
const GOAL = 1.9;
const CEILING = 'two bare programs';

export async function speedup(): Promise<void> {
  const bare: Contender = {
    name: CEILING,
    measure: () => program<Sample>(new URL('./fixtures/bare.mjs', import.meta.url), String(amount(TASKS))),
  };
  const pools = [...OURS, ...RIVALS].map((name) => contender(name, 'speedup', amount(TASKS)));
  const results = await contest([bare, ...pools], rounds(5));
  const ceiling = find(results, CEILING);
  printTable(
    `tasks of some 20 ms: time in one thread / time in two workers (medians${PYTHON.length > 0 ? '; each language with its own loop' : ''})`,
    ['', 'speed-up', 'lowest..highest', 'of what the machine gives', 'processor time'],
    results.map((result) => [
      result.name,
      figure(1 / result.median),
      `${figure(1 / result.highest)}..${figure(1 / result.lowest)}`,
      `${((100 * ceiling.median) / result.median).toFixed(0)} %`,
      `${figure(result.cpu)}x`,
    ]),
  );
  const reached = 1 / find(results, POOL).median;
  addGoal(
    reached >= GOAL,
    `speed-up: ${figure(reached)}, goal ${GOAL}; two bare programs reach ${figure(1 / ceiling.median)}`,
  );
}
