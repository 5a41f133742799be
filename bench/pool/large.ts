/** Large values: sent there and back, or shared. */
import { type Column, micros } from '../contest.ts';
import { amount } from '../options.ts';
import { contender, OURS, POOL, PYTHON, RIVALS, THREADS } from './contenders.ts';
import { goalAgainst, report } from './report.ts';

/** These make text of a buffer: a second for each. */
const BY_JSON = ['tinypool processes', 'workerpool processes', 'poolifier processes'];

const milliseconds: Column = { head: 'ms', cell: ({ median }) => (median / 1000).toFixed(2) };

/** A buffer of 1 MB there and back. */
export async function buffers(): Promise<void> {
  const results = await report(
    'a Uint8Array of 1 MB in and out, one after another',
    [micros],
    [...OURS, ...RIVALS].map((name) => contender(name, 'buffers', BY_JSON.includes(name) ? 1 : amount(100))),
  );
  goalAgainst('buffers of 1 MB', results, RIVALS, 1);
}

/** 100 MB, of which each task reads a number per page of its own 1 MB. */
export async function array(): Promise<void> {
  const count = amount(10);
  const copied = [POOL, 'jest-worker processes'].map((name) => ({
    ...contender(name, 'copied', count),
    name: `${name}, copied`,
  }));
  const shared = [...OURS, ...THREADS, ...PYTHON].map((name) => contender(name, 'array', count));
  const results = await report(
    '100 MB of numbers in chunks of 1 MB, shared (threads: SharedArrayBuffer; CPython: SharedMemory) or copied',
    [milliseconds],
    [...shared, ...copied],
  );
  goalAgainst('100 MB shared', results, [...THREADS, ...PYTHON], 1);
}
