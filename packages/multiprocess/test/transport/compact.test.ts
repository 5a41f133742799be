import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeCompact } from '../../src/transport/wire/compact.ts';
import { readCompact } from '../../src/transport/wire/compactReader.ts';
import { TAG } from '../../src/transport/wire/format.ts';

test('what it writes it reads', () => {
  let state = 42;
  const random = (n: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % n;
  };
  const numbers = [
    0,
    -0,
    1,
    -1,
    63,
    64,
    -64,
    -65,
    127,
    128,
    2 ** 31 - 1,
    -(2 ** 31),
    2 ** 31,
    2 ** 53,
    0.1,
    NaN,
    Infinity,
  ];
  const strings = ['', 'a', 'ÿ', 'Ā', '日本', '🎉', '\ud800', 'x'.repeat(256), 'я'.repeat(200)];
  const make = (depth: number): unknown => {
    switch (random(depth > 3 ? 4 : 6)) {
      case 0:
        return numbers[random(numbers.length)];
      case 1:
        return strings[random(strings.length)];
      case 2:
        return [true, false, null, undefined][random(4)];
      case 3:
        return random(2 ** 24) - 2 ** 23;
      case 4:
        return Array.from({ length: random(4) }, () => make(depth + 1));
      default:
        return Object.fromEntries(Array.from({ length: random(4) }, (_, i) => [`key${i}`, make(depth + 1)]));
    }
  };
  let written = 0;
  for (let i = 0; i < 5000; i++) {
    const value = make(0);
    const bytes = writeCompact(value, TAG.compact);
    if (!bytes) continue;
    written++;
    assert.equal(bytes[0], TAG.compact);
    assert.deepEqual(readCompact(bytes), value);
  }
  assert.ok(written > 4000);
});

test('each message has memory of its own', () => {
  const first = writeCompact([1, 'one'], TAG.compact)!;
  writeCompact({ another: 'value', longer: 'than the first' }, TAG.compact);
  assert.deepEqual(readCompact(first), [1, 'one']);
  assert.equal(first.buffer.byteLength, first.byteLength);
});

test('what it cannot carry is left to others', () => {
  const shared = {};
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const hidden = Object.defineProperty({}, 'x', { value: 1, enumerable: false });
  class Sample {}
  const refused = [
    [shared, shared],
    cyclic,
    hidden,
    new Sample(),
    new Map(),
    new Array(2),
    Object.assign([1], { named: 1 }),
    { [Symbol.iterator]: 1 },
    () => 1,
    10n,
    'x'.repeat(257),
    Array.from({ length: 10_000 }, () => 1),
    JSON.parse('{"__proto__": 1}'),
    Object.create(null),
    process.env,
    new Proxy({}, {}),
  ];
  for (const value of refused) assert.equal(writeCompact(value, TAG.compact), undefined);
});
