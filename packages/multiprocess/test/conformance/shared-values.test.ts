/** CPython: _test_multiprocessing.py, _TestValue, _TestArray, _TestSharedCTypes, _TestHeap. */
import assert from 'node:assert/strict';
import { type Context, Lock, RawArray, RawValue, RLock, SharedArray, struct, Value } from 'multiprocess';
import { ensureRealm, memoryStats } from '../../dist/memory/index.js';
import { collectUntil, settle } from '../shared/support/collect.ts';
import { codeOf, conformsEverywhere, conformsOnce } from './support.ts';

const VALUES = [
  ['i', 4343, 24234],
  ['d', 3.625, -4.25],
  ['h', -232, 234],
  ['q', 2n ** 33n, 2n ** 34n],
  ['c', 'x', 'y'],
] as const;

async function inChild<A extends readonly any[]>(mp: Context, target: (...args: A) => unknown, args: A): Promise<void> {
  const child = new mp.Process({ target: target as (...given: any[]) => unknown, args: args as never, daemon: true });
  child.start();
  await child.join();
  assert.equal(child.exitCode, 0);
}

for (const [name, make] of [
  ['test_value', (type: string, value: unknown) => new Value<any>(type, value)],
  ['test_rawvalue', (type: string, value: unknown) => new RawValue<any>(type, value)],
] as const) {
  conformsEverywhere('_TestValue', name, async ({ mp }) => {
    const values = VALUES.map(([type, before]) => make(type, before));
    assert.deepEqual(
      values.map((value) => value.value),
      VALUES.map(([, before]) => before),
    );
    const change = (all: { value: unknown }[], table: typeof VALUES) => {
      for (const [i, [, , after]] of table.entries()) all[i]!.value = after;
    };
    await inChild(mp, change, [values, VALUES]);
    assert.deepEqual(
      values.map((value) => value.value),
      VALUES.map(([, , after]) => after),
    );
  });
}

/** None and False: where Python's objects lose methods, ours say that there is no lock. */
conformsOnce('_TestValue', 'test_getobj_getlock', () => {
  const make = (lock: unknown) => new Value('i', 5, { lock } as { lock: true });
  for (const lock of [undefined, true]) {
    assert.ok(make(lock).getLock() instanceof RLock);
    assert.equal(make(lock).getObject().value, 5);
  }
  const own = new Lock();
  assert.equal(make(own).getLock(), own);
  assert.equal(
    codeOf(() => make(false).getLock()),
    'ERR_MP_UNSUPPORTED',
  );
  assert.equal(
    codeOf(() => make('navalue')),
    'ERR_MP_INVALID_ARG',
  );
  assert.equal('getLock' in new RawValue('i', 5) || 'getObject' in new RawValue('i', 5), false);
});

for (const [name, make] of [
  ['test_array', (init: number[]) => new SharedArray('i', init)],
  ['test_rawarray', (init: number[]) => new RawArray('i', init)],
] as const) {
  conformsEverywhere('_TestArray', name, async ({ mp }) => {
    const sequence = [680, 626, 934, 821, 150, 233, 548, 982, 714, 831];
    const array = make(sequence);
    assert.equal(array.length, sequence.length);
    assert.equal(array[3], sequence[3]);
    assert.deepEqual(array.slice(2, 7), sequence.slice(2, 7));
    array.set(Int32Array.of(1, 2, 3, 4), 4);
    sequence.splice(4, 4, 1, 2, 3, 4);
    assert.deepEqual(array.slice(), sequence);
    const sumUp = (numbers: { [index: number]: number; length: number }) => {
      for (let i = 1; i < numbers.length; i++) numbers[i]! += numbers[i - 1]!;
    };
    sumUp(sequence);
    await inChild(mp, sumUp, [array]);
    assert.deepEqual(array.slice(), sequence);
  });
}

