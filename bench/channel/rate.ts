/** Message rates: one producer and one consumer beside all rivals; then several of each. */

import {
  against,
  bandwidth,
  type Contender,
  contest,
  cpuTime,
  goal,
  lead,
  printResults,
  rate,
  spread,
} from '../contest.ts';
import { amount, rounds } from '../options.ts';
import { type Channel, type Form, flow } from './flow.ts';
import { type Other, receive } from './others.ts';
import type { PayloadName } from './payloads.ts';
import { python } from './python.ts';

/** Messages of ours per sample, many enough that the engine has compiled both sides long before the end; divisible by 2000. */
const COUNTS = { number: 2_000_000, object: 600_000, '1 KB': 200_000, '64 KB': 8000 };
/** Rivals get so many times fewer. */
const RIVALS = 8;
const BYTES = { number: 0, object: 0, '1 KB': 1024, '64 KB': 65536 };

const FORMS: [string, Channel, Form][] = [
  ['Queue, await put / await get', 'Queue', 'promise'],
  ['Queue, putSync / getSync', 'Queue', 'sync'],
  ['Queue, putManySync / getManySync, 100', 'Queue', 'many'],
  ['SimpleQueue, putSync / getSync', 'SimpleQueue', 'sync'],
];

export async function run(): Promise<void> {
  for (const name of Object.keys(COUNTS) as (keyof typeof COUNTS)[]) {
    const count = amount(COUNTS[name]);
    const results = await contest([...ours(name, count, 1, 1), ...others(name, count / RIVALS)], rounds(5));
    printResults(
      `${name === 'number' ? 'a number' : name === 'object' ? 'an object of 10 fields' : `Uint8Array of ${name}`}, one process to another (medians)`,
      results,
      [
        rate,
        ...(BYTES[name] ? [bandwidth(BYTES[name])] : []),
        cpuTime,
        spread,
        against(results, SEND.json),
        against(results, SEND.advanced),
        against(results, 'CPython Queue'),
        against(results, 'CPython SimpleQueue'),
      ],
    );
    if (BYTES[name]) continue;
    for (const [form] of FORMS.slice(0, 2)) {
      for (const rivals of [
        [SEND.json, SEND.advanced],
        ['CPython Queue', 'CPython SimpleQueue'],
      ]) {
        goal(`rate, ${name}, ${form}, vs the better of ${rivals.join(' and ')}`, lead(results, form, rivals), 10);
      }
    }
  }
  for (const [producers, consumers] of [
    [2, 1],
    [4, 1],
    [2, 2],
  ] as const) {
    const count = amount(COUNTS.number);
    const channels = ['Queue', 'SimpleQueue'];
    const results = await contest(
      [
        ...ours('number', count, producers, consumers),
        ...python(channels, 'flow', 'number', count / RIVALS, producers, consumers),
      ],
      rounds(3),
    );
    printResults(
      `a number, ${producers} producers, ${consumers === 1 ? '1 consumer' : `${consumers} consumers`} (medians)`,
      results,
      [rate, cpuTime, spread, ...channels.map((channel) => against(results, `CPython ${channel}`))],
    );
  }
}

function ours(name: PayloadName, count: number, producers: number, consumers: number): Contender[] {
  return FORMS.map(([title, channel, form]) => ({
    name: title,
    measure: () => flow({ channel, form, name, producers, consumers, count }),
  }));
}

export const SEND = { json: 'process.send json', advanced: 'process.send advanced', port: 'MessagePort (a thread)' };

function others(name: PayloadName, count: number): Contender[] {
  const ways = Object.entries(SEND) as [Other, string][];
  return [
    // JSON would make an object of a buffer.
    ...ways
      .filter(([way]) => way !== 'json' || name === 'number' || name === 'object')
      .map(([way, title]) => ({ name: title, measure: () => receive(way, name, count) })),
    ...python(['Queue', 'SimpleQueue'], 'flow', name, count),
  ];
}
