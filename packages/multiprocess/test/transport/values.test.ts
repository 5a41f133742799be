import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import { dumps, loads, loadsSync } from '../../src/transport/index.ts';
import { Peer } from './peer.ts';

const peer = new Peer();
after(() => peer.close());

const identity = (x: any) => x;

/** Sends a value there and back; once as plain data, once inside a graph. */
function roundTrips(name: string, value: unknown): void {
  test(name, async () => {
    const before = inspect(value, { depth: Infinity, showHidden: true });
    assert.deepEqual(await peer.run(identity, value), value);
    const [again] = (await peer.run(identity, [value, () => 1])) as [unknown];
    assert.deepEqual(again, value);
    assert.deepEqual(loadsSync(dumps(value)), value);
    assert.equal(inspect(value, { depth: Infinity, showHidden: true }), before, 'sending changes nothing');
  });
}

for (const primitive of [
  0,
  1,
  -1,
  0.5,
  1e300,
  255,
  256,
  2 ** 31,
  -(2 ** 31),
  2 ** 53,
  NaN,
  Infinity,
  -Infinity,
  '',
  'text',
  'é',
  '日本 🎉',
  'x'.repeat(5000),
  '\ud800',
  true,
  false,
  null,
  undefined,
  10n,
  -(2n ** 70n),
])
  roundTrips(`${typeof primitive} ${String(primitive).slice(0, 20)}`, primitive);
roundTrips('arrays', [1, 'two', [3, [4]], [], null, undefined]);
roundTrips('arrays with holes', Object.assign(new Array(3), { 0: 1, 2: 3 }));
roundTrips('arrays with named properties', Object.assign([1, 2], { name: 'list' }));
roundTrips('the match of a regular expression', /(?<year>\d+)/.exec('in 1984')!);
roundTrips('objects', { a: 1, b: { c: 'd', e: [true] }, '': 0, 0: 'zero', '-1': 1, ключ: 1, undefined });
roundTrips('an own property called __proto__', JSON.parse('{"__proto__": {"a": 1}, "b": 2}'));
roundTrips('dates', [new Date(5), new Date(0)]);
roundTrips('regular expressions', /^a+$/gi);
roundTrips('maps and sets', {
  map: new Map<any, any>([
    [1, { a: 2 }],
    ['k', new Map()],
  ]),
  set: new Set([1, 'a', { b: 1 }]),
});
roundTrips('buffers', Buffer.from('hello'));
roundTrips('empty buffers and arrays', [Buffer.alloc(0), new Float64Array(0), new ArrayBuffer(0)]);
roundTrips('array buffers', new Uint8Array([1, 2, 3]).buffer);
for (const Type of [
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
])
  roundTrips(Type.name, Type.from([1, 2, 100]));
roundTrips('BigInt64Array', BigInt64Array.from([1n, -2n]));
roundTrips('DataView', new DataView(new Uint8Array([1, 2, 3]).buffer, 1));
roundTrips('boxed primitives', [Object(1), Object('s'), Object(true)]);
roundTrips(
  'deep nesting',
  (() => {
    let value: unknown = 'bottom';
    for (let i = 0; i < 200; i++) value = i % 2 ? [value] : { value };
    return value;
  })(),
);
roundTrips(
  'long arrays of objects',
  Array.from({ length: 2000 }, (_, i) => ({ i, s: `${i}` })),
);

test('-0 stays -0', async () => {
  assert.ok(Object.is(await peer.run(identity, -0), -0));
  assert.ok(Object.is(((await peer.run(identity, [-0])) as number[])[0], -0));
});

test('symbols', async () => {
  const own = Symbol('own');
  const check = (a: symbol, b: symbol, c: symbol, d: { s: symbol }) => [
    a === Symbol.iterator,
    b === Symbol.for('x'),
    c === d.s,
    c.description,
  ];
  assert.deepEqual(await peer.run(check, Symbol.iterator, Symbol.for('x'), own, { s: own }), [true, true, true, 'own']);
});

test('symbol keys and hidden properties arrive', async () => {
  const key = Symbol.for('key');
  const object = Object.defineProperty({ [key]: 1 }, 'hidden', { value: 2, enumerable: false });
  const arrived: any = await peer.run(identity, object);
  assert.equal(arrived[key], 1);
  assert.equal(arrived.hidden, 2);
  assert.deepEqual(Object.keys(arrived), []);
});

test('getters arrive as their value', async () => {
  const object = {
    get now() {
      return 5;
    },
  };
  assert.deepEqual(await peer.run(identity, object), { now: 5 });
});

test('URL and URLSearchParams', async () => {
  const [url, params] = await peer.run(identity, [new URL('http://a/b?c=1'), new URLSearchParams('x=1&y=2')]);
  assert.ok(url instanceof URL && params instanceof URLSearchParams);
  assert.equal(`${url} ${params}`, 'http://a/b?c=1 x=1&y=2');
});

test('shared and cyclic references keep their shape', async () => {
  const shared = { n: 1 };
  const cyclic: any = { shared, list: [shared] };
  cyclic.self = cyclic;
  for (const value of [cyclic, { cyclic, f: () => 1 }]) {
    const arrived: any = await peer.run(identity, value);
    const inner = arrived.cyclic ?? arrived;
    assert.equal(inner.self, inner);
    assert.equal(inner.list[0], inner.shared);
  }
});

test('many references to one object do not multiply', () => {
  let value: unknown = 'leaf';
  for (let i = 0; i < 60; i++) value = [value, value];
  assert.ok(dumps(value).length < 1000);
});

test('a slice of a large buffer costs what the slice costs', () => {
  const big = new Float64Array(100_000);
  assert.ok(dumps(big.subarray(10, 20)).length < 200);
  assert.ok(dumps(Buffer.from('small')).length < 50);
});

test('a received array has a buffer of its own', () => {
  const bytes = dumps([new Uint8Array([1, 2, 3]), new Float64Array([1.5])]);
  const [array, floats] = loadsSync(bytes);
  assert.equal(array.buffer.byteLength, 3);
  assert.equal(floats.buffer.byteLength, 8);
  bytes.fill(0);
  assert.deepEqual([...array], [1, 2, 3]);
  assert.equal(floats[0], 1.5);
});

test('messages do not share memory', async () => {
  const values = [5, [1, 2], { a: 1 }, 'text', [() => 1], new Map([[1, 2]]), Buffer.from('b'), [new Date(1), () => 2]];
  const messages = values.map((value) => dumps(value));
  for (const [i, bytes] of messages.entries()) assert.deepEqual(await loads(bytes), values[i]);
});

test('long text that is not Latin-1 arrives, wherever the message begins in its buffer', async () => {
  const bytes = dumps(['я'.repeat(3000), () => 1]);
  for (const shift of [0, 1, 2, 3]) {
    const buffer = new Uint8Array(bytes.length + shift);
    buffer.set(bytes, shift);
    const [text] = (await loads(buffer.subarray(shift))) as [string];
    assert.equal(text, 'я'.repeat(3000));
  }
});

test('later changes do not leak in', async () => {
  const value = { list: [1] };
  const bytes = dumps(value);
  value.list.push(2);
  assert.deepEqual(await loads(bytes), { list: [1] });
});
