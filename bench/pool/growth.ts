/** Ever more tasks at once: what one takes must stay the same. */
import { addGoal } from '../goals.ts';
import { options, rounds } from '../options.ts';
import { program } from '../program.ts';
import { median } from '../rivals.ts';
import { figure, printTable } from '../table.ts';

const SIZES = [1000, 10_000, 100_000, 1_000_000];
/** Largest to smallest: beyond that it is no longer flat. */
const LIMIT = 1.5;

export async function growth(): Promise<void> {
  const sizes = options.quick ? SIZES.slice(0, 3) : SIZES;
  const samples = sizes.map(() => ({ apply: [] as number[], map: [] as number[] }));
  for (let round = 0; round < rounds(3); round++) {
    for (const [i, size] of sizes.entries()) {
      const url = new URL('./fixtures/growth.mjs', import.meta.url);
      const { apply, map } = await program<{ apply: number; map: number }>(url, String(size));
      samples[i]!.apply.push(apply);
      samples[i]!.map.push(map);
    }
  }
  const results = samples.map(({ apply, map }) => ({ apply: median(apply), map: median(map) }));
  printTable(
    'ever more tasks at once: us per task (medians)',
    ['tasks', 'apply', 'map'],
    results.map(({ apply, map }, i) => [sizes[i]!.toLocaleString('en'), figure(apply), figure(map)]),
  );
  for (const how of ['apply', 'map'] as const) {
    // The first ones bear the costs of a beginning; what grows, grows from there.
    const [least, last] = [Math.min(...results.map((result) => result[how])), results.at(-1)![how]];
    addGoal(
      last <= LIMIT * least,
      `growth of ${how}: at ${sizes.at(-1)!.toLocaleString('en')} tasks ${figure(last / least)}x the least, at most ${LIMIT}x`,
    );
  }
}