conformsOnce('_TestArray', 'test_array_from_size', async () => {
  for (let round = 0; round < 3; round++) {
    const array = new SharedArray('i', 10);
    assert.equal(array.length, 10);
    assert.deepEqual([...array], Array(10).fill(0));
    array.set(Array.from({ length: 10 }, (_, i) => i));
    assert.deepEqual(array[9], 9);
    await settle(); // the next array may have this memory
  }
});

conformsOnce('_TestArray', 'test_getobj_getlock_obj', () => {
  const make = (lock: unknown) => new SharedArray('i', Array(10).keys(), { lock } as { lock: true });
  for (const lock of [undefined, true]) {
    assert.ok(make(lock).getLock() instanceof RLock);
    assert.equal(make(lock).getObject()[9], 9);
  }
  const own = new Lock();
  assert.equal(make(own).getLock(), own);
  assert.equal(
    codeOf(() => make(false).getLock()),
    'ERR_MP_UNSUPPORTED',
  );
  assert.equal(
    codeOf(() => make('notalock')),
    'ERR_MP_INVALID_ARG',
  );
  assert.equal('getLock' in new RawArray('i', 5) || 'getObject' in new RawArray('i', 5), false);
});

const Foo = struct({ x: 'i', y: 'd', z: 'q' });

for (const [name, lock] of [
  ['test_sharedctypes', false],
  ['test_synchronize', true],
] as const) {
  conformsEverywhere('_TestSharedCTypes', name, async ({ mp }) => {
    const x = new Value('i', 7, { lock });
    const y = new Value('d', 1 / 3, { lock });
    const z = new Value('q', 2n ** 33n, { lock });
    const foo = new Value(Foo, { x: 3, y: 2, z: 0n }, { lock });
    const array = new SharedArray('d', Array(10).keys(), { lock });
    const string = new SharedArray('c', 20, { lock });
    string.value = 'hello';
    const double = (...[i, d, q, struct, numbers, text]: [any, any, any, any, any, any]) => {
      for (const number of [i, d]) number.value *= 2;
      q.value *= 2n;
      struct.value.x *= 2;
      struct.value.y *= 2;
      text.value = text.value.repeat(2);
      for (let n = 0; n < numbers.length; n++) numbers[n] *= 2;
    };
    await inChild(mp, double, [x, y, z, foo, array, string]);
    assert.deepEqual([x.value, y.value, z.value], [14, 2 / 3, 2n ** 34n]);
    assert.deepEqual({ ...foo.value }, { x: 6, y: 4, z: 0n });
    assert.deepEqual([...array], [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    assert.equal(string.value, 'hellohello');
  });
}

conformsOnce('_TestSharedCTypes', 'test_copy', () => {
  const foo = new RawValue(Foo, { x: 2, y: 5, z: 2n ** 33n });
  const bar = foo.copy();
  foo.value = { x: 0, y: 0, z: 0n };
  assert.deepEqual({ ...bar.value }, { x: 2, y: 5, z: 2n ** 33n });
});

/** The allocator itself: test/memory. Here: what the garbage collector gives back while others are made. */
conformsOnce('_TestHeap', 'test_heap', async () => {
  ensureRealm();
  const before = await settle();
  const blocks: RawArray<'u8'>[] = [];
  for (let i = 0; i < 5000; i++) {
    blocks.push(new RawArray('u8', Math.floor(Math.exp(Math.random() * 4 - 2) * 1000)));
    if (blocks.length > 50) blocks.splice(Math.floor(Math.random() * 50), 1);
    if (i % 500 === 0) await settle();
  }
  assert.equal(memoryStats().inconsistent, 0);
  blocks.length = 0;
  assert.equal(await collectUntil(() => memoryStats().cells <= before.cells), true);
  assert.ok(memoryStats().cellBytes <= before.cellBytes);
});

conformsOnce('_TestHeap', 'test_free_from_gc', async () => {
  ensureRealm();
  const { cells } = await settle();
  for (let i = 0; i < 5000; i++) {
    const [a, b] = [new RawValue('u8') as any, new RawValue('u8') as any];
    a.buddy = b;
    b.buddy = a;
    if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await collectUntil(() => memoryStats().cells <= cells), true);
});
