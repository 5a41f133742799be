// What it costs to turn plain values into messages and back. Run: npm run bench -- codec
import v8 from 'node:v8';
import {
  decodeFrom,
  decodeOwned,
  dumps,
  encodeInto,
  encodeParts,
  loadsSync,
  scratch,
} from '../../packages/multiprocess/dist/transport/index.js';
import { amount, rounds } from '../options.ts';
import { compare, type Rival, ratio } from '../rivals.ts';
import { figure, printTable } from '../table.ts';
import { otherRecords, SHAPES, type Shape } from './shapes.ts';

const ROUNDS = 9;
const WORK_NS = 8e6;
const HEAD = [
  '',
  'encode',
  'decode',
  'dumps',
  'loads',
  'JSON',
  'v8',
  'structuredClone',
  'vs JSON',
  'vs v8',
  'vs clone',
];
const UNIT = 'ns of processor time; rivals: there and back; vs: encode + decode';
const memory = new Uint8Array(256 * 1024);

export async function run(): Promise<void> {
  printTable(`one shape at a time (${UNIT})`, HEAD, await measureShapes());
  for (const record of otherRecords(amount(20_000))) decodeFrom(scratch.bytes, 0, encodeInto(record));
  printTable(`the same after 20,000 records of 360 other shapes`, HEAD, await measureShapes());
  await measureLarge();
}

async function measureShapes(): Promise<string[][]> {
  const rows: string[][] = [];
  for (const shape of SHAPES) rows.push(await measureShape(shape));
  return rows;
}

async function measureShape({ name, value, json = true }: Shape): Promise<string[]> {
  const message = dumps(value);
  memory.set(message, 1); // nothing is aligned by luck
  const end = 1 + message.length;
  const rivals: Rival[] = [
    cost('encode', () => encode(value)),
    cost('decode', () => decodeFrom(memory, 1, end)),
    cost('dumps', () => dumps(value)),
    cost('loads', () => loadsSync(message)),
    cost('v8', () => v8.deserialize(v8.serialize(value))),
    cost('structuredClone', () => structuredClone(value)),
  ];
  if (json) rivals.push(cost('JSON', () => JSON.parse(JSON.stringify(value))));
  const results = await compare(rivals, rounds(ROUNDS));
  const of = (rival: string) => results.find((result) => result.name === rival)?.median;
  const ours = { name: 'ours', median: of('encode')! + of('decode')!, lowest: 0, highest: 0 };
  const times = HEAD.slice(1, 8).map((rival) => of(rival));
  const ratios = ['JSON', 'v8', 'structuredClone'].map((rival) => ratio(results, rival, ours));
  return [name, ...times.map((time) => (time === undefined ? '-' : figure(time))), ...ratios];
}

// As a queue does it.
function encode(value: unknown): unknown {
  const size = encodeInto(value);
  return size >= 0 ? size : encodeParts(value);
}

/** Into a ring and out of it, beside the two copies that this takes at least. */
async function measureLarge(): Promise<void> {
  const rows: string[][] = [];
  for (const size of [1024, 64 * 1024, 10 * 2 ** 20]) {
    const array = new Uint8Array(size).fill(1);
    const ring = new Uint8Array(size + 4096);
    const results = await compare(
      [
        cost('ours', () => {
          let end = 0;
          for (const piece of encodeParts(array)) {
            ring.set(piece, end);
            end += piece.length;
          }
          return decodeOwned(ring.slice(0, end));
        }),
        cost('copies', () => {
          ring.set(array);
          return ring.slice(0, size);
        }),
        cost('v8', () => v8.deserialize(v8.serialize(array))),
        cost('structuredClone', () => structuredClone(array)),
      ],
      rounds(ROUNDS),
    );
    const [ours, copies] = results as [(typeof results)[0], (typeof results)[0]];
    const times = results.map(({ median }) => figure(median / 1000));
    const name = `${size / 1024} KB`;
    rows.push([name, ...times, (ours.median / copies.median).toFixed(2), ratio(results, 'v8', ours)]);
  }
  const head = ['Uint8Array', 'ours', 'two copies', 'v8', 'structuredClone', 'ours / copies', 'vs v8'];
  printTable('through memory and out of it, there and back (microseconds of processor time)', head, rows);
}

/** Nanoseconds of processor time per call. */
function cost(name: string, body: () => unknown): Rival {
  let count = 0;
  const time = (): number => {
    const { user, system } = process.cpuUsage();
    return 1000 * (user + system);
  };
  const measure = (): number => {
    const started = time();
    for (let i = 0; i < count; i++) body();
    return (time() - started) / count;
  };
  return {
    name,
    measure() {
      if (count === 0) {
        // Until the compiler is done with it.
        for (count = 10; count < 1e6 && measure() * count < amount(WORK_NS); ) count *= 2;
        measure();
      }
      return measure();
    },
  };
}
