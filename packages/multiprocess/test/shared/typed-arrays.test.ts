/** Typed arrays over shared memory are the same memory wherever they are sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getContext, Pool, RawArray, SharedArray, Value } from 'multiprocess';
import { memoryStats } from '../../dist/memory/index.js';
import { dumps, loadsSync } from '../../dist/transport/index.js';
import { everywhere } from './support/places.ts';

everywhere('an array, a part of it, its bytes, a DataView and the buffer', async (run) => {
  const { array } = new RawArray('f64', [1, 2, 3, 4, 5, 6, 7, 8]);
  const bytes = new Uint8Array(array.buffer);
  await run(
    (whole: Float64Array, part: Float64Array, raw: Buffer, view: DataView, buffer: ArrayBuffer, nested: any) => {
      if (whole.length !== 8 || part.length !== 2 || buffer.byteLength !== 64) throw new Error('lengths');
      if (whole.buffer !== buffer || part.buffer !== buffer || view.buffer !== buffer) throw new Error('one buffer');
      if (buffer.byteLength !== 64 || part.byteOffset !== 8) throw new Error('its size, or a place in it');
      whole[0] = 10;
      part[1] = 30;
      raw.writeDoubleLE(40, 0);
      view.setFloat64(0, 50, true);
      new Float64Array(buffer)[5] = 60;
      nested.deep[0].get('x')[0] = 70;
    },
    [
      array,
      array.subarray(1, 3),
      Buffer.from(bytes.buffer, 24, 8),
      new DataView(array.buffer, 32, 8),
      array.buffer,
      { deep: [new Map([['x', array.subarray(6, 7)]])] },
    ],
  );
  assert.deepEqual([...array], [10, 2, 30, 40, 50, 60, 70, 8]);
});

everywhere('every class of typed array, of the length and place that it had', async (run) => {
  const types = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64', 'c', 'u', 'bool'] as const;
  const parts = types.map((type) => new RawArray(type, 10).array.subarray(3, 5));
  const names = parts.map((part) => part.constructor.name);
  await run(
    (all: any[], classes: string[]) => {
      all.forEach((part, i) => {
        if (part.constructor.name !== classes[i] || part.length !== 2) throw new Error(`${classes[i]}: ${part}`);
        part[1] = typeof part[1] === 'bigint' ? 7n : 7;
      });
    },
    [parts, names],
  );
  for (const part of parts) assert.deepEqual([...part].map(Number), [0, 7]);
});

test('many parts of an array are one reference to it', async () => {
  const { array } = new RawArray('i32', 100_000);
  const rows = Array.from({ length: 20_000 }, (_, i) => array.subarray(i * 5, i * 5 + 5));
  const { references } = memoryStats();
  const arrived = loadsSync(dumps(rows)) as Int32Array[];
  assert.ok(memoryStats().references <= references); // less, when garbage of earlier tests has been found
  for (const [i, row] of arrived.entries()) row.fill(i);
  assert.deepEqual([array[0], array[49_999], array.at(-1)], [0, 9999, 19_999]);
});

test('a captured array, and one that comes back as a result of a pool', async () => {
  const { array } = new SharedArray('i32', 100);
  const pool = new Pool(2);
  await pool.map(
    (i: number) => array.fill(i * i, i, i + 1).length,
    Array.from({ length: 100 }, (_, i) => i),
  );
  assert.deepEqual([array[9], array[99]], [81, 9801]);
  const later = await pool.apply((part: Int32Array) => part.subarray(2, 4), [array.subarray(10, 20).subarray(3)]);
  assert.deepEqual([...later], [225, 256]);
  const back = await pool.apply((part: Int32Array) => part.subarray(1), [array.subarray(10, 20)]);
  assert.equal(back.length, 9);
  back[0] = -1;
  assert.equal(array[11], -1);
  const made = await pool.apply(() => new RawArray('f64', [1, 2, 3]).array.subarray(1));
  assert.deepEqual([...made], [2, 3]);
  const value = await pool.apply(() => new Value('i32', 7));
  assert.equal(value.add(1), 8);
  pool.close();
  await pool.join();
});

test('through a child of a child, of the other start method', async () => {
  const { array } = new RawArray('f64', 4);
  const value = new Value('i64', 1n);
  const [fork, spawn] = [getContext('forkserver'), getContext('spawn')];
  for (const [outer, inner] of [
    [fork, spawn],
    [spawn, fork],
  ] as const) {
    const child = new outer.Process({
      target: async (method, part, counter) => {
        const grandchild = new (getContext(method as 'spawn').Process)({
          target: (p, c) => {
            p[0]! += 1;
            c.add(1);
          },
          args: [part, counter] as const,
        });
        grandchild.start();
        await grandchild.join();
      },
      args: [inner.getStartMethod(), array.subarray(2), value] as const,
    });
    child.start();
    await child.join();
    assert.equal(child.exitCode, 0);
  }
  assert.deepEqual([array[2], value.value], [2, 3n]);
});

test('other arrays are copied as before', () => {
  const shared = new RawArray('u8', 4);
  const own = Uint8Array.of(1, 2, 3, 4);
  const [a, b, c] = loadsSync(dumps([own, shared.array, shared.array.slice()])) as Uint8Array[];
  own[0] = 9;
  shared.array[0] = 8;
  assert.deepEqual([a![0], b![0], c![0]], [1, 8, 0]);
});
