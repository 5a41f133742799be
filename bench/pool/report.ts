/** Tables in which we are compared with each rival, and our goals. */
import { type Column, type Contender, contest, cpuTime, type Measured, printResults, spread } from '../contest.ts';
import { addGoal } from '../goals.ts';
import { rounds } from '../options.ts';
import { figure } from '../table.ts';
import { POOL } from './contenders.ts';

export const perSecond: Column = {
  head: 'tasks/s',
  cell: ({ median }) => Math.round(1e6 / median).toLocaleString('en'),
};

/** Measures and prints; the last column says how many times as fast as each row `Pool` is. */
export async function report(
  title: string,
  columns: readonly Column[],
  contenders: readonly Contender[],
): Promise<Measured[]> {
  const results = await contest(contenders, rounds(5));
  const ours = find(results, POOL);
  const beside: Column = { head: 'Pool is', cell: ({ median }) => `${figure(median / ours.median)}x` };
  printResults(`${title} (medians)`, results, [...columns, cpuTime, spread, beside]);
  return results;
}

/** Our `Pool` is to be `least` times as fast as the best of the rivals. */
export function goalAgainst(
  what: string,
  results: readonly Measured[],
  rivals: readonly string[],
  least: number,
): void {
  const others = results.filter(({ name }) => rivals.includes(name));
  const best = others.reduce((a, b) => (a.median < b.median ? a : b));
  const times = best.median / find(results, POOL).median;
  addGoal(times >= least, `${what}: ${figure(times)}x the best rival (${best.name}), goal ${least}x`);
}

export function find<T extends { name: string }>(results: readonly T[], name: string): T {
  return results.find((result) => result.name === name)!;
}
