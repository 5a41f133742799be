// In how many ways can n queens stand on a board of n by n, so that none attacks another? A task is all that can follow from where the
// queens of the first two rows stand; a bar shows how far they are.
//
//   node examples/queens.ts [n]
import { Pool } from 'multiprocess';

const n = Number(process.argv[2] ?? 12);

/** Sets of columns and diagonals, as bits: counts the ways to fill the rows that are left. */
function waysToFill(columns: number, left: number, right: number): number {
  const all = (1 << n) - 1;
  if (columns === all) return 1;
  let ways = 0;
  for (let free = all & ~(columns | left | right); free !== 0; free &= free - 1) {
    const queen = free & -free;
    ways += waysToFill(columns | queen, (left | queen) << 1, (right | queen) >> 1);
  }
  return ways;
}

function waysFrom([first, second]: [number, number]): number {
  const [a, b] = [1 << first, 1 << second];
  return waysToFill(a | b, (a << 2) | (b << 1), (a >> 2) | (b >> 1));
}

const starts: [number, number][] = [];
for (let first = 0; first < n; first++) {
  for (let second = 0; second < n; second++) if (Math.abs(first - second) > 1) starts.push([first, second]);
}

const pool = new Pool();
try {
  // onProgress is called in this process, for each task that is done.
  const ways = await pool.map(waysFrom, starts, { onProgress: ({ done, total }) => drawBar(done / total!) });
  process.stderr.write('\n');
  console.log(`${n} queens: ${ways.reduce((a, b) => a + b, 0)} ways`);
} finally {
  pool.close();
  await pool.join();
}

function drawBar(fraction: number) {
  const bar = '#'.repeat(fraction * 40).padEnd(40, '.');
  process.stderr.write(`\r${bar} ${(fraction * 100).toFixed(0).padStart(3)} %`);
}
