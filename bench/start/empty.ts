/** Start to exit of a child that does nothing. */
import { amount, rounds } from '../options.ts';
import { python, pythonVersion } from '../python.ts';
import { compare, type Result, type Rival, ratio } from '../rivals.ts';
import { figure, printTable } from '../table.ts';
import * as launch from './launch.ts';

const IN_FLIGHT = 8;
/** Children per round: enough of the fast ones to last as long as a few of the slow ones. */
const MANY = 200;
const FEW = 20;
const CPYTHON = `${import.meta.dirname}/fixtures/empty_children.py`;

export async function run(): Promise<void> {
  if (!pythonVersion()) console.log('\nCPython is skipped: there is no python3 on the PATH');
  await report(`start to exit of an empty child, ${IN_FLIGHT} in flight`, rivals(IN_FLIGHT));
  await report('start to exit of an empty child, one after another', [
    ...rivals(1),
    node('multiprocess forkserver, joinSync', launch.forkedSync, MANY, 1),
  ]);
}

function rivals(inFlight: number): Rival[] {
  const all = [
    node('multiprocess forkserver', launch.forked, MANY, inFlight),
    node('multiprocess spawn', launch.spawned, FEW, inFlight),
    node('child_process.fork', launch.childProcess, FEW, inFlight),
    node('new Worker', launch.worker, FEW, inFlight),
  ];
  if (!pythonVersion()) return all;
  return [
    ...all,
    cpython('forkserver', MANY, inFlight),
    cpython('fork', MANY, inFlight),
    cpython('spawn', FEW, inFlight),
  ];
}

async function report(title: string, list: Rival[]): Promise<void> {
  const results = await compare(list, rounds(7));
  printTable(
    `${title} (medians)`,
    ['', 'ms per child', 'lowest..highest', 'per second', 'vs child_process.fork', 'vs CPython forkserver'],
    results.map((result) => row(result, results)),
  );
}

function row(result: Result, results: Result[]): string[] {
  const { name, median, lowest, highest } = result;
  return [
    name,
    figure(median),
    `${figure(lowest)}..${figure(highest)}`,
    figure(1000 / median),
    ratio(results, 'child_process.fork', result),
    ratio(results, 'CPython forkserver', result),
  ];
}

/** Milliseconds per child, with `inFlight` of them at any time. */
function node(name: string, launchOne: () => Promise<void>, usual: number, inFlight: number): Rival {
  const measure = async () => {
    const count = amount(usual);
    await launchOne(); // what the first one sets up (the zygote, a thread) is measured elsewhere
    const begin = performance.now();
    let left = count;
    const keepGoing = async () => {
      while (left-- > 0) await launchOne();
    };
    await Promise.all(Array.from({ length: inFlight }, keepGoing));
    return (performance.now() - begin) / count;
  };
  return { name, measure };
}

/** The same, measured inside Python. */
function cpython(method: string, usual: number, inFlight: number): Rival {
  const count = amount(usual);
  const measure = async () => ((await python<number>(CPYTHON, method, inFlight, count)) * 1000) / count;
  return { name: `CPython ${method}`, measure };
}
