/** A thousand threads one after the other, and 200 at once: what they leave behind. */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Event, Value } from 'multiprocess';
import { Thread } from 'multiprocess/threading';
import { memoryOf } from '../memory.ts';
import { amount } from '../options.ts';
import { figure, megabytes, printTable } from '../table.ts';

/** ms: after that no worker rests any more, and their memory has gone back to the system, which takes 10 s. */
const REST = 12_000;

const held = () => ({
  tasks: readdirSync('/proc/self/task').length,
  files: readdirSync('/proc/self/fd').length,
  memory: memoryOf(process.pid).private,
});

export async function run(): Promise<void> {
  const rows: string[][] = [];
  for (const [title, act] of [
    [`${amount(1000)} one after the other`, () => oneAfterTheOther(amount(1000))],
    [`${amount(200)} at once`, () => atOnce(amount(200))],
  ] as const) {
    await act(); // once for what stays: windows of memory, threads of libuv, compiled code
    await sleep(REST);
    const before = held();
    const begin = performance.now();
    await act();
    const took = performance.now() - begin;
    await sleep(REST);
    const after = held();
    if (after.tasks > before.tasks || after.files > before.files) {
      throw new Error(`left behind: ${JSON.stringify({ before, after })}`);
    }
    const pair = (from: number, to: number) => `${from} -> ${to}`;
    rows.push([
      title,
      figure(took),
      pair(before.tasks, after.tasks),
      pair(before.files, after.files),
      `${megabytes(before.memory)} -> ${megabytes(after.memory)}`,
    ]);
  }
  printTable('what many threads leave behind', ['', 'ms', 'kernel threads', 'descriptors', 'private MB'], rows);
}

async function oneAfterTheOther(count: number): Promise<void> {
  const runs = new Value('i32');
  for (let i = 0; i < count; i++) {
    const thread = new Thread({ target: () => runs.add(1) });
    thread.start();
    await thread.join();
  }
  if (runs.value !== count) throw new Error(`${runs.value} of ${count} have run`);
}

async function atOnce(count: number): Promise<void> {
  const runs = new Value('i32');
  const go = new Event();
  const target = async () => {
    await go.wait();
    runs.add(1);
  };
  const threads = Array.from({ length: count }, () => new Thread({ target }));
  for (const thread of threads) thread.start();
  go.set();
  for (const thread of threads) await thread.join();
  if (runs.value !== count) throw new Error(`${runs.value} of ${count} have run`);
}
