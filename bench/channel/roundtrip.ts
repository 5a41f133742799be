/** A number there and back: what it takes to wake the other side, twice. */
import { Pipe, Process, Queue, SimpleQueue } from '../../packages/multiprocess/dist/index.js';
import {
  against,
  type Contender,
  contest,
  cpuTime,
  goal,
  lead,
  micros,
  printResults,
  type Sample,
  spread,
} from '../contest.ts';
import { amount, rounds } from '../options.ts';
import { roundTrip } from './others.ts';
import { python } from './python.ts';
import { SEND } from './rate.ts';

const TURNS = 10_000;

interface End {
  put(value: number | null): Promise<void>;
  get(): Promise<number | null>;
  putSync(value: number | null): void;
  getSync(): number | null;
}

export async function run(): Promise<void> {
  const turns = amount(TURNS);
  const ours: Contender[] = (['Queue', 'SimpleQueue', 'Pipe'] as const).flatMap((channel) => [
    { name: `${channel}, promises`, measure: () => there(channel, false, turns) },
    { name: `${channel}, sync`, measure: () => there(channel, true, turns) },
  ]);
  const results = await contest(
    [
      ...ours,
      { name: SEND.json, measure: () => roundTrip('json', turns) },
      { name: SEND.advanced, measure: () => roundTrip('advanced', turns) },
      { name: SEND.port, measure: () => roundTrip('port', turns) },
      ...python(['Queue', 'SimpleQueue', 'Pipe'], 'round_trip', 'number', turns),
    ],
    rounds(5),
  );
  printResults('a number there and back (medians; processor time of the asking side)', results, [
    micros,
    cpuTime,
    spread,
    against(results, SEND.json),
    against(results, SEND.advanced),
    against(results, 'CPython SimpleQueue'),
  ]);
  for (const { name } of ours) {
    goal(`round trip, ${name}, vs the better process.send`, lead(results, name, [SEND.json, SEND.advanced]), 5);
  }
}

async function there(channel: 'Queue' | 'SimpleQueue' | 'Pipe', blocking: boolean, turns: number): Promise<Sample> {
  const [mine, theirs, close] = open(channel);
  const worker = new Process({ target: blocking ? answerSync : answer, args: [theirs], daemon: true });
  worker.start();
  try {
    let [begin, cpu] = [0, process.cpuUsage()];
    for (const count of [turns >> 2, turns]) {
      [begin, cpu] = [performance.now(), process.cpuUsage()];
      for (let i = 0; i < count; i++) {
        if (blocking) mine.putSync(i);
        else await mine.put(i);
        const answered = blocking ? mine.getSync() : await mine.get();
        if (answered !== i) throw new Error(`${answered} is not ${i}`);
      }
    }
    const [time, { user, system }] = [performance.now() - begin, process.cpuUsage(cpu)];
    await mine.put(null);
    return { time: (time * 1000) / turns, cpu: (user + system) / turns };
  } catch (error) {
    worker.kill();
    throw error;
  } finally {
    await worker.join();
    close();
  }
}

/** Our end, the other one, and how to close it all. */
function open(channel: 'Queue' | 'SimpleQueue' | 'Pipe'): [End, Record<string, unknown>, () => void] {
  if (channel === 'Pipe') {
    const [here, other] = Pipe<number | null>();
    const end = {
      put: (value: number | null) => here.send(value),
      get: () => here.recv(),
      putSync: (value: number | null) => here.sendSync(value),
      getSync: () => here.recvSync(),
    };
    return [end, { pipe: other }, () => closeAll(here, other)];
  }
  const make = () => (channel === 'Queue' ? new Queue<number | null>() : new SimpleQueue<number | null>());
  const [forth, back] = [make(), make()];
  const end = {
    put: (value: number | null) => forth.put(value),
    get: () => back.get(),
    putSync: (value: number | null) => forth.putSync(value),
    getSync: () => back.getSync(),
  };
  return [end, { forth, back }, () => closeAll(forth, back)];
}

function closeAll(...ends: { close(): void }[]): void {
  for (const end of ends) end.close();
}

export async function answer({ pipe, forth, back }: any): Promise<void> {
  if (pipe) for (let value = await pipe.recv(); value !== null; value = await pipe.recv()) await pipe.send(value);
  else for (let value = await forth.get(); value !== null; value = await forth.get()) await back.put(value);
}

export function answerSync({ pipe, forth, back }: any): void {
  if (pipe) for (let value = pipe.recvSync(); value !== null; value = pipe.recvSync()) pipe.sendSync(value);
  else for (let value = forth.getSync(); value !== null; value = forth.getSync()) back.putSync(value);
}
