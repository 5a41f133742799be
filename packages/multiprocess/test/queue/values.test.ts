/** What can be put, and what arrives. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Lock, Pipe, type PipeConnection, Queue, RawArray, SharedArray, SharedMemory, Value } from 'multiprocess';
import { onEachWay, start } from '../sync/crew.ts';

const cycle: unknown[] = [1];
cycle.push(cycle);

const VALUES: unknown[] = [
  undefined,
  null,
  true,
  -0,
  Number.NaN,
  2 ** 60,
  10n ** 40n,
  'text, äöü, 🎉, \ud800',
  '',
  'x'.repeat(100_000),
  Object.assign(Array(3), { 0: 1, 2: 3 }), // with a hole
  { a: { b: [{ c: 1 }] } },
  Object.assign(Object.create(null), { plain: 1 }),
  new Date(7),
  /a+/giu,
  new Map<unknown, unknown>([[{ k: 1 }, new Set([1, 'two'])]]),
  new Uint8Array([1, 2, 3]),
  new Float64Array(5000).fill(0.5),
  new BigInt64Array([-1n]),
  new DataView(new ArrayBuffer(4), 1, 2),
  new ArrayBuffer(3),
  Buffer.from('bytes'),
  new URL('https://example.org/?q=1'),
  cycle,
];

test('values of every kind of structured clone, in any form', async () => {
  const queue = new Queue();
  for (const value of VALUES) {
    queue.putSync(value);
    await queue.put([value, value]);
    assert.deepEqual(queue.getSync(), value);
    assert.deepEqual(await queue.get(), [value, value]);
  }
});

test('what was got does not change with the next one', () => {
  const queue = new Queue<Uint8Array | { bytes: Uint8Array }>();
  for (const size of [10, 1000, 20_000]) {
    queue.putManySync([
      new Uint8Array(size).fill(1),
      { bytes: new Uint8Array(size).fill(2) },
      new Uint8Array(size).fill(3),
    ]);
    const [a, b, c] = queue.getManySync(3) as [Uint8Array, { bytes: Uint8Array }, Uint8Array];
    assert.deepEqual(
      [a, b.bytes, c].map((bytes) => [bytes.length, ...new Set(bytes)]),
      [1, 2, 3].map((n) => [size, n]),
    );
  }
});

test('large ones arrive byte for byte, at any alignment', () => {
  const queue = new Queue<Uint8Array>();
  const [sender, receiver] = Pipe({ duplex: false }).reverse() as [PipeConnection, PipeConnection];
  const all = randomBytes(2 ** 21 + 200);
  for (const size of [-1, 0, 1, 63, 64, 65, 2 ** 20 + 7].map((more) => 2 ** 20 + more)) {
    const bytes = all.subarray(size % 61, (size % 61) + size);
    queue.putSync(bytes);
    assert.equal(Buffer.compare(bytes, queue.getSync()), 0, `${size} bytes`);
    sender.sendBytesSync(bytes);
    assert.equal(Buffer.compare(bytes, receiver.recvBytesSync()), 0, `${size} bytes`);
  }
});

test('a value is put as it is now', async () => {
  const queue = new Queue<{ n: number; bytes: Uint8Array }>(1);
  const values = [10, 50_000].map((size) => ({ n: 1, bytes: new Uint8Array(size) }));
  for (const value of values) {
    await queue.put(value);
    const waiting = queue.put(value); // has to wait for room
    value.n = 2;
    value.bytes.fill(9);
    for (let i = 0; i < 2; i++) {
      const { n, bytes } = await queue.get();
      assert.deepEqual([n, ...new Set(bytes)], [1, 0]);
    }
    await waiting;
  }
});

test('what cannot be sent is refused at once, with the path to it, and leaves nothing', async () => {
  const queue = new Queue();
  const value = { jobs: [1, { lock: new Lock(), when: Promise.resolve() }] };
  const refused = { code: 'ERR_MP_CAPTURE', message: /\.jobs\[1\]\.when/ };
  assert.throws(() => queue.putSync(value), refused);
  assert.throws(() => queue.tryPut(value), refused);
  await assert.rejects(queue.put(value), refused);
  await assert.rejects(queue.putMany([value]), refused);
  assert.equal(queue.isEmpty(), true);
  queue.putSync('next');
  assert.equal(await queue.get(), 'next');
});

class Shape {
  readonly sides: number;
  constructor(sides: number) {
    this.sides = sides;
  }
  grow(n: number): Shape {
    return new Shape(this.sides + n);
  }
}

class OwnError extends RangeError {
  code = 'E_OWN';
  override name = 'OwnError';
}

onEachWay('functions, closures, instances and errors', async ({ way, mp }) => {
  const [there, back] = [new mp.Queue<any>(), new mp.Queue<any>()];
  const member = start(way, async () => {
    const [add, shape, error] = await there
      .getMany(1)
      .then(async ([first]) => [first, await there.get(), there.getSync()]);
    await back.put([add(1), (x: number) => x * 2]); // `add` itself would arrive at home as the original
    back.putSync(shape.grow(1));
    const local = new Error('local', { cause: error });
    back.putSync(local);
    return [
      error.name,
      error.code,
      error.message,
      error.cause.message,
      error instanceof RangeError,
      /values\.test/.test(error.stack),
    ];
  });
  let n = 10;
  there.putSync((x: number) => x + n);
  n = 0;
  there.putSync(new Shape(4));
  await there.put(new OwnError('lost', { cause: new Error('why') }));
  const [sum, double] = await back.get();
  assert.deepEqual([sum, double(4)], [11, 8]);
  const grown = await back.get();
  assert.deepEqual([grown instanceof Shape, grown.sides], [true, 5]);
  const error = await back.get();
  assert.deepEqual([error.message, error.cause.code, error.cause.cause.message], ['local', 'E_OWN', 'why']);
  assert.match(error.cause.stack, /values\.test/);
  assert.deepEqual(await member.result, ['OwnError', 'E_OWN', 'lost', 'why', true, true]);
});

onEachWay('shared objects arrive as the same ones', async ({ way, mp }) => {
  const [there, back] = [new mp.Queue<any>(), new mp.Queue<any>()];
  const memory = new SharedMemory({ create: true, size: 16 });
  const member = start(way, async () => {
    const { lock, inner, value, array, part, raw, end, memory } = await there.get();
    lock.acquireSync();
    inner.putSync('from inside');
    value.add(1);
    array.array[0] = 1.5;
    part[0] = 2.5;
    raw[1] = 3;
    memory.buf[3] = 4;
    end.sendSync('through the pipe');
    back.putSync({ array, part: array.array.subarray(2, 3) });
    await end.recv();
    lock.release();
  });
  const [lock, inner, value] = [new Lock(), new Queue(), new Value('i', 41)];
  const [array, raw] = [new SharedArray('d', 4), new RawArray('i32', 3)];
  const [here, end] = Pipe();
  there.putSync({ lock, inner, value, array, part: array.array.subarray(1, 2), raw: raw.array, end, memory });
  end.close();
  assert.equal(await here.recv(), 'through the pipe');
  const returned = await back.get();
  assert.equal(lock.locked(), true);
  assert.equal(inner.getSync(), 'from inside');
  assert.equal(value.value, 42);
  assert.deepEqual([...array.array], [1.5, 2.5, 0, 0]);
  assert.deepEqual([...raw.array], [0, 3, 0]);
  assert.equal(memory.buf[3], 4);
  returned.part[0] = 7;
  assert.deepEqual([returned.array.array[2], array.array[2]], [7, 7], 'the same memory');
  here.sendSync('done');
  await member.result;
  assert.equal(lock.locked(), false);
  memory.close();
  memory.unlink();
});

test('an object that stands in a message twice arrives as one, and arrives again from the next', () => {
  const queue = new Queue<any>();
  const lock = new Lock();
  queue.putManySync([[lock, { lock }], lock]);
  const [[a, b], c] = queue.getManySync(2) as any;
  assert.equal(a, b.lock);
  assert.notEqual(a, c);
  a.acquireSync();
  assert.deepEqual([lock.locked(), c.locked()], [true, true]);
  a.release();
});

test('queues in queues, three deep', async () => {
  const outer = new Queue<Queue<Queue<string>>>();
  {
    const [middle, inner] = [new Queue<Queue<string>>(), new Queue<string>()];
    inner.putSync('deep');
    middle.putSync(inner);
    outer.putSync(middle);
    middle.close();
    inner.close();
  }
  assert.equal(outer.getSync().getSync().getSync(), 'deep');
});

test('a queue that was put into itself comes out as itself', () => {
  const queue = new Queue<any>();
  queue.putSync(queue);
  const same = queue.getSync();
  same.putSync(1);
  assert.equal(queue.getSync(), 1);
});

test('a pipe end through the pipe whose end it is', async () => {
  const [a, b] = Pipe<PipeConnection | string>();
  a.sendSync(b);
  const again = (await b.recv()) as PipeConnection;
  b.close();
  a.sendSync('still there');
  assert.equal(again.recvSync(), 'still there');
});

test('a message with thousands of shared objects', () => {
  const queue = new Queue<any>();
  const locks = Array.from({ length: 5000 }, () => new Lock());
  queue.putSync(locks);
  locks[4999]!.acquireSync();
  const got = queue.getSync();
  assert.deepEqual([got.length, got[4999].locked(), got[0].locked()], [5000, true, false]);
  locks[4999]!.release();
  assert.throws(() => queue.putSync(Array.from({ length: 9000 }, () => new Lock())), { code: 'ERR_MP_UNSUPPORTED' });
  assert.equal(queue.isEmpty(), true);
});
