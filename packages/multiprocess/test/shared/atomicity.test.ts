/** Changes that several processes make at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Barrier, getContext, Lock, RawValue, struct, Value } from 'multiprocess';
import { everywhere, failure } from './support/places.ts';

const PROCESSES = 4;
const LOCK_ROUNDS = 1_000_000;

/** Runs `target` in four processes, two of each start method, which begin together. */
async function together<A extends readonly any[]>(target: (...args: A) => void, ...args: A): Promise<void> {
  const barrier = new Barrier(PROCESSES);
  const go = (start: Barrier, body: (...given: A) => void, given: A) => {
    start.waitSync();
    body(...given);
  };
  const children = Array.from({ length: PROCESSES }, (_, i) => {
    const { Process } = getContext(i % 2 ? 'spawn' : 'forkserver');
    const child = new Process({ target: go as any, args: [barrier, target, args] as any });
    child.start();
    return child;
  });
  for (const child of children) await child.join();
  assert.deepEqual(
    children.map((child) => child.exitCode),
    children.map(() => 0),
  );
}

for (const [type, one] of [
  ['i32', 1],
  ['u32', 1],
  ['i16', 1],
  ['u8', 1],
  ['i64', 1n],
  ['u64', 1n],
  ['f32', 1],
  ['f64', 1],
] as const) {
  const rounds = type === 'i32' || type === 'f64' || type === 'i64' ? 250_000 : 20_000;

  test(`${PROCESSES} x ${rounds} add(1) on ${type}`, async () => {
    const value = new Value<any>(type);
    await together(
      (v, n, step) => {
        for (let i = 0; i < n; i++) v.add(step);
      },
      value,
      rounds,
      one,
    );
    assert.equal(value.value, new RawValue<any>(type, PROCESSES * rounds).value);
  });
}

test('update, add and each other do not lose a change', async () => {
  const counter = new Value('i32');
  const sum = new Value('f64');
  const flags = new Value('bool');
  await together(
    (c, s, f) => {
      for (let i = 0; i < 20_000; i++) {
        c.add(1);
        c.update((n: number) => n + 1);
        s.update((n: number) => n + 0.5);
        s.add(0.5);
        f.update((on: boolean) => !on);
      }
    },
    counter,
    sum,
    flags,
  );
  assert.deepEqual([counter.value, sum.value, flags.value], [PROCESSES * 40_000, PROCESSES * 20_000, false]);
});

test('updates of a struct, and assignments to it, are in one piece', async () => {
  const Pair = struct({ a: 'i32', b: 'f64', c: 'i64' });
  for (const lock of [true, new Lock()] as const) {
    const pair = new Value(Pair, { a: 0, b: 0, c: 0n }, { lock: lock as true });
    await together((v: typeof pair) => {
      for (let i = 0; i < 5000; i++) {
        v.update(({ a, b, c }) => {
          if (a !== b || BigInt(a) !== c) throw new Error(`torn: ${a} ${b} ${c}`);
          return { a: a + 1, b: b + 1, c: c + 1n };
        });
        v.value = { a: i, b: i, c: BigInt(i) };
      }
    }, pair);
    assert.equal(pair.value.a, pair.value.b);
  }
});

test(`${PROCESSES} x ${LOCK_ROUNDS} times under one lock`, async () => {
  const counter = new RawValue('i32');
  await together(
    (lock: Lock, value, rounds: number) => {
      for (let i = 0; i < rounds; i++) {
        lock.acquireSync();
        value.value += 1;
        lock.release();
      }
    },
    new Lock(),
    counter,
    LOCK_ROUNDS,
  );
  assert.equal(counter.value, PROCESSES * LOCK_ROUNDS);
});

everywhere('what add and update return elsewhere is what is here', async (run) => {
  const value = new Value('i32', 5);
  const returned = new Value('i32');
  await run(
    (v, r) => {
      r.value = v.add(3) * 100 + v.update((n: number) => n + 1);
    },
    [value, returned],
  );
  assert.deepEqual([value.value, returned.value], [9, 809]);
});

test('add returns the new value, wrapped', () => {
  assert.equal(new Value('i32', 5).add(2), 7);
  assert.equal(new Value('b', 127).add(1), -128);
  assert.equal(new Value('u8', 250).add(-251), 255);
  assert.equal(new Value('u32', 2 ** 32 - 1).add(2), 1);
  assert.equal(new Value('i32', 1).add(2 ** 53 - 1), 0);
  assert.equal(new Value('q', 2n ** 63n - 1n).add(1), -(2n ** 63n));
  assert.equal(new Value('Q').add(-1n), 2n ** 64n - 1n);
  assert.equal(new Value('f', 0.1).add(0.2), Math.fround(Math.fround(0.1) + 0.2));
  assert.equal(new Value('d', 0.1).add(0.2), 0.1 + 0.2);
});

test('what cannot be added or updated', () => {
  for (const type of ['bool', 'c', 'u', struct({ x: 'i' })]) {
    assert.equal(failure(() => (new Value(type as 'i') as any).add(1)).code, 'ERR_MP_UNSUPPORTED');
  }
  const value = new Value('i32', 5);
  for (const wrong of [undefined, '1', 0.5, 1n, null]) {
    assert.match(failure(() => value.add(wrong as never)).message, /^n must be an integer \(type 'i32'\), not /);
  }
  assert.match(failure(() => value.update(7 as never)).message, /^fn must be a function, not 7$/);
  const notYet = failure(() => value.update((async () => 6) as never));
  assert.match(notYet.message, /^the result of fn must be an integer \(type 'i32'\), not an object of class Promise$/);
  assert.throws(
    () =>
      value.update(() => {
        throw new RangeError('no');
      }),
    RangeError,
  );
  assert.equal(value.value, 5);
  const Pair = struct({ a: 'i', b: 'i' });
  const pair = new Value(Pair, { a: 1, b: 2 }, { lock: false });
  assert.equal(failure(() => pair.update((now) => now)).code, 'ERR_MP_UNSUPPORTED');
  assert.equal(
    failure(() => new Value(Pair, { a: 1, b: 2 }).update(({ a }) => ({ a }) as never)).code,
    'ERR_MP_INVALID_ARG',
  );
});

test('updates within an update', () => {
  const [a, b] = [new Value('f64', 1), new Value('f64', 10)];
  const Point = struct({ x: 'i' });
  const point = new Value(Point, { x: 1 }, { lock: new Lock() });
  assert.equal(
    a.update((n) => n + b.update((m) => m + a.value)),
    12,
  );
  point.update(({ x }) => ({ x: x + point.update((inner) => ({ x: inner.x + 1 })).x }));
  assert.deepEqual([a.value, b.value, point.value.x], [12, 11, 3]);
});
