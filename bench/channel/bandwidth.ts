/** Buffers of 10 MB, beside a copy within one process, which is what the hardware allows. */

import {
  against,
  bandwidth,
  type Contender,
  contest,
  cpuTime,
  goal,
  lead,
  micros,
  printResults,
  spread,
} from '../contest.ts';
import { amount, rounds } from '../options.ts';
import { type Channel, type Form, flow } from './flow.ts';
import { receive } from './others.ts';
import { payload } from './payloads.ts';
import { python } from './python.ts';

/** Enough to see what goes on when both sides have the memory that they need. */
const COUNT = 400;
/** Of those who take tens of milliseconds for each: they reach it soon. */
const FEW = 20;
const BYTES = 10 * 2 ** 20;
const MEMCPY = 'memcpy in one process';

const OURS: [string, Channel, Form][] = [
  ['Queue, await put / await get', 'Queue', 'promise'],
  ['Queue, putSync / getSync', 'Queue', 'sync'],
  ['Pipe, sendBytesSync / recvBytesSync', 'Pipe', 'sync'],
];

export async function run(): Promise<void> {
  const count = amount(COUNT);
  const contenders: Contender[] = [
    { name: MEMCPY, measure: memcpy },
    ...OURS.map(([name, channel, form]) => ({
      name,
      measure: () => flow({ channel, form, name: '10 MB', producers: 1, consumers: 1, count }),
    })),
    { name: 'process.send advanced', measure: () => receive('advanced', '10 MB', amount(FEW)) },
    { name: 'MessagePort (a thread)', measure: () => receive('port', '10 MB', count) },
    { name: 'MessagePort, transferred, not copied', measure: () => receive('transfer', '10 MB', count) },
    ...python(['Queue', 'SimpleQueue', 'Pipe bytes'], 'flow', '10 MB', amount(FEW)),
  ];
  const results = await contest(contenders, rounds(5));
  printResults('Uint8Array of 10 MB, one process to another (medians)', results, [
    bandwidth(BYTES),
    micros,
    cpuTime,
    spread,
    { ...against(results, MEMCPY), head: 'share of memcpy' },
    against(results, 'process.send advanced'),
    against(results, 'CPython Pipe bytes'),
  ]);
  for (const [name] of OURS) goal(`bandwidth, 10 MB, ${name}, share of memcpy`, lead(results, name, [MEMCPY]), 0.5);
}

/** Microseconds to copy 10 MB into memory that has been written before. */
async function memcpy() {
  const { make, read } = payload('10 MB');
  const target = new Uint8Array(BYTES);
  const copy = (i: number) => {
    target.set(make(i) as Uint8Array);
    if (read(target) !== (i & 255)) throw new Error('not copied');
  };
  for (let i = 0; i < 10; i++) copy(i);
  const [begin, cpu] = [performance.now(), process.cpuUsage()];
  for (let i = 0; i < COUNT; i++) copy(i);
  const { user, system } = process.cpuUsage(cpu);
  return { time: ((performance.now() - begin) * 1000) / COUNT, cpu: (user + system) / COUNT };
}
