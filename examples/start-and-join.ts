// start() does not wait, join() does. So start-join-start-join adds up, and start-all-join-all does not.
import { setTimeout as sleep } from 'node:timers/promises';
import { Process } from 'multiprocess';

const CHILDREN = 3;
const TASK = 400; // ms

// The very first start also starts the template process that all children are forked from: not what we measure here.
await startAndJoin();

const oneByOne = await measure(async () => {
  for (let i = 0; i < CHILDREN; i++) await startAndJoin();
});

const allAtOnce = await measure(async () => {
  const children = Array.from({ length: CHILDREN }, () => new Process({ target: sleep, args: [TASK] }));
  for (const child of children) child.start();
  for (const child of children) await child.join();
});

async function startAndJoin() {
  const child = new Process({ target: sleep, args: [TASK] });
  child.start();
  await child.join();
}

async function measure(work: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function row(label: string, ms: number) {
  console.log(`${label.padEnd(32)}${ms.toFixed(0).padStart(6)} ms  ${'#'.repeat(ms / 50)}`);
}

console.log(`${CHILDREN} children, each waits for ${TASK} ms\n`);
row('start, join, start, join, ...', oneByOne);
row('start all, then join all', allAtOnce);
