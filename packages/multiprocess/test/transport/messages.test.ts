import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import {
  CaptureError,
  decodeFrom,
  decodeOwned,
  dumps,
  encodeInto,
  encodeParts,
  loadsSync,
  registerSharedMemory,
  scratch,
} from '../../src/transport/index.ts';
import { LARGE } from '../../src/transport/wire/compact/layout.ts';
import { TAG } from '../../src/transport/wire/format.ts';
import { RandomValues } from './randomValues.ts';

/** The message of `value` by way of `encodeInto`, `shift` bytes from the beginning of other memory. */
function placed(value: unknown, shift: number): { memory: Uint8Array; end: number } {
  const size = encodeInto(value);
  assert.ok(size > 0);
  const memory = new Uint8Array(size + shift + 3).fill(0xee);
  memory.set(scratch.bytes.subarray(0, size), shift);
  return { memory, end: shift + size };
}

function copyOf(value: unknown): any {
  const { memory, end } = placed(value, 1);
  return decodeFrom(memory, 1, end)!.value;
}

test('random values arrive by every way', () => {
  const values = new RandomValues(7);
  for (let i = 0; i < 4000; i++) {
    const value = values.next();
    const message = dumps(value);
    assert.equal(message[0], TAG.compact);
    assert.deepStrictEqual(loadsSync(message), value);
    assert.deepStrictEqual(decodeOwned(Buffer.concat(encodeParts(value)))!.value, value);
    if (message.length > 15_000) continue;
    const { memory, end } = placed(value, i % 9);
    const decoded = decodeFrom(memory, i % 9, end)!.value;
    memory.fill(0xcc);
    assert.deepStrictEqual(decoded, value);
  }
});

test('random graphs arrive with their references', () => {
  const values = new RandomValues(11, { sharesObjects: true });
  let repeated = 0;
  for (let i = 0; i < 4000; i++) {
    const value = values.next();
    const expected = describe(value);
    const message = dumps(value);
    if (/#\d/.test(expected)) {
      repeated++;
      assert.equal(message[0], TAG.compact | TAG.shared);
    }
    assert.equal(describe(loadsSync(message)), expected);
    if (message.length < 15_000) assert.equal(describe(copyOf(value)), expected);
  }
  assert.ok(repeated > 300);
});

