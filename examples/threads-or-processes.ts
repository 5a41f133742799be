// What threads and processes cost, and what they do with the same work: a table.
import { cpuCount, Event, Process, Queue, Value } from 'multiprocess';
import { Thread } from 'multiprocess/threading';

const MANY = 8;
const WORK = 3_000_000;
const kinds = { threads: Thread, processes: Process };
type Kind = typeof Thread | typeof Process;

/** Milliseconds from the start of an empty one to its end: of the first, and of one that comes later. */
async function creation(Class: Kind): Promise<[first: number, later: number]> {
  const times = [performance.now()];
  for (let i = 0; i <= MANY; i++) {
    const one = new Class({ target: () => {} });
    one.start();
    await one.join();
    times.push(performance.now());
  }
  return [times[1]! - times[0]!, (times.at(-1)! - times[1]!) / MANY];
}

/** MB of memory that each of several takes: what the whole family has, with them and without. */
async function memory(Class: Kind): Promise<number> {
  const pids = new Queue<number>();
  const go = new Event();
  const before = await memoryOf([process.pid]);
  const all = Array.from(
    { length: MANY },
    () =>
      new Class({
        target: () => {
          pids.putSync(process.pid);
          go.waitSync();
        },
      }),
  );
  for (const one of all) one.start();
  const found = new Set([process.pid]);
  for (const _ of all) found.add(await pids.get());
  const after = await memoryOf([...found]);
  go.set();
  for (const one of all) await one.join();
  return (after - before) / MANY / 1024;
}

/** kB: of memory that several processes share, each its part. */
async function memoryOf(pids: number[]): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/smaps_rollup`, 'utf8')));
  return texts.reduce((sum, text) => sum + Number(/^Pss: +(\d+)/m.exec(text)![1]), 0);
}

/** Milliseconds for the same sums, by `n` at once. */
async function speed(Class: Kind, n: number): Promise<number> {
  const total = new Value('f64');
  const ready = new Queue<number>();
  const go = new Event();
  const all = Array.from(
    { length: n },
    () =>
      new Class({
        target: () => {
          ready.putSync(1);
          go.waitSync();
          let sum = 0;
          for (let i = 0; i < (4 * WORK) / n; i++) sum += Math.sqrt(i);
          total.add(sum);
        },
      }),
  );
  for (const one of all) one.start();
  for (const _ of all) await ready.get();
  const begin = performance.now();
  go.set();
  for (const one of all) await one.join();
  return performance.now() - begin;
}

const row = (...cells: string[]) =>
  console.log(
    cells[0]!.padEnd(34) +
      cells
        .slice(1)
        .map((c) => c.padStart(12))
        .join(''),
  );
const rows: [what: string, measure: (Class: Kind) => Promise<number>][] = [
  ['sums by one, ms', (Class) => speed(Class, 1)],
  [`sums by ${cpuCount()}, ms`, (Class) => speed(Class, cpuCount())],
];

const created = { threads: await creation(Thread), processes: await creation(Process) };
// Processes first: a program that has just had eight threads gives their memory back while it starts others.
const ofProcesses = await memory(Process);
const ofThreads = await memory(Thread);
row('', ...Object.keys(kinds));
row('the first, start to end, ms', created.threads[0].toFixed(1), created.processes[0].toFixed(1));
row('another one, start to end, ms', created.threads[1].toFixed(1), created.processes[1].toFixed(1));
row('memory of one more, MB', ofThreads.toFixed(1), ofProcesses.toFixed(1));
for (const [what, measure] of rows) {
  const figures = [];
  for (const Class of Object.values(kinds)) figures.push((await measure(Class)).toFixed(1));
  row(what, ...figures);
}
