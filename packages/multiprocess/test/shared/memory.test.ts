/** Memory: what is taken, and that all of it is given back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawArray, RawValue, SharedArray, struct, Value } from 'multiprocess';
import { ensureRealm, memoryStats } from '../../dist/memory/index.js';
import { collectUntil, settle } from './support/collect.ts';
import { everywhere } from './support/places.ts';

const MiB = 2 ** 20;
ensureRealm();

test('values and arrays that nobody refers to', async () => {
  const before = await settle();
  const make = () => {
    for (let i = 0; i < 500; i++) {
      const made = [new Value('i'), new RawValue('d'), new SharedArray('c', 'hello'), new RawArray('i', 20_000)];
      made.push(new Value(struct({ x: 'i' })).value as never);
    }
  };
  make();
  assert.ok(memoryStats().cells > before.cells);
  assert.equal(await collectUntil(() => memoryStats().cells <= before.cells), true);
  assert.ok(memoryStats().residentBytes < before.residentBytes + 4 * MiB);
});

everywhere('what others have been sent, once they have ended', async (run) => {
  const before = await settle();
  const send = () => {
    const value = new Value('i');
    const array = new SharedArray('d', 10_000);
    return run(
      (v: typeof value, a: typeof array, p: Float64Array) => v.add(a[0]! + p[0]!),
      [value, array, array.array.subarray(5)],
    );
  };
  await send();
  assert.equal(await collectUntil(() => memoryStats().cells <= before.cells), true);
});

test('a typed array keeps its memory; with the last one it is given back', async () => {
  const { cells } = await settle();
  let part: Float64Array | undefined = new RawArray('f64', 100_000).array.subarray(99_990);
  part[9] = 5;
  assert.equal((await settle()).cells, cells + 1);
  assert.equal(part[9], 5);
  part = undefined;
  assert.equal(await collectUntil(() => memoryStats().cells <= cells), true);
});

test('the fields of a struct keep its memory', async () => {
  const { cells } = await settle();
  let fields: { x: number } | undefined = new RawValue(struct({ x: 'f64' }), { x: 3 }).value;
  assert.equal((await settle()).cells, cells + 1);
  assert.equal(fields.x, 3);
  fields = undefined;
  assert.equal(await collectUntil(() => memoryStats().cells <= cells), true);
});

everywhere('an array of 1 GB costs the pages that are touched, and gives them back', async (run) => {
  const before = await settle();
  const use = async () => {
    const array = new RawArray('d', 125_000_000);
    assert.ok(memoryStats().cellBytes >= before.cellBytes + 1_000_000_000);
    array.array.fill(1, 0, MiB);
    array[124_999_999] = 2;
    assert.ok(memoryStats().residentBytes < before.residentBytes + 10 * MiB);
    await run(
      (there) => {
        if (there.length !== 125_000_000 || there[124_999_999] !== 2 || there.array[5] !== 1) throw new Error('not it');
        there.array[60_000_000] = 3;
      },
      [array],
    );
    assert.equal(array[60_000_000], 3);
    assert.ok(memoryStats().residentBytes < before.residentBytes + 12 * MiB);
  };
  await use();
  assert.equal(await collectUntil(() => memoryStats().residentBytes < before.residentBytes + MiB), true);
});

test('where there is no room', () => {
  const { cells } = memoryStats();
  assert.throws(() => new RawArray('d', 1e13), { code: 'ERR_MP_NO_MEMORY' });
  assert.equal(memoryStats().cells, cells);
});
