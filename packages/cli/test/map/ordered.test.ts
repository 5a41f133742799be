import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ordered } from '../../src/map/ordered.ts';

test('gives results in the order of their inputs', () => {
  const ordered = new Ordered<string>(10);
  assert.deepEqual([...ordered.add(1, 'b')], []);
  assert.deepEqual([...ordered.add(0, 'a')], ['a', 'b']);
  assert.deepEqual([...ordered.add(2, 'c')], ['c']);
});

test('holds inputs back while too many results wait', async () => {
  const ordered = new Ordered<string>(2);
  assert.equal(ordered.admit(), undefined);
  assert.equal(ordered.admit(), undefined);
  const held = ordered.admit();
  assert.ok(held);
  assert.deepEqual([...ordered.add(0, 'a')], ['a']);
  await held;
});

test('after a stop gives what is left, in order', () => {
  const ordered = new Ordered<string>(10);
  for (const [index, result] of [
    [5, 'f'],
    [3, 'd'],
  ] as const)
    assert.deepEqual([...ordered.add(index, result)], []);
  assert.deepEqual([...ordered.rest()], ['d', 'f']);
});
