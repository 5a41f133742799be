import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Pool, type PoolOptions, SharedArray, type TaskOptions, Value } from '../../dist/index.js';
import { closePoolsAfterEach, openPool, until } from './helper.ts';

closePoolsAfterEach();

let holds = 0;

/** Keeps a pool of one worker busy until `release`; `run` notes the number of a task when it runs. */
async function held(pool: Pool) {
  const gate = new Value('i32');
  const place = new Value('i32');
  const places = new SharedArray('i32', 20);
  // New text each time: where nothing is known about how long a task takes, no other is sent behind it.
  const hold = new Function(
    'gate',
    `return (async () => { while (gate.value === 0) await new Promise((resolve) => setTimeout(resolve, 5)); })(); // ${holds++}`,
  );
  const blocked = pool.apply(hold as (g: typeof gate) => Promise<void>, [gate]);
  await until(() => pool.stats().running === 1, 'it is busy');
  const run = (i: number, options: TaskOptions) =>
    pool.apply(
      () => {
        places[place.add(1) - 1] = i;
      },
      [],
      options,
    );
  const release = async () => {
    gate.value = 1;
    await blocked;
  };
  return { run, release, place, places };
}

/** The numbers of tasks in the order in which they ran, when all were given to a pool that was busy. */
async function orderOf(policy: PoolOptions['policy'], tasks: TaskOptions[]): Promise<number[]> {
  const { run, release, places } = await held(openPool(1, { policy }));
  const all = tasks.map((options, i) => run(i, options));
  await release();
  await Promise.all(all);
  return [...places].slice(0, tasks.length);
}

const named = (names: string, order: number[]) => order.map((i) => names[i]).join('');
const from = (names: string): TaskOptions[] => [...names].map((submitter) => ({ submitter, cost: 1 }));

test('first in, first out', async () => {
  assert.deepEqual(await orderOf('fifo', [{}, { priority: 5 }, { cost: 0 }]), [0, 1, 2]);
});

test('larger priorities first, equal ones in their order', async () => {
  assert.deepEqual(await orderOf('priority', [{}, { priority: 5 }, { priority: 9 }, { priority: -1 }]), [2, 1, 0, 3]);
});

test('the shortest first', async () => {
  assert.deepEqual(await orderOf('sjf', [{ cost: 3 }, { cost: 1 }, { cost: 2 }, { cost: 1 }]), [1, 3, 2, 0]);
});

test('equal shares for two submitters, whatever one asks for', async () => {
  assert.equal(named('AAAAAABBB', await orderOf('fair', from('AAAAAABBB'))), 'ABABABAAA');
});

test('a policy of the user', async () => {
  assert.deepEqual(await orderOf({ key: ({ arrived }) => -arrived }, [{}, {}, {}]), [2, 1, 0]);
});

test('a task grows older, and then goes before one of a larger priority that came later', async () => {
  const pool: Pool = openPool(1, { policy: 'priority' });
  const { release, places, run } = await held(pool);
  const high = run(3, { priority: 9 });
  const old = run(0, { priority: 0 });
  const since = performance.now();
  await until(() => performance.now() - since > 60, '60 ms have passed'); // a level is worth a second
  const late = [run(1, { priority: 0.05 }), run(2, { priority: 100 })];
  await release();
  await Promise.all([high, old, ...late]);
  assert.deepEqual([...places].slice(0, 4), [2, 3, 0, 1]);
});

test('the shortest first, also of maps', async () => {
  const pool: Pool = openPool(1, { policy: 'sjf' });
  const { release, places, place } = await held(pool);
  const note = (i: number) => {
    places[place.add(1) - 1] = i;
  };
  const maps = [
    pool.map(note, [30, 31, 32], { cost: 3, chunkSize: 1 }),
    pool.map(note, [10, 11, 12], { cost: 1, chunkSize: 1 }),
    pool.map(note, [20, 21, 22], { cost: 2, chunkSize: 1 }),
  ];
  await release();
  await Promise.all(maps);
  assert.deepEqual([...places].slice(0, 9), [10, 11, 12, 20, 21, 22, 30, 31, 32]);
});

test('equal shares, also of maps', async () => {
  const pool: Pool = openPool(1, { policy: 'fair' });
  const { release, places, place } = await held(pool);
  const note = (i: number) => {
    places[place.add(1) - 1] = i;
  };
  const maps = [
    pool.map(note, [10, 11, 12, 13], { submitter: 'A', cost: 1, chunkSize: 1 }),
    pool.map(note, [20, 21], { submitter: 'B', cost: 1, chunkSize: 1 }),
    pool.map(note, [30], { submitter: 'C', cost: 1, chunkSize: 1 }),
  ];
  await release();
  await Promise.all(maps);
  assert.deepEqual([...places].slice(0, 7), [10, 20, 30, 11, 21, 12, 13]);
});
