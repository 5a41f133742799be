import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawArray, SharedArray } from 'multiprocess';
import { failure } from './support/places.ts';

for (const Class of [RawArray, SharedArray] as (typeof RawArray)[]) {
  test(`${Class.name}: made from a size, an iterable, a typed array or a string`, () => {
    assert.deepEqual([...new Class('i', 3)], [0, 0, 0]);
    assert.deepEqual([...new Class('i', new Set([1, 2]))], [1, 2]);
    assert.deepEqual([...new Class('f32', Float32Array.of(0.1))], [Math.fround(0.1)]);
    assert.deepEqual([...new Class('i', Float64Array.of(1, 2))], [1, 2]);
    assert.deepEqual([...new Class('c', Uint8Array.of(65, 66))], ['A', 'B']);
    assert.deepEqual([...new Class('u', 'a🦀')], ['a', '🦀']);
    for (const empty of [new Class('d', 0), new Class('d', [])]) {
      assert.deepEqual([empty.length, empty.array.length, [...empty]], [0, 0, []]);
    }
  });

  test(`${Class.name}: sizes and sources that make no sense`, () => {
    const wrong: [unknown, RegExp][] = [
      [-1, /^Array length must be >= 0, not -1$/],
      [1.5, /^sizeOrInit must be an integer of at least 0, or an iterable, not 1.5$/],
      [NaN, /^sizeOrInit must be an integer/],
      [undefined, /^sizeOrInit must be an iterable of elements of type i32, not undefined$/],
      [{ length: 2 }, /^sizeOrInit must be an iterable/],
      [3n, /^sizeOrInit must be an iterable/],
      [[1, '2'], /^sizeOrInit\[1\] must be an integer \(type 'i32'\), not "2"$/],
      ['12', /^sizeOrInit\[0\] must be an integer/],
    ];
    for (const [source, message] of wrong) {
      const error = failure(() => new Class('i', source as never));
      assert.equal(error.code, 'ERR_MP_INVALID_ARG');
      assert.match(error.message, message);
    }
    assert.equal(failure(() => new Class('d', 2 ** 50)).code, 'ERR_MP_NO_MEMORY');
  });

  test(`${Class.name}: indexes`, () => {
    const array = new Class('i', [10, 20, 30]);
    array[1] = array[0]! + 1;
    array[2]!++;
    assert.deepEqual(
      [array[0], array.get(1), array.at(-1), array.at(3), array.at(-4)],
      [10, 11, 31, undefined, undefined],
    );
    for (const index of [3, -1, 1.5, NaN, Infinity, 2 ** 53]) {
      for (const act of [
        () => array[index],
        () => array.get(index),
        () => array.set(index, 1),
        () => (array[index] = 1),
      ]) {
        if (Number.isFinite(index) || act.toString().includes('et(')) {
          assert.deepEqual(failure(act), {
            code: 'ERR_MP_INVALID_ARG',
            message: `invalid index: ${index}, in an array of 3`,
          });
        }
      }
    }
    assert.equal((array as any).nothing, undefined);
    (array as any).note = 'own';
    assert.deepEqual(Object.entries(array).at(-1), ['note', 'own']);
    assert.equal(Object.hasOwn(array, '0'), false);
  });

  test(`${Class.name}: set, fill and slice are those of a typed array`, () => {
    const typed = Int16Array.of(1, 2, 3, 4, 5);
    const array = new Class('h', typed);
    const ranges: [number?, number?][] = [
      [],
      [1],
      [-2],
      [1, 3],
      [-3, -1],
      [4, 2],
      [-9, 9],
      [1.7, 2.9],
      [NaN, 2],
      [0, NaN],
    ];
    for (const range of ranges) {
      assert.deepEqual(array.slice(...range), [...typed.slice(...range)], `slice(${range})`);
      typed.fill(range.length, ...range);
      assert.deepEqual([...array.fill(range.length, ...range)], [...typed], `fill(0, ${range})`);
    }
    array.set([7, 8], 3);
    array.set(Int16Array.of(6));
    array.set(1, 5);
    assert.deepEqual(array.slice(), [6, 5, ...typed.slice(2, 3), 7, 8]);
    for (const at of [4, -1, 0.5]) {
      assert.match(failure(() => array.set([1, 2], at)).message, /^invalid index: 2 elements from index /);
    }
    assert.ok(Array.isArray(array.slice()));
  });
}

test('text in an array of characters ends at the first NUL', () => {
  const text = new SharedArray('c', 8);
  assert.equal(text.value, '');
  text.value = 'hello';
  text.value = 'bye';
  assert.equal(text.value, 'bye');
  assert.equal(text[4], 'o', 'behind it nothing was written');
  text.value = '12345678';
  assert.equal(text.value, '12345678');
  assert.match(failure(() => (text.value = '123456789')).message, /^value must be a string of at most 8 characters/);
  assert.match(failure(() => (text.value = '€')).message, /^value\[0\] must be a string of one character up to/);
  const wide = new RawArray('u', 4);
  wide.value = 'a🦀€';
  assert.equal(wide.value, 'a🦀€');
  assert.equal(failure(() => (new RawArray('i', 3) as any).value).code, 'ERR_MP_UNSUPPORTED');
});
