/** Messages from producers to consumers, each of them a process, through one of our channels. */
import { Barrier, Pipe, Process, Queue, SimpleQueue } from '../../packages/multiprocess/dist/index.js';
import type { Sample } from '../contest.ts';
import { type PayloadName, payload, sumOf, Tally } from './payloads.ts';

export type Form = 'sync' | 'promise' | 'many';
/** Of a pipe, bytes: a buffer as it is, and `form` is 'sync'. */
export type Channel = 'Queue' | 'SimpleQueue' | 'Pipe';

export interface Flow {
  channel: Channel;
  form: Form;
  name: PayloadName;
  producers: number;
  consumers: number;
  /** Messages in all, after a quarter of it to warm up; divisible by 400. */
  count: number;
}

interface Report {
  /** In ms, on the clock that all processes have in common. */
  begin: number;
  end: number;
  /** Microseconds of processor time. */
  cpu: number;
  sum: number;
}

const BATCH = 100;
/** So much may be under way: as in a pipe of ours, and enough that nobody waits for want of it. */
const MAX_BYTES = 64 * 2 ** 20;

/** Microseconds per message. */
export async function flow(how: Flow): Promise<Sample> {
  const { channel, producers, consumers, count, name } = how;
  const pipe = channel === 'Pipe' ? Pipe({ duplex: false }) : undefined;
  const queue = channel === 'Queue' ? new Queue({ maxBytes: MAX_BYTES }) : new SimpleQueue();
  const start = new Barrier(producers + consumers);
  const reports = new SimpleQueue<Report>();
  const sides = [
    ...Array.from({ length: consumers }, () => ({ target: consume, end: pipe?.[0] ?? queue })),
    ...Array.from({ length: producers }, () => ({ target: produce, end: pipe?.[1] ?? queue })),
  ];
  const processes = sides.map(
    ({ target, end }) => new Process({ target: target as any, args: [how, end, start, reports], daemon: true }),
  );
  try {
    for (const one of processes) one.start();
    for (const end of pipe ?? [queue]) end.close();
    const all = Promise.all(processes.map(() => reports.get()));
    const ends = Promise.all(processes.map(checkEnd));
    const results = await Promise.race([all, ends.then(() => all)]);
    await ends;
    const expected = producers * (sumOf(name, count / 4 / producers) + sumOf(name, count / producers));
    if (results.reduce((sum, report) => sum + report.sum, 0) !== expected) throw new Error('messages got lost');
    const began = Math.min(...results.map(({ begin }) => begin));
    const ended = Math.max(...results.map(({ end }) => end));
    return {
      time: ((ended - began) * 1000) / count,
      cpu: results.reduce((sum, { cpu }) => sum + cpu, 0) / count,
    };
  } finally {
    for (const one of processes) if (one.isAlive()) one.kill();
    for (const one of processes) await one.join();
    reports.close();
  }
}

async function checkEnd(process: Process): Promise<void> {
  await process.join();
  if (process.exitCode !== 0) throw new Error(`a benchmark's process ended with ${process.exitCode}`);
}

export async function produce({ form, name, producers, count }: Flow, end: any, start: Barrier, reports: SimpleQueue) {
  const { make } = payload(name);
  const put = (value: unknown) => end.put(value);
  const putSync = end.sendBytesSync?.bind(end) ?? end.putSync.bind(end);
  let meter = new Meter();
  for (const total of [count / 4, count]) {
    meter = new Meter();
    const mine = total / producers;
    if (form === 'sync') for (let i = 0; i < mine; i++) putSync(make(i));
    else if (form === 'promise') for (let i = 0; i < mine; i++) await put(make(i));
    else for (let i = 0; i < mine; i += BATCH) end.putManySync(batch(make, i, Math.min(BATCH, mine - i)));
    if (total !== count) start.waitSync();
  }
  reports.putSync(meter.report(0));
}

export async function consume(
  { form, name, producers, consumers, count }: Flow,
  end: any,
  start: Barrier,
  reports: SimpleQueue,
) {
  const get = () => end.get();
  const getSync = end.recvBytesSync?.bind(end) ?? end.getSync.bind(end);
  let meter = new Meter();
  let sum = 0;
  for (const total of [count / 4, count]) {
    meter = new Meter();
    const tally = new Tally(name, producers === 1 && consumers === 1);
    const mine = total / consumers;
    if (form === 'sync') while (tally.count < mine) tally.add(getSync());
    else if (form === 'promise') while (tally.count < mine) tally.add(await get());
    else
      while (tally.count < mine) for (const one of end.getManySync(Math.min(BATCH, mine - tally.count))) tally.add(one);
    sum += tally.sum;
    if (total !== count) start.waitSync();
  }
  reports.putSync(meter.report(sum));
}

/** Made one after another: a buffer may be used again as soon as it has been put. */
function* batch(make: (i: number) => unknown, from: number, length: number): Generator<unknown> {
  for (let i = 0; i < length; i++) yield make(from + i);
}

const now = () => Number(process.hrtime.bigint()) / 1e6;

class Meter {
  readonly #begin = now();
  readonly #cpu = process.cpuUsage();

  report(sum: number): Report {
    const { user, system } = process.cpuUsage(this.#cpu);
    return { begin: this.#begin, end: now(), cpu: user + system, sum };
  }
}
