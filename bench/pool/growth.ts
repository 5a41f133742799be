/** Ever more tasks at once: the time and the memory that one takes must stay the same. */
import { addGoal } from '../goals.ts';
import { options, rounds } from '../options.ts';
import { program } from '../program.ts';
import { median } from '../rivals.ts';
import { figure, printTable } from '../table.ts';

const SIZES = [1000, 10_000, 100_000, 1_000_000];
/** Largest to smallest: beyond that it is no longer flat. */
const LIMIT = 1.25;
const FIGURES = ['apply', 'map', 'bytes'] as const;

export async function growth(): Promise<void> {
  const sizes = options.quick ? SIZES.slice(0, 3) : SIZES;
  const samples = sizes.map((): Record<(typeof FIGURES)[number], number>[] => []);
  for (let round = 0; round < rounds(3); round++) {
    for (const [i, size] of sizes.entries()) {
      const url = new URL('./fixtures/growth.mjs', import.meta.url);
      samples[i]!.push(await program(url, String(size)));
    }
  }
  const of = (how: (typeof FIGURES)[number]) => samples.map((programs) => median(programs.map((one) => one[how])));
  printTable(
    'ever more tasks at once: us per task, and bytes of each that waits (medians)',
    ['tasks', 'apply', 'map', 'bytes, apply'],
    sizes.map((size, i) => [size.toLocaleString('en'), ...FIGURES.map((how) => figure(of(how)[i]!))]),
  );
  for (const how of FIGURES) {
    // The fewest bear the costs of a beginning, and take too little memory to be told from what else comes and goes.
    const [least, last] = [Math.min(...of(how).slice(1)), of(how).at(-1)!];
    addGoal(
      last <= LIMIT * least,
      `growth of ${how}: at ${sizes.at(-1)!.toLocaleString('en')} tasks ${figure(last / least)}x the least, at most ${LIMIT}x`,
    );
  }
}
