// Five tasks that count, and five that wait: in one thread, in threads, in processes. Counting needs a processor, so it takes as
// long as there are too few of them; waiting needs none.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, processCpuCount, ThreadPool } from 'multiprocess';

const TASKS = 5;
const COUNT = 50_000_000;
const WAIT = 300; // ms

function countDown(n: number) {
  while (n > 0) n--;
}
const counts = Array.from({ length: TASKS }, () => COUNT);
const waits = Array.from({ length: TASKS }, () => WAIT);

console.log(`${TASKS} tasks, ${processCpuCount()} processors\n`);
console.log(`${''.padEnd(24)}counting   waiting`);
await row('one after another', async (task, inputs) => {
  for (const input of inputs) await task(input);
});
// Promise.all lets waits overlap. Counting does not become faster by being called like that.
await row('one thread, Promise.all', async (task, inputs) => {
  await Promise.all(inputs.map(async (input) => task(input)));
});
for (const [title, Kind] of [
  ['threads', ThreadPool],
  ['processes', Pool],
] as const) {
  const pool = new Kind(TASKS);
  try {
    await row(title, (task, inputs) => pool.map(task, inputs, { chunkSize: 1 }));
  } finally {
    pool.close();
    await pool.join();
  }
}
console.log(`
counting: threads and processes use all processors. In Python only processes do, because threads take turns (the GIL);
          here each thread has a heap of its own, so there is nothing to take turns for.
waiting:  what overlaps takes as long as one wait. It needs no processor, and so neither threads nor processes.`);

async function row(title: string, run: (task: (n: number) => unknown, inputs: number[]) => Promise<unknown>) {
  // Once without a clock: starts, and the compiler's work on the loop.
  await run(
    countDown,
    counts.map((count) => count / 10),
  );
  const counting = await measure(() => run(countDown, counts));
  const waiting = await measure(() => run(sleep, waits));
  console.log(`${title.padEnd(24)}${counting.toFixed(0).padStart(5)} ms  ${waiting.toFixed(0).padStart(5)} ms`);
}

async function measure(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
