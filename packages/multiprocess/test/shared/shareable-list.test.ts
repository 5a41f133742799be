import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { ShareableList, SharedMemory } from 'multiprocess';
import { segmentName } from './support/segments.ts';

/** A list that is unlinked at once: it lives as long as it is open. */
function listOf(...values: any[]): ShareableList {
  const list = new ShareableList(values);
  list.shm.unlink();
  return list;
}

const KINDS = [1, -2, 1.5, true, 'abc', '12345678', Buffer.from('xy'), null];

test('what goes in comes out', () => {
  const list = listOf(
    ...KINDS,
    false,
    undefined,
    '',
    'ä日本𝄞',
    2n ** 63n - 1n,
    -(2n ** 63n),
    2 ** 53 - 1,
    -0,
    Infinity,
  );
  assert.deepEqual(
    [...list],
    [
      1,
      -2,
      1.5,
      true,
      'abc',
      '12345678',
      Uint8Array.from(Buffer.from('xy')),
      null,
      false,
      null,
      '',
      'ä日本𝄞',
      2n ** 63n - 1n,
      -(2n ** 63n),
      2 ** 53 - 1,
      -0,
      Infinity,
    ],
  );
  assert.equal(list.length, 17);
});

test('the layout is CPython’s', () => {
  const list = listOf(...KINDS);
  assert.equal(list.format, 'qqdxxxxxxx?8s16s8sxxxxxx?x');
  assert.equal(list.shm.size, 224);
  const longs = new BigInt64Array(list.shm.buf.buffer, 0, 10);
  assert.deepEqual([...longs].map(Number), [8, 0, 8, 16, 24, 32, 40, 56, 64, 72]);
  assert.deepEqual([...list.shm.buf.subarray(216)], [0, 0, 0, 0, 1, 1, 2, 3]);
});

test('an integer comes as a number where that is exact, else as a bigint', () => {
  const list = listOf(2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n) + 1n, -(2n ** 53n), 5n);
  assert.deepEqual([...list], [2 ** 53 - 1, 2n ** 53n, -(2 ** 53) + 1, -(2n ** 53n), 5]);
  assert.equal(list.format, 'qqqqq');
});

test('what is a float stays one', () => {
  const list = listOf(0.5, ShareableList.float(1), 1, 1e300, Number.NaN);
  assert.equal(list.format, 'ddqdd');
  list.set(0, 2);
  list.set(2, 3);
  assert.equal(list.format, 'ddqdd');
  assert.deepEqual([...list].slice(0, 3), [2, 1, 3]);
  list.set(0, 2n);
  list.set(2, ShareableList.float(3));
  assert.equal(list.format, 'qddd' + 'd');
  list.set(2, 'three');
  list.set(2, 4);
  assert.equal(list.get(2), 4);
  assert.equal(list.format, 'qdqdd');
});

test('an item may change its type in place', () => {
  const list = listOf('12345678', 1);
  for (const value of [true, null, -1, 0.5, '12345678ABCDEFGH', '', Uint8Array.of(1, 2), 'x']) {
    list.set(0, value);
    assert.deepEqual(list.get(0), value);
    list.set(1, typeof value === 'string' ? value.slice(0, 8) : value);
  }
  assert.equal(list.format, '16s8s');
  list.set(1, 7);
  assert.equal(list.format, '16sq');
});

test('a shorter text leaves nothing of the longer one', () => {
  const list = listOf('abcdefg');
  list.set(0, 'x');
  assert.equal(Buffer.from(list.shm.buf.subarray(24, 32)).toString('latin1'), 'x\0\0\0\0\0\0\0');
});

test('slots are sized by UTF-8 bytes', () => {
  const text = 'é'.repeat(15);
  const list = listOf(text, '日本語');
  assert.deepEqual([...list], [text, '日本語']);
  assert.equal(list.format, '32s16s');
});

test('trailing NULs of strings and bytes are lost, those within stay', () => {
  const list = listOf('a\0b\0\0', Uint8Array.of(0, 1, 0, 2, 0, 0), '\0');
  assert.deepEqual([...list], ['a\0b', Uint8Array.of(0, 1, 0, 2), '']);
});

test('get, set and index say what was wrong', () => {
  const list = listOf('abc', 1);
  assert.equal(list.get(-1), 1);
  list.set(-2, 'abcdefgh');
  assert.equal(list.get(0), 'abcdefgh');
  const invalid = (message: RegExp) => ({ code: 'ERR_MP_INVALID_ARG', message });
  for (const index of [2, -3]) {
    assert.throws(() => list.get(index), invalid(/^index out of range: -?\d of 2/));
    assert.throws(() => list.set(index, 1), invalid(/^assignment index out of range/));
  }
  for (const index of [0.5, '0', undefined, Number.NaN] as number[])
    assert.throws(() => list.get(index), invalid(/^index must be an integer/));
  assert.throws(() => list.set(0, 'abcdefghi'), invalid(/^bytes\/str item exceeds available storage: 9 of 8 bytes/));
  assert.throws(() => list.set(1, 'ä'.repeat(5)), invalid(/^bytes\/str item exceeds available storage: 10 of 8/));
  assert.throws(() => list.index('zz'), invalid(/^ShareableList\.index\(x\): x not in list: there is no "zz"/));
  assert.throws(
    () => list.set(0, 2n ** 63n),
    invalid(/^an integer of a ShareableList must be between .*, not 9223372036854775808n/),
  );
  assert.throws(() => list.set(0, [] as never), invalid(/^a value of a ShareableList must be .*, not an array of 0/));
  assert.deepEqual([...list], ['abcdefgh', 1], 'unchanged');
});

