/** Where the time of one start goes. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { getContext, type Process } from 'multiprocess';
import { amount, rounds } from '../options.ts';
import { program } from '../program.ts';
import { median } from '../rivals.ts';
import { figure, printTable } from '../table.ts';

const NOTE_TIME = new URL('./fixtures/note-time.js', import.meta.url);
const FIRST_START = new URL('./fixtures/time-first-start.ts', import.meta.url);
const HEAD = ['', 'start() returned', 'user code runs', 'join() resolved', 'samples'];

/** Milliseconds since just before the start. */
interface Points {
  returned: number;
  running: number;
  joined: number;
}

export async function run(): Promise<void> {
  const folder = mkdtempSync('/dev/shm/bench-'); // memory: a disk would be measured along
  const note = `${folder}/time`;
  try {
    const samples = { await: [] as Points[], sync: [] as Points[], childProcess: [] as Points[] };
    for (let i = 0; i < amount(100); i++) {
      samples.await.push(await ours(note, (child) => child.join()));
      samples.sync.push(await ours(note, (child) => child.joinSync()));
      if (i % 5 === 0) samples.childProcess.push(await childProcess(note));
    }
    printTable('one start, milliseconds since before it (medians)', HEAD, [
      row('multiprocess forkserver, await join()', samples.await),
      row('multiprocess forkserver, joinSync()', samples.sync),
      row('child_process.fork', samples.childProcess),
      row('first start of a program (starts the zygote)', await firstStarts(note)),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function ours(note: string, join: (child: Process<any>) => unknown): Promise<Points> {
  const begin = process.hrtime.bigint();
  const child = new (getContext('forkserver').Process)({ target: noteTime, args: [note] });
  child.start();
  const returned = process.hrtime.bigint();
  await join(child);
  const joined = process.hrtime.bigint();
  child.close();
  return points(begin, returned, note, joined);
}

/** Sent by value: an exported function would have every child load this file. */
function noteTime(path: string): void {
  const now = process.hrtime.bigint();
  process.getBuiltinModule('node:fs').writeFileSync(path, String(now));
}

async function childProcess(note: string): Promise<Points> {
  const begin = process.hrtime.bigint();
  const child = fork(NOTE_TIME, [note]);
  const returned = process.hrtime.bigint();
  await once(child, 'exit');
  return points(begin, returned, note, process.hrtime.bigint());
}

/** Each in a program of its own. */
async function firstStarts(note: string): Promise<Points[]> {
  const samples: Points[] = [];
  for (let i = 0; i < rounds(7); i++) samples.push(await program<Points>(FIRST_START, note));
  return samples;
}

function points(begin: bigint, returned: bigint, note: string, joined: bigint): Points {
  const since = (time: bigint) => Number(time - begin) / 1e6;
  return { returned: since(returned), running: since(BigInt(readFileSync(note, 'latin1'))), joined: since(joined) };
}

function row(name: string, samples: Points[]): string[] {
  const point = (key: keyof Points) => figure(median(samples.map((sample) => sample[key])));
  return [name, point('returned'), point('running'), point('joined'), String(samples.length)];
}
