import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawArray, RawValue, SharedArray, type TypeName, Value } from 'multiprocess';
import { everywhere, failure } from './support/places.ts';

/** Type, two values that it keeps as they are, and the typed array behind an array of it. */
const TYPES: [type: TypeName, a: any, b: any, array: string][] = [
  ['c', 'A', '\xff', 'Uint8Array'],
  ['u', 'é', '🦀', 'Uint32Array'],
  ['b', -128, 127, 'Int8Array'],
  ['B', 0, 255, 'Uint8Array'],
  ['h', -32768, 32767, 'Int16Array'],
  ['H', 1, 65535, 'Uint16Array'],
  ['i', -(2 ** 31), 2 ** 31 - 1, 'Int32Array'],
  ['I', 0, 2 ** 32 - 1, 'Uint32Array'],
  ['l', -(2n ** 63n), 2n ** 63n - 1n, 'BigInt64Array'],
  ['L', 0n, 2n ** 64n - 1n, 'BigUint64Array'],
  ['q', -1n, 2n ** 33n, 'BigInt64Array'],
  ['Q', 1n, 2n ** 63n, 'BigUint64Array'],
  ['f', 0.5, -(2 ** 100), 'Float32Array'],
  ['d', 1 / 3, Number.NEGATIVE_INFINITY, 'Float64Array'],
  ['?', true, false, 'Uint8Array'],
  ['i8', -1, 5, 'Int8Array'],
  ['u8', 200, 5, 'Uint8Array'],
  ['i16', -1, 5, 'Int16Array'],
  ['u16', 60000, 5, 'Uint16Array'],
  ['i32', -1, 5, 'Int32Array'],
  ['u32', 4e9, 5, 'Uint32Array'],
  ['i64', -1n, 5n, 'BigInt64Array'],
  ['u64', 1n, 5n, 'BigUint64Array'],
  ['f32', 1.5, 5, 'Float32Array'],
  ['f64', 1e-300, 5, 'Float64Array'],
  ['bool', false, true, 'Uint8Array'],
];

test('a value of every type begins as zero, keeps what it is given, and names its type', () => {
  for (const [type, a, b] of TYPES) {
    for (const Class of [RawValue, Value] as (typeof RawValue)[]) {
      const zero = new Class(type).value;
      assert.ok(!zero || zero === '\0', `${type} begins as ${zero}`);
      const value = new Class<TypeName>(type, a);
      assert.equal(value.value, a, type);
      value.value = b;
      assert.equal(value.value, b, type);
      assert.equal(new Class(value.type, b).value, b, `${type} is ${value.type}`);
    }
  }
});

test('an array of every type is over the right typed array', () => {
  for (const [type, a, b, name] of TYPES) {
    for (const Class of [RawArray, SharedArray] as (typeof RawArray)[]) {
      const array = new Class<TypeName>(type, [a, b, a]);
      assert.deepEqual([...array], [a, b, a]);
      assert.equal(array.array.constructor.name, name);
      assert.equal(array.array.length, 3);
      assert.equal(array.array.buffer.byteLength, 3 * array.array.BYTES_PER_ELEMENT, 'no neighbour can be reached');
      array[2] = b;
      assert.deepEqual(array.slice(), [a, b, b]);
    }
  }
});

everywhere('values and arrays of every type are the same memory elsewhere', async (run) => {
  const values = TYPES.map(([type, a, b]) => ({
    value: new Value<any>(type, a),
    raw: new RawValue<any>(type, a),
    array: new SharedArray<any>(type, [a, a]),
    rawArray: new RawArray<any>(type, [a, a]),
    a,
    b,
  }));
  const work = (all: typeof values) => {
    for (const { value, raw, array, rawArray, a, b } of all) {
      if (value.value !== a || raw.value !== a || array[1] !== a || rawArray[1] !== a) throw new Error(`not ${a}`);
      value.value = b;
      raw.value = b;
      array[1] = b;
      rawArray.set(1, b);
    }
  };
  await run(work, [values]);
  for (const { value, raw, array, rawArray, a, b } of values) {
    assert.deepEqual([value.value, raw.value, ...array, ...rawArray], [b, b, a, b, a, b], `${value.type}`);
  }
});

test('what does not fit wraps around, as in C', () => {
  assert.equal(new Value('b', 300).value, 44);
  assert.equal(new Value('B', -1).value, 255);
  assert.equal(new Value('h', 40_000).value, -25_536);
  assert.equal(new Value('i', 2 ** 31).value, -(2 ** 31));
  assert.equal(new Value('I', 2 ** 40 + 7).value, 7);
  assert.equal(new Value('q', 2n ** 63n).value, -(2n ** 63n));
  assert.equal(new Value('Q', -1).value, 2n ** 64n - 1n);
  assert.equal(new Value('f', 0.1).value, Math.fround(0.1));
  assert.deepEqual([...new RawArray('u8', [256, 257])], [0, 1]);
  assert.equal(new RawArray('i8', 1).fill(200)[0], -56);
});

test('what a type does not accept is refused, and nothing has changed', () => {
  const bad: [TypeName, unknown[]][] = [
    ['i', ['7', 1.5, NaN, Infinity, 7n, null, true, {}, [1]]],
    ['q', ['7', 1.5, NaN, 2 ** 53, null]],
    ['d', ['1', 1n, null, true, {}]],
    ['?', [1, 0, 'true', null]],
    ['c', ['', 'ab', '€', 65, null]],
    ['u', ['', 'ab', 65, null]],
  ];
  for (const [type, values] of bad) {
    const value = new Value<any>(type);
    const array = new SharedArray<any>(type, 1);
    const before = value.value;
    for (const wrong of values) {
      const attempts = [
        () => (value.value = wrong),
        () => value.update(() => wrong),
        () => new Value<any>(type, wrong),
        () => (array[0] = wrong),
        () => array.fill(wrong),
        () => array.set([wrong]),
      ];
      for (const attempt of attempts) assert.equal(failure(attempt).code, 'ERR_MP_INVALID_ARG', `${type} ${wrong}`);
    }
    assert.equal(value.value, before);
    assert.equal(array[0], before);
  }
  const { message } = failure(() => new Value('i32', '7' as never));
  assert.equal(message, `initial must be an integer (type 'i32'), not "7"`);
});

test('a type that does not exist: the message lists those that do', () => {
  for (const type of ['x', 'int', '', 'toString', undefined, null, 4, {}, Int32Array]) {
    for (const make of [() => new Value(type as never), () => new RawArray(type as never, 3)]) {
      const { code, message } = failure(make);
      assert.equal(code, 'ERR_MP_INVALID_ARG');
      assert.match(message, /^this type has no size: type must be one of i8 u8 .* f64 bool c u, .*struct\(\), not /);
    }
  }
});

test('values print what they are', () => {
  assert.equal(String(new Value('i', 7)), 'Value(i32, 7)');
  assert.equal(String(new RawValue('q', 7n)), 'RawValue(i64, 7n)');
  assert.equal(String(new SharedArray('d', [1, 2.5])), 'SharedArray(f64, 2) [1, 2.5]');
  assert.match(String(new RawArray('u8', 1000)), /^RawArray\(u8, 1000\) \[0, 0.* 0, …\]$/);
});

test('a copy is a memory of its own', () => {
  const value = new Value('i', 7);
  const array = new SharedArray('d', [1, 2]);
  const copies = [value.copy(), array.copy()] as const;
  value.value = 8;
  array[0] = 9;
  assert.equal(copies[0].value, 7);
  assert.deepEqual([...copies[1]], [1, 2]);
});