test('a value that cannot be held is refused before there is a segment', () => {
  const name = segmentName();
  assert.throws(() => new ShareableList([1, {} as never], { name }), { code: 'ERR_MP_INVALID_ARG' });
  assert.throws(() => new ShareableList(['x'.repeat(9_999_999)], { name }), {
    code: 'ERR_MP_INVALID_ARG',
    message: /shorter than/,
  });
  assert.throws(() => new SharedMemory({ name }), { code: 'ERR_MP_NOT_FOUND' });
  assert.throws(() => new ShareableList([], { nme: 'x' } as {}), {
    code: 'ERR_MP_INVALID_ARG',
    message: /unknown option 'nme'/,
  });
  assert.throws(() => ShareableList.float('1' as never), { code: 'ERR_MP_INVALID_ARG' });
});

test('count and index compare numbers by value and bytes by their bytes', () => {
  const list = listOf(1, 1n, 1.5, true, '1', Buffer.from('1'), null, 1);
  assert.deepEqual(
    [1, 1n, true, '1', Uint8Array.from(Buffer.from('1')), null, undefined, 2].map((value) => list.count(value)),
    [3, 3, 1, 1, 1, 1, 1, 0],
  );
  assert.deepEqual(
    [1n, 1.5, '1', null].map((value) => list.index(value)),
    [0, 2, 4, 6],
  );
});

test('a copy has the same formats', () => {
  const list = listOf(ShareableList.float(1), 1, 'abc', Uint8Array.of(1), null);
  const same = new ShareableList(list);
  same.shm.unlink();
  assert.equal(same.format, list.format);
  assert.deepEqual(Buffer.from(same.shm.buf), Buffer.from(list.shm.buf));
});

test('it prints its name and items', () => {
  const list = listOf('a', 1);
  assert.equal(inspect(list), `ShareableList '${list.shm.name}' [ 'a', 1 ]`);
  list.shm.close();
  assert.equal(inspect(list), `ShareableList '${list.shm.name}' closed`);
});

test('the empty list is one', () => {
  const list = listOf();
  assert.deepEqual([[...list], list.length, list.format, list.shm.size], [[], 0, '', 16]);
});

test('it is attached to by name; a closed one says so', () => {
  const list = new ShareableList([1, 'x'], { name: segmentName() });
  const other = new ShareableList(null, { name: list.shm.name });
  other.set(0, 5);
  assert.deepEqual([...list], [5, 'x']);
  list.shm.close();
  assert.throws(() => list.get(0), { code: 'ERR_MP_CLOSED' });
  assert.throws(() => [...list], { code: 'ERR_MP_CLOSED' });
  assert.equal(list.length, 2);
  other.shm.unlink();
  assert.throws(() => new ShareableList(undefined, { name: list.shm.name }), { code: 'ERR_MP_NOT_FOUND' });
  other[Symbol.dispose]();
});

test('a name that is taken is refused when values are given, also none', () => {
  const memory = new SharedMemory({ name: segmentName(), create: true, size: 8 });
  assert.throws(() => new ShareableList([1], { name: memory.name }), { code: 'ERR_MP_EXISTS' });
  assert.throws(() => new ShareableList([], { name: memory.name }), { code: 'ERR_MP_EXISTS' });
  memory.unlink();
});

for (const [what, longs] of Object.entries<bigint[]>({
  'a negative length': [-1n, 0n, 0n],
  'a length beyond the segment': [1000n, 0n, 0n],
  'a huge length': [2n ** 62n, 0n, 0n],
  'slots in no order': [2n, 0n, 16n, 8n],
  'slots beyond the segment': [1n, 0n, 2n ** 40n],
  'slots before the data': [1n, -8n, 8n],
  'too few bytes': [0n],
})) {
  test(`a segment with ${what} is no list`, () => {
    const memory = new SharedMemory({ create: true, size: 8 * longs.length });
    new BigInt64Array(memory.buf.buffer).set(longs);
    const attach = () => new ShareableList(undefined, { name: memory.name });
    assert.throws(attach, { code: 'ERR_MP_BAD_HANDLE', message: /does not hold a ShareableList/ });
    memory.unlink();
  });
}

test('a format that no list has is noticed when the item is read', () => {
  const list = listOf(1, 'abc');
  list.shm.buf.set(Buffer.from('99s'), 8 * 4 + 16 + 8);
  assert.throws(() => list.get(1), { code: 'ERR_MP_BAD_HANDLE', message: /format "99s"/ });
});
