/** Wake-ups: a token that goes round, a barrier, events to and fro. All of them are waits that must be ended by another. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Barrier, Event, Process, Semaphore } from '../../packages/multiprocess/dist/index.js';
import { amount, rounds } from '../options.ts';
import { compare, type Rival } from '../rivals.ts';
import { figure, printTable } from '../table.ts';
import { python } from './python.ts';

const TURNS = 10_000;

export async function run(): Promise<void> {
  const turns = amount(TURNS);
  const results = await compare(
    [
      ...[2, 8].flatMap((processes): Rival[] => {
        const count = Math.round(turns / processes) * 2;
        return [
          {
            name: `${processes} processes in a ring of Semaphores, acquireSync`,
            measure: () => ring(processes, count, true),
          },
          {
            name: `${processes} processes in a ring of Semaphores, await acquire`,
            measure: () => ring(processes, count, false),
          },
          ...python({ [`${processes} processes in a ring, CPython`]: ['ring', processes, count] }),
        ];
      }),
      { name: 'process.send, there or back', measure: () => messages(turns) },
      { name: 'Barrier(2), waitSync: a round', measure: () => barrier(2, turns) },
      ...python({ 'Barrier(2), CPython: a round': ['barrier', 2, turns] }),
      { name: 'Event there, Event back', measure: () => event(turns) },
      ...python({ 'Event there, Event back, CPython': ['event', turns] }),
    ],
    rounds(5),
  );
  printTable(
    'wake-ups between processes (medians)',
    ['', 'us', 'lowest..highest'],
    results.map(({ name, median, lowest, highest }) => [
      name,
      figure(median / 1000),
      `${figure(lowest / 1000)}..${figure(highest / 1000)}`,
    ]),
  );
}

/** Nanoseconds for one step of the token. The first half is not counted. */
async function ring(processes: number, count: number, blocking: boolean): Promise<number> {
  const places = Array.from({ length: processes }, () => new Semaphore(0));
  const pass = async (mine: Semaphore, following: Semaphore, turns: number, blocks: boolean) => {
    for (let i = 0; i < turns; i++) {
      if (blocks) mine.acquireSync();
      else await mine.acquire();
      following.release();
    }
  };
  const workers = places
    .slice(1)
    .map((place, i) => new Process({ target: pass, args: [place, places[(i + 2) % processes]!, count, blocking] }));
  for (const worker of workers) worker.start();
  const half = count / 2;
  let begin = 0n;
  for (let i = 0; i < count; i++) {
    if (i === half) begin = process.hrtime.bigint();
    places[1]!.release();
    if (blocking) places[0]!.acquireSync();
    else await places[0]!.acquire();
  }
  const end = process.hrtime.bigint();
  for (const worker of workers) await worker.join();
  return Number(end - begin) / half / processes;
}

async function messages(count: number): Promise<number> {
  const child = fork(new URL('./fixtures/echo.mjs', import.meta.url));
  child.send(0);
  await once(child, 'message');
  const begin = process.hrtime.bigint();
  const done = Promise.withResolvers<void>();
  let left = count;
  child.on('message', () => (--left > 0 ? child.send(0) : done.resolve()));
  child.send(0);
  await done.promise;
  const end = process.hrtime.bigint();
  child.disconnect();
  await once(child, 'exit');
  return Number(end - begin) / count / 2;
}

async function barrier(parties: number, count: number): Promise<number> {
  const shared = new Barrier(parties);
  const rounds = (meeting: Barrier, turns: number) => {
    for (let i = 0; i < turns; i++) meeting.waitSync();
  };
  const workers = Array.from({ length: parties - 1 }, () => new Process({ target: rounds, args: [shared, count] }));
  for (const worker of workers) worker.start();
  shared.waitSync();
  const begin = process.hrtime.bigint();
  for (let i = 1; i < count; i++) shared.waitSync();
  const end = process.hrtime.bigint();
  for (const worker of workers) await worker.join();
  return Number(end - begin) / (count - 1);
}

/** Nanoseconds for there and back. */
async function event(count: number): Promise<number> {
  const [there, back] = [new Event(), new Event()];
  const answer = (asked: Event, answered: Event, turns: number) => {
    for (let i = 0; i < turns; i++) {
      asked.waitSync();
      asked.clear();
      answered.set();
    }
  };
  const worker = new Process({ target: answer, args: [there, back, count] });
  worker.start();
  const begin = process.hrtime.bigint();
  for (let i = 0; i < count; i++) {
    there.set();
    back.waitSync();
    back.clear();
  }
  const end = process.hrtime.bigint();
  await worker.join();
  return Number(end - begin) / count;
}
