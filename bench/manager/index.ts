/** Managers: a call there and back, calls per second, creations; beside CPython's. */
import { fileURLToPath } from 'node:url';
import { Manager, Process, Queue, type SyncManager } from '../../packages/multiprocess/dist/index.js';
import { amount, rounds } from '../options.ts';
import { pythonVersion, python as runPython } from '../python.ts';
import { compare, type Result, type Rival, ratio } from '../rivals.ts';
import { figure, printTable } from '../table.ts';

const CALLS = 10_000;
const CREATIONS = 500;
/** Calls that are under way at once. */
const FLIGHT = 1000;

const script = fileURLToPath(new URL('./fixtures/manager.py', import.meta.url));

type Count = (times: number) => Promise<void>;

export async function run(): Promise<void> {
  const [calls, creations, count] = [amount(CALLS), amount(CREATIONS), rounds(5)];
  await using manager = await Manager();
  const results = await compare(
    [
      { name: 'a call that blocks', measure: () => timed(calls, async (times) => callSync(manager, times)) },
      { name: 'a call that is awaited', measure: () => timed(calls, (times) => call(manager, times)) },
      { name: `${FLIGHT} calls at once`, measure: () => timed(10 * calls, (times) => callMany(manager, times)) },
      { name: `${FLIGHT} calls at once, by a socket`, measure: () => overSocket(manager, 10 * calls) },
      ...python({ 'CPython, a call': ['call', calls], 'CPython, 4 threads': ['threads', calls, 4] }),
    ],
    count,
  );
  print('dict.get("a") in another process (us per call, medians)', 'calls/s', results, 'CPython, a call');
  const created = await compare(
    [
      { name: 'dict() that blocks', measure: () => timed(creations, async (times) => createSync(manager, times)) },
      { name: 'dict() that is awaited', measure: () => timed(creations, (times) => create(manager, times)) },
      ...python({ 'CPython, dict()': ['create', amount(200)] }),
    ],
    count,
  );
  print('a new dict, and its proxy let go (us each, medians)', 'dicts/s', created, 'CPython, dict()');
  goal('calls per second', results, `${FLIGHT} calls at once`, 'CPython, a call', 5);
  goal('creation', created, 'dict() that is awaited', 'CPython, dict()', 10);
}

/** us for each of `count` times, after a fifth as many to warm up. */
async function timed(count: number, body: Count): Promise<number> {
  await body(Math.ceil(count / 5));
  const begin = performance.now();
  await body(count);
  return ((performance.now() - begin) * 1000) / count;
}

async function callSync(manager: SyncManager, times: number): Promise<void> {
  using dict = await manager.dict({ a: 1 });
  for (let i = 0; i < times; i++) dict.getSync('a');
}

async function call(manager: SyncManager, times: number): Promise<void> {
  using dict = await manager.dict({ a: 1 });
  for (let i = 0; i < times; i++) await dict.get('a');
}

async function callMany(manager: SyncManager, times: number): Promise<void> {
  using dict = await manager.dict({ a: 1 });
  for (let i = 0; i < times; i += FLIGHT) await Promise.all(Array.from({ length: FLIGHT }, () => dict.get('a')));
}

function createSync(manager: SyncManager, times: number): void {
  for (let i = 0; i < times; i++) manager.dictSync()[Symbol.dispose]();
}

async function create(manager: SyncManager, times: number): Promise<void> {
  for (let i = 0; i < times; i++) (await manager.dict())[Symbol.dispose]();
}

/** In a process that knows nothing but the address. */
async function overSocket(manager: SyncManager, calls: number): Promise<number> {
  const answer = new Queue<number>();
  const client = new Process({ target: measureSocket, args: [manager.address, calls, answer] });
  client.start();
  await client.join();
  return answer.get(0);
}

export async function measureSocket(address: any, calls: number, answer: Queue<number>): Promise<void> {
  const { SyncManager } = await import('../../packages/multiprocess/dist/index.js');
  const manager = new SyncManager({ address });
  await manager.connect();
  answer.putSync(await timed(calls, (times) => callMany(manager, times)));
}

/** A rival for each shape that is named; none without Python. */
function python(shapes: Record<string, (string | number)[]>): Rival[] {
  if (!pythonVersion()) return [];
  return Object.entries(shapes).map(([name, args]) => ({ name, measure: () => runPython<number>(script, ...args) }));
}

function print(title: string, unit: string, results: readonly Result[], rival: string): void {
  printTable(
    title,
    ['', 'us', unit, 'lowest..highest', `vs ${rival}`],
    results.map((result) => [
      result.name,
      figure(result.median),
      Math.round(1e6 / result.median).toLocaleString('en'),
      `${figure(result.lowest)}..${figure(result.highest)}`,
      ratio(results, rival, result),
    ]),
  );
}

function goal(what: string, results: readonly Result[], ours: string, rival: string, least: number): void {
  const [mine, theirs] = [ours, rival].map((name) => results.find((result) => result.name === name)?.median);
  if (!mine || !theirs) return;
  const verdict = theirs / mine >= least ? 'reached' : 'not reached';
  console.log(`\n  ${verdict}: ${what}, ${figure(theirs / mine)}x CPython's, goal ${least}x`);
}