// All of a value in its order, with an object that comes again as its number: `deepStrictEqual` takes no notice of these.
function describe(value: any, seen = new Map<object, number>()): string {
  if (typeof value !== 'object' || value === null)
    return Object.is(value, -0) ? '-0' : `${typeof value} ${String(value)}`;
  const number = seen.get(value);
  if (number !== undefined) return `#${number}`;
  seen.set(value, seen.size);
  const members = (list: unknown[]) => list.map((item) => describe(item, seen)).join();
  if (value instanceof Map) return `Map(${members([...value].flat(1))})`;
  if (value instanceof Set) return `Set(${members([...value])})`;
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer(${[...new Uint8Array(value)]})`;
  if (ArrayBuffer.isView(value))
    return `${value.constructor.name}(${[...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)]})`;
  const keys = Object.keys(value);
  return `${Array.isArray(value) ? 'Array' : 'Object'}(${keys.join()})(${members(keys.map((key) => value[key]))})`;
}

test('keys arrive in their order, and are own properties', () => {
  for (let i = 0; i < 40; i++) {
    // Also after the shape is known well enough to have a function of its own.
    const copy = copyOf(JSON.parse('{"b": 1, "7": 2, "__proto__": {"x": 3}, "a": 4, "1": 5, "constructor": 6}'));
    assert.deepEqual(Reflect.ownKeys(copy), ['1', '7', 'b', '__proto__', 'a', 'constructor']);
    assert.equal(Object.getPrototypeOf(copy), Object.prototype);
    assert.deepEqual(Object.getOwnPropertyDescriptor(copy, '__proto__')!.value, { x: 3 });
  }
});

test('records of more shapes than are remembered', () => {
  const records = Array.from({ length: 3000 }, (_, i) => ({ [`key${i}`]: i, [`${i}`]: { x: i, [`y${i % 700}`]: i } }));
  for (let round = 0; round < 3; round++) {
    assert.deepStrictEqual(loadsSync(dumps(records)), records);
    for (const record of records) assert.deepStrictEqual(copyOf(record), record);
  }
});

test('an invalid date stays one', () => {
  const { date } = copyOf({ date: new Date(NaN) });
  assert.ok(Number.isNaN(date.getTime()));
});

test('records of very many or very long keys', () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i]));
  const long = { ['x'.repeat(3000)]: 1, ['y'.repeat(3000)]: { ['я'.repeat(2000)]: 2 } };
  for (const value of [many, long]) assert.deepStrictEqual(copyOf(value), value);
  const hidden = Object.defineProperty({ ...many }, 'hidden', { value: 1, enumerable: false });
  assert.equal(encodeInto(hidden), -1);
});

test('a getter is called once, and what it does harms nothing', () => {
  let calls = 0;
  const value = {
    first: { a: 1 },
    get sent() {
      calls++;
      dumps({ a: 'different', b: [1, 2, 3] });
      encodeInto({ c: 'message' });
      return 'sent';
    },
    last: { a: 2 },
  };
  assert.deepEqual(copyOf(value), { first: { a: 1 }, sent: 'sent', last: { a: 2 } });
  assert.equal(calls, 1);
  const growing = {
    get a(): number {
      (growing as any).c = 3;
      return 1;
    },
    b: 2,
  };
  assert.equal(loadsSync(dumps(growing)).a, 1);
  assert.deepEqual(copyOf({ after: 'that' }), { after: 'that' });
});

test('encodeInto refuses what is not plain, and runs no proxy', () => {
  class Sample {}
  const touched: PropertyKey[] = [];
  const touch = (_: object, key: PropertyKey = '') => touched.push(key);
  const proxy = new Proxy({}, { get: touch, has: (target, key) => touch(target, key) > 0 } as ProxyHandler<object>);
  const refused = [
    Object.defineProperty({}, 'x', { value: 1, enumerable: false }),
    { [Symbol.iterator]: 1 },
    new Sample(),
    [new Sample()],
    () => 1,
    { f() {} },
    Symbol.iterator,
    new Array(2),
    Object.assign([1], { named: 1 }),
    Object.assign(Array.from({ length: 100 }, Number), { named: 1 }),
    Object.defineProperty(Array.from({ length: 100 }, Number), 'hidden', { value: 1 }),
    Object.assign(new Map(), { named: 1 }),
    Object.assign(new Date(), { named: 1 }),
    Object.create(null),
    process.env,
    new Uint8Array(new SharedArrayBuffer(8)),
    new ArrayBuffer(8, { maxByteLength: 16 }),
    /x/,
    Object(1),
    proxy,
    [proxy],
    {
      get bad() {
        throw new Error('no');
      },
    },
  ];
  for (const value of refused) assert.equal(encodeInto(value), -1, String(typeof value));
  assert.deepEqual(touched, []);
});

test('encodeParts says what cannot be sent', () => {
  assert.throws(() => encodeParts({ list: [new WeakRef({})] }), CaptureError);
  assert.deepEqual(copyOf([1]), [1]);
});

test('what needs a graph is left to loads', () => {
  const parts = encodeParts([1, () => 2]);
  const message = Buffer.concat(parts);
  assert.equal(decodeFrom(message, 0, message.length), undefined);
  assert.equal(decodeOwned(message), undefined);
  assert.equal(loadsSync(message)[1](), 2);
});

test('what only the format of V8 carries', () => {
  const value = [/x/gi, { a: 1 }];
  const message = Buffer.concat([Buffer.from('odd'), ...encodeParts(value)]);
  assert.deepStrictEqual(decodeFrom(message, 3, message.length), { value });
});

test('the border of the working memory', () => {
  const { length } = scratch.bytes;
  assert.equal(scratch.words.buffer, scratch.bytes.buffer);
  const makers: ((n: number) => unknown)[] = [
    (n) => 'x'.repeat(n),
    (n) => 'я'.repeat(n >> 1),
    (n) => new Uint8Array(n),
    (n) => Array.from({ length: n }, (_, i) => i % 100),
    (n) => ['x'.repeat(n - 200), { a: 1, b: { c: 'three', d: [1.5, -1, 1e10] } }],
    (n) => Object.fromEntries(Array.from({ length: n / 16 }, (_, i) => [`key${i}`.padEnd(10), 1e9 + i])),
  ];
  for (const make of makers) {
    let [fitted, refused] = [0, 0];
    for (let n = length - 600; n < length + 40; n++) {
      const value = make(n);
      const size = encodeInto(value);
      assert.ok(size <= length);
      const message = Buffer.concat(encodeParts(value));
      if (size < 0) refused++;
      else {
        fitted++;
        assert.equal(size, message.length);
        assert.ok(message.equals(scratch.bytes.subarray(0, size)) || encodeInto(value) === size);
      }
      assert.deepStrictEqual(decodeOwned(message)!.value, value);
    }
    assert.ok(refused > 0 && fitted + refused === 640);
  }
});

test('a decoded value shares no memory with the message', () => {
  const value = [
    new Uint8Array([1, 2, 3]),
    new Float64Array([1.5]),
    Buffer.from('four'),
    new Uint8Array(LARGE).fill(5),
  ];
  const parts = new Uint8Array(Buffer.concat(encodeParts(value)));
  const decoded = decodeFrom(parts, 0, parts.length)!.value;
  const loaded = loadsSync(parts);
  parts.fill(0);
  assert.deepStrictEqual(decoded, value);
  assert.deepStrictEqual(loaded, value);
  for (const view of loaded) assert.notEqual(view.buffer, parts.buffer);
});

test('a large array is neither copied on its way out nor, from a message of its own, on its way in', () => {
  for (const array of [
    new Float64Array(LARGE).fill(1.5),
    Buffer.alloc(LARGE, 7),
    new DataView(new ArrayBuffer(LARGE)),
  ]) {
    const parts = encodeParts(array);
    assert.ok(parts.some((part) => part.buffer === array.buffer && part.byteLength === array.byteLength));
    const message = new Uint8Array(Buffer.concat(parts));
    const arrived = decodeOwned(message)!.value;
    assert.deepStrictEqual(arrived, array);
    assert.equal(arrived.buffer, message.buffer);
    assert.equal(arrived.byteOffset, message.byteOffset + 8);
    assert.notEqual(loadsSync(message).buffer, message.buffer);
  }
});

test('large arrays inside others', () => {
  const record = {
    odd: 'x',
    first: new Float64Array(LARGE).fill(0.5),
    between: 1,
    second: new Uint8Array(LARGE + 1).fill(9),
  };
  const value = { record, again: record.first, rest: 'text'.repeat(5000) };
  const parts = encodeParts(value);
  assert.equal(parts.filter((part) => part.buffer === record.first.buffer).length, 1);
  const message = new Uint8Array(Buffer.concat(parts));
  const arrived = decodeOwned(message)!.value;
  assert.deepStrictEqual(arrived, value);
  assert.equal(arrived.again, arrived.record.first);
  assert.equal(arrived.record.first.buffer, message.buffer); // most of the message
  assert.notEqual(arrived.record.second.buffer, message.buffer);
});

test('a slice costs the slice, and views of resizable memory what they show', () => {
  const big = new Float64Array(100_000);
  assert.ok(encodeInto(big.subarray(10, 20)) < 100);
  const resizable = new ArrayBuffer(8, { maxByteLength: 64 });
  const tracking = new Uint8Array(resizable);
  assert.equal(copyOf(tracking).length, 8);
  resizable.resize(16);
  assert.equal(copyOf(tracking).length, 16);
  const buffer = loadsSync(dumps(resizable));
  assert.equal(buffer.byteLength, 16);
  assert.equal(buffer.maxByteLength, 64);
});

test('messages have memory of their own', () => {
  const first = dumps([1, 'one']);
  dumps({ another: 'value', longer: 'than the first' });
  assert.deepEqual(loadsSync(first), [1, 'one']);
  assert.equal(first.buffer.byteLength, first.byteLength);
});

test('long lists of records name their keys once', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => ({ identifier: i, description: 'row', amount: i / 2 }));
  const message = dumps(rows);
  assert.ok(message.length < 1000 * 25);
  assert.deepStrictEqual(loadsSync(message), rows);
});

test('memory that processes have in common is not plain', () => {
  const buffer = new ArrayBuffer(8);
  registerSharedMemory<string>({
    tag: 'test memory',
    isShared: (candidate) => candidate === buffer,
    pack: () => 'the buffer',
    unpack: () => buffer,
  });
  for (const value of [buffer, new Uint8Array(buffer), [new DataView(buffer)]]) assert.equal(encodeInto(value), -1);
  assert.equal(loadsSync(dumps([new Uint8Array(buffer)]))[0], buffer);
});

test('records arrive where code generation from strings is disallowed', () => {
  const program = `
    import assert from 'node:assert/strict';
    import { decodeFrom, encodeInto, scratch } from '${new URL('../../dist/transport/index.js', import.meta.url)}';
    assert.throws(() => new Function('return 1'), EvalError);
    for (let i = 0; i < 100; i++) {
      const value = JSON.parse('{"b": 1, "7": ' + i + ', "__proto__": {"x": 3}}');
      assert.deepEqual(decodeFrom(scratch.bytes, 0, encodeInto(value)), { value });
    }
    console.log('passed');`;
  const args = ['--disallow-code-generation-from-strings', '--input-type=module', '-e', program];
  assert.equal(execFileSync(process.execPath, args, { encoding: 'utf8' }), 'passed\n');
});

test('data beside functions keeps its references', () => {
  const shared = { list: [1, /two/] as unknown[] };
  shared.list.push(shared);
  const [first, second] = loadsSync(dumps([shared, new Map([['key', shared]]), () => 1]));
  assert.equal(first.list[2], first);
  assert.equal(second.get('key'), first);
  const plain = { list: [1] as unknown[] };
  plain.list.push(plain, plain.list);
  const [arrived, other] = loadsSync(dumps([plain, { plain, fn: () => 1 }]));
  assert.equal(arrived.list[1], arrived);
  assert.equal(arrived.list[2], arrived.list);
  assert.equal(other.plain, arrived);
});
