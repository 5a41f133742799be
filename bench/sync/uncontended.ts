/** Acquire and release of what is free: nanoseconds for the pair. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Mutex } from 'async-mutex';
import lockfile from 'proper-lockfile';
import { Lock, RLock, Semaphore, Value } from '../../packages/multiprocess/dist/index.js';
import { addressOf, compareExchangeAt, wordIndex, wordsAt } from '../../packages/multiprocess/dist/memory/index.js';
import { addGoal } from '../goals.ts';
import { amount, rounds } from '../options.ts';
import { compare, type Rival, ratio } from '../rivals.ts';
import { figure, printTable } from '../table.ts';
import { python } from './python.ts';

const TURNS = 1_000_000;
const FLOOR = 'a compare-exchange and a store (the floor)';
/** Goals: at most so many ns, and so many times faster than CPython's Lock. */
const [MOST_NS, FASTER] = [30, 3];

export async function run(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-sync-'));
  const file = path.join(folder, 'file');
  writeFileSync(file, '');
  const [lock, rlock, semaphore, mutex] = [new Lock(), new RLock(), new Semaphore(3), new Mutex()];
  const value = new Value('i32');
  const local = new Int32Array(1);
  const spare = new Lock().cell.offset;
  const [words, index, address] = [wordsAt(spare), wordIndex(spare), addressOf(spare)];
  try {
    const rivals: Rival[] = [
      loop(FLOOR, 'exchange(address, 0, 1); words[index] = 0', {
        exchange: compareExchangeAt,
        address,
        words,
        index,
      }),
      loop('two compare-exchanges', 'exchange(address, 0, 1); exchange(address, 1, 0)', {
        exchange: compareExchangeAt,
        address,
      }),
      loop('the same by Atomics', 'Atomics.compareExchange(words, 0, 0, 1); Atomics.compareExchange(words, 0, 1, 0)', {
        words: local,
      }),
      loop('Lock', 'lock.acquireSync() && lock.release()', { lock }),
      loop('RLock', 'lock.acquireSync() && lock.release()', { lock: rlock }),
      loop('Semaphore', 'semaphore.acquireSync() && semaphore.release()', { semaphore }),
      loop('Value.add', 'value.add(1)', { value }),
      asyncLoop('await Lock.acquire()', async () => (await lock.acquire()) && lock.release()),
      asyncLoop('async-mutex (one process)', async () => (await mutex.acquire())(), 100_000),
      asyncLoop('proper-lockfile', async () => (await lockfile.lock(file))(), 200),
      ...python({
        'CPython Lock': ['uncontended', 'Lock', amount(TURNS)],
        'CPython RLock': ['uncontended', 'RLock', amount(TURNS)],
        'CPython Semaphore': ['uncontended', 'Semaphore', amount(TURNS)],
        'CPython Value, += 1 with its lock': ['uncontended', 'Value', amount(TURNS / 5)],
      }),
    ];
    for (const { measure } of rivals.slice(0, 8)) await measure(); // until the compilers are done
    const results = await compare(rivals, rounds(7));
    printTable(
      'free: acquire and release (medians)',
      ['', 'ns', 'lowest..highest', 'vs the floor', 'vs CPython Lock'],
      results.map((result) => [
        result.name,
        figure(result.median),
        `${figure(result.lowest)}..${figure(result.highest)}`,
        ratio(results, FLOOR, result),
        ratio(results, 'CPython Lock', result),
      ]),
    );
    for (const name of ['Lock', 'RLock', 'Semaphore']) {
      const ours = results.find((result) => result.name === name)!.median;
      const times = results.find((result) => result.name === `CPython ${name}`)!.median / ours;
      addGoal(ours <= MOST_NS, `${name}: ${figure(ours)} ns; at most ${MOST_NS}`);
      addGoal(times >= FASTER, `${name}: ${times.toFixed(2)} times faster than CPython's; at least ${FASTER}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A loop of its own around `turn`, which uses `locals`, as CPython's does: not around a call, which would cost 4 ns. */
function loop(name: string, turn: string, locals: Record<string, unknown>): Rival {
  const measure = new Function('count', ...Object.keys(locals), `for (let i = 0; i < count; i++) { ${turn}; }`);
  return { name, measure: () => time(TURNS, () => measure(amount(TURNS), ...Object.values(locals))) };
}

function asyncLoop(name: string, turn: () => Promise<unknown>, count = TURNS / 10): Rival {
  return {
    name,
    measure: () =>
      time(count, async () => {
        for (let i = 0; i < amount(count); i++) await turn();
      }),
  };
}

/** Nanoseconds for each of the turns that `body` does. */
async function time(turns: number, body: () => unknown): Promise<number> {
  const begin = process.hrtime.bigint();
  const result = body();
  if (result) await result;
  return Number(process.hrtime.bigint() - begin) / amount(turns);
}
