import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Pool, type PoolOptions, SharedArray, type TaskOptions, Value } from '../../dist/index.js';
import { closePoolsAfterEach, openPool, until } from './helper.ts';

closePoolsAfterEach();

/** The numbers of tasks in the order in which they ran, when all were given to a pool that was busy. */
async function orderOf(policy: PoolOptions['policy'], tasks: TaskOptions[]): Promise<number[]> {
  const pool: Pool = openPool(1, { policy });
  const gate = new Value('i32');
  const place = new Value('i32');
  const places = new SharedArray('i32', tasks.length);
  const blocked = pool.apply(
    async (g: typeof gate) => {
      while (g.value === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    [gate],
  );
  await until(() => pool.stats().running === 1, 'it is busy');
  const all = tasks.map((options, i) =>
    pool.apply(
      () => {
        places[place.add(1) - 1] = i;
      },
      [],
      options,
    ),
  );
  gate.value = 1;
  await Promise.all([blocked, ...all]);
  return [...places];
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
