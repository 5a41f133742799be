/** From the start of an empty thread to its end, one after another. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { getContext } from 'multiprocess';
import { Thread } from 'multiprocess/threading';
import { amount, rounds } from '../options.ts';
import { python, pythonVersion } from '../python.ts';
import { compare, type Rival, ratio } from '../rivals.ts';
import { figure, printTable } from '../table.ts';

const MANY = 200;
const FEW = 10;
const EMPTY = new URL('../start/fixtures/empty.js', import.meta.url);
const CPYTHON = `${import.meta.dirname}/fixtures/empty_threads.py`;

export async function run(): Promise<void> {
  const { Process } = getContext('forkserver');
  const nothing = () => {};
  const trace = () => void Object.assign(globalThis, { left: 1 }); // its worker is not used again
  const list = [
    rival('Thread, join', MANY, () => end(new Thread({ target: nothing }))),
    rival('Thread, joinSync', MANY, () => endSync(new Thread({ target: nothing }))),
    rival('Thread that needs a new worker', FEW, () => end(new Thread({ target: trace }))),
    rival('new Worker', FEW, async () => void (await once(new Worker(EMPTY), 'exit'))),
    rival('Process, forkserver', MANY, () => end(new Process({ target: nothing }))),
  ];
  if (pythonVersion()) {
    const count = amount(MANY);
    list.push({ name: 'CPython Thread', measure: async () => 1000 * (await python<number>(CPYTHON, count)) });
  } else console.log('\nCPython is skipped: there is no python3 on the PATH');
  const results = await compare(list, rounds(7));
  printTable(
    'start to end of an empty one, one after another (medians)',
    ['', 'ms', 'lowest..highest', 'per second', 'vs new Worker', 'vs Process'],
    results.map((result) => [
      result.name,
      figure(result.median),
      `${figure(result.lowest)}..${figure(result.highest)}`,
      figure(1000 / result.median),
      ratio(results, 'new Worker', result),
      ratio(results, 'Process, forkserver', result),
    ]),
  );
}

interface Startable {
  start(): void;
  join(): Promise<boolean>;
  joinSync(): boolean;
}

async function end(one: Startable): Promise<void> {
  one.start();
  await one.join();
}

function endSync(one: Startable): void {
  one.start();
  one.joinSync();
}

/** Milliseconds for one; what the first one sets up is not counted. */
function rival(name: string, usual: number, runOne: () => Promise<void> | void): Rival {
  const measure = async () => {
    const count = amount(usual);
    await runOne();
    const begin = performance.now();
    for (let i = 0; i < count; i++) await runOne();
    return (performance.now() - begin) / count;
  };
  return { name, measure };
}
