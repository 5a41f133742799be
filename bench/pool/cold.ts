/** The first result: of a program, of its first pool, of a pool when there has been one. */
import { addGoal } from '../goals.ts';
import { rounds } from '../options.ts';
import { median } from '../rivals.ts';
import { figure, printTable } from '../table.ts';
import { OURS, POOL, RIVALS, run } from './contenders.ts';
import { find } from './report.ts';

const POINTS = {
  program: 'start of the program',
  first: 'its first pool',
  second: 'another pool, later',
};
type Point = keyof typeof POINTS;

export async function cold(): Promise<void> {
  const taken = [...OURS, ...RIVALS].map((name) => ({ name, samples: [] as Record<Point, number>[] }));
  for (let round = 0; round < rounds(7); round++) {
    for (const { name, samples } of taken) samples.push(await sample(name));
  }
  const points = Object.keys(POINTS) as Point[];
  const results = taken.map(({ name, samples }) => {
    const medianOf = (point: Point) => median(samples.map((sample) => sample[point]));
    return { name, program: medianOf('program'), first: medianOf('first'), second: medianOf('second') };
  });
  const ours = find(results, POOL);
  printTable(
    'ms to the first result, from the start of the program or the construction of a pool (medians)',
    ['', ...points.flatMap((point) => [POINTS[point], 'Pool is'])],
    results.map((result) => [
      result.name,
      ...points.flatMap((point) => [figure(result[point]), `${figure(result[point] / ours[point])}x`]),
    ]),
  );
  for (const point of points) {
    const others = results.filter(({ name }) => RIVALS.includes(name));
    const best = others.reduce((a, b) => (a[point] < b[point] ? a : b));
    const figures = `${figure(ours[point])} ms, best rival (${best.name}) ${figure(best[point])} ms`;
    addGoal(ours[point] < best[point], `first result from ${POINTS[point]}: ${figures}`);
  }
}

async function sample(name: string): Promise<Record<Point, number>> {
  const begin = Date.now();
  const { at, first, second } = await run<{ at: number; first: number; second: number }>(name, 'cold.mjs', 'cold');
  return { program: at - begin, first, second };
}
