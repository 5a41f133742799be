// What it costs to turn a task into bytes and back, beside CPython's cloudpickle. Run: npm run bench -- capture
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import os from 'node:os';
import v8 from 'node:v8';
import { dumps, KnownTemplates, loadsSync } from '../../packages/multiprocess/dist/transport/index.js';

const ROUNDS = 9;

interface Row {
  what: string;
  target?: number;
  /** Microseconds. */
  dumps: number;
  loads?: number | undefined;
  bytes?: number;
  rival?: [dumps: number, loads: number] | undefined;
}

export async function run(): Promise<void> {
  const offset = 5;
  const first = [
    measureFirst('first closure of a process', (x: number) => x + offset),
    measureFirst('first that needs the debugger', arrowOf.call({ offset })),
  ];
  const rivals = measureCloudpickle();
  const rows: Row[] = [...first, ...measureFunctions(rivals), ...measureValues(rivals)];
  console.log(
    `Node ${process.version}, ${os.cpus().length} x ${os.cpus()[0]?.model}; medians of ${ROUNDS} rounds, microseconds of processor time`,
  );
  console.table(
    Object.fromEntries(
      rows.map(({ what, target, dumps, loads, bytes, rival }) => [
        what,
        {
          dumps: round(dumps),
          target: target ?? '',
          loads: loads === undefined ? '' : round(loads),
          bytes: bytes ?? '',
          'rival dumps': rival ? round(rival[0]) : '',
          'rival loads': rival ? round(rival[1]) : '',
          ratio: rival ? round((dumps + (loads ?? 0)) / (rival[0] + rival[1])) : '',
        },
      ]),
    ),
  );
  console.log(
    'rival: cloudpickle for functions, pickle for values; v8.serialize + deserialize where it says so. ratio: ours / rival, both ways',
  );
}

function measureFirst(what: string, fn: Function): Row {
  const started = process.cpuUsage();
  dumps(fn);
  const { user, system } = process.cpuUsage(started);
  return { what, dumps: user + system };
}

function arrowOf(this: { offset: number }): (x: number) => number {
  return (x) => x + this.offset;
}

function measureFunctions(rivals: Record<string, [number, number]>): Row[] {
  const known = new KnownTemplates();
  const offset = 5;
  const table = { a: 1 };
  const same = (x: number) => x + offset + table.a;
  const withCaptures = (n: number) => (x: number) => x + n + table.a;
  const without = () => (x: number) => x * 2;
  const row = (what: string, target: number, make: (i: number) => unknown, rival?: string): Row => {
    // What another process would get: the ids of this process name its own functions.
    const bytes = foreign(dumps(make(0)));
    const count = Math.max(400, Math.round(50_000 / target)); // of cheap things so many that V8 has compiled them
    return {
      what,
      target,
      dumps: median((i) => dumps(make(i), { known }), count),
      loads: median(() => loadsSync(bytes), count),
      bytes: dumps(make(1), { known }).length,
      rival: rival ? rivals[rival] : undefined,
    };
  };
  return [
    row('a builtin, by name', 5, () => createHash),
    row('an export, by reference', 5, () => loadsSync, 'reference'),
    row('same closure again', 20, () => same, 'same'),
    row('new closure with captures', 350, (i) => withCaptures(i), 'new'),
    row('new closure without captures', 30, () => without(), 'without'),
  ];
}

function measureValues(rivals: Record<string, [number, number]>): Row[] {
  const fields = { a: 1, b: 'two', c: 3, d: 'four', e: 5, f: true, g: null, h: 1.5, i: 'nine', j: -1 };
  const values: [string, unknown, string][] = [
    ['5', 5, 'number'],
    ['[1, 2, 3]', [1, 2, 3], 'list'],
    ['object of 10 fields', fields, 'record'],
    ['a string of 20 characters', 'x'.repeat(20), 'string'],
    ['Float64Array(1000)', new Float64Array(1000), 'array'],
  ];
  return values.flatMap(([what, value, rival]) => {
    const bytes = dumps(value);
    const serialized = v8.serialize(value);
    const ours = { dumps: median(() => dumps(value), 5000), loads: median(() => loadsSync(bytes), 5000) };
    const v8Pair: [number, number] = [
      median(() => v8.serialize(value), 5000),
      median(() => v8.deserialize(serialized), 5000),
    ];
    return [
      { what: `${what}, beside pickle`, ...ours, bytes: bytes.length, rival: rivals[rival] },
      { what: `${what}, beside v8.serialize`, ...ours, bytes: bytes.length, rival: v8Pair },
    ];
  });
}

/** Microseconds of processor time per call, which other programs disturb little: the median of some rounds. */
function median(body: (i: number) => unknown, count: number): number {
  const times: number[] = [];
  for (let i = 0; i < 5 * count; i++) body(i); // until the compiler is done with it
  for (let round = 0; round < ROUNDS; round++) {
    const started = process.cpuUsage();
    for (let i = 0; i < count; i++) body(i);
    const { user, system } = process.cpuUsage(started);
    times.push((user + system) / count);
  }
  return times.sort((a, b) => a - b)[ROUNDS >> 1]!;
}

// Ids look like "<home>:<n>"; changing a letter of the home makes the message one of a stranger.
function foreign(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  return Buffer.from(text.replace(/([0-9a-z]+\.[\w-]{7})[\w-](:[0-9a-z]+)/g, '$1~$2'), 'latin1');
}

function measureCloudpickle(): Record<string, [number, number]> {
  const script = `
import json, time, statistics, pickle, array
import cloudpickle
def med(f, n):
    out = []
    for _ in range(${ROUNDS}):
        t = time.process_time()
        for _ in range(n): f()
        out.append((time.process_time() - t) * 1e6 / n)
    return statistics.median(out)
def pair(make, n=400, p=cloudpickle):
    b = p.dumps(make())
    return [med(lambda: p.dumps(make()), n), med(lambda: p.loads(b), n)]
offset = 5
table = {'a': 1}
def outer():
    o = 5; t = {'a': 1}
    return lambda x: x + o + t['a']
same = outer()
rec = dict(a=1, b='two', c=3, d='four', e=5, f=True, g=None, h=1.5, i='nine', j=-1)
arr = array.array('d', [0.0] * 1000)
print(json.dumps(dict(reference=pair(lambda: json.dumps), same=pair(lambda: same), new=pair(outer), without=pair(lambda: (lambda x: x * 2)),
  number=pair(lambda: 5, 5000, pickle), list=pair(lambda: [1, 2, 3], 5000, pickle), record=pair(lambda: rec, 5000, pickle),
  string=pair(lambda: 'x' * 20, 5000, pickle), array=pair(lambda: arr, 5000, pickle))))`;
  const result = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
  if (result.status === 0) return JSON.parse(result.stdout);
  console.log(`no comparison with Python: ${(result.error?.message ?? result.stderr).trim().split('\n').at(-1)}`);
  return {};
}

const round = (n: number): number => Number(n.toPrecision(3));

if (process.argv[1] === import.meta.filename) await run();
