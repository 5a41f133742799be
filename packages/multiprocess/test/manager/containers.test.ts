/** dict, list, set, Namespace, Value, Array: what they do, and what happens at their edges. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Manager, type MultiprocessError, sameReferent } from 'multiprocess';
import { untilEnd } from './support.ts';

const code = (expected: string) => (error: MultiprocessError) => error.code === expected;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('dict', async () => {
  const manager = untilEnd(await Manager());
  const dict = await manager.dict<string, number>({ a: 1, b: 2 });
  assert.equal(await dict.get('a'), 1);
  assert.equal(await dict.get('x'), undefined);
  assert.equal(await dict.get('x', 9), 9);
  await dict.set('c', 3);
  assert.equal(await dict.has('c'), true);
  assert.equal(await dict.delete('c'), true);
  assert.equal(await dict.delete('c'), false);
  assert.deepEqual(
    [await dict.keys(), await dict.values(), await dict.entries()],
    [
      ['a', 'b'],
      [1, 2],
      [
        ['a', 1],
        ['b', 2],
      ],
    ],
  );
  assert.equal(await dict.size(), 2);
  await dict.update(
    new Map([
      ['b', 20],
      ['d', 4],
    ]),
  );
  assert.equal(await dict.pop('b'), 20);
  assert.equal(await dict.pop('b', -1), -1);
  assert.equal(await dict.setdefault('a', 100), 1);
  assert.equal(await dict.setdefault('e', 5), 5);
  assert.deepEqual(await dict.popitem(), ['e', 5]);
  assert.deepEqual(await all(dict), [
    ['a', 1],
    ['d', 4],
  ]);
  assert.deepEqual(
    dict.copySync(),
    new Map([
      ['a', 1],
      ['d', 4],
    ]),
  );
  await dict.clear();
  assert.equal(await dict.popitem(), undefined);
  const keys = await manager.dict<unknown, string>([
    [1, 'number'],
    ['1', 'string'],
    [null, 'null'],
    [1n, 'bigint'],
  ]);
  assert.deepEqual(
    [await keys.get(1), await keys.get('1'), await keys.get(null), await keys.get(1n)],
    ['number', 'string', 'null', 'bigint'],
  );
  await assert.rejects(keys.set({}, 'object'), code('ERR_MP_INVALID_ARG'));
  await assert.rejects(manager.dict([1] as never), code('ERR_MP_INVALID_ARG'));
  assert.equal(await (await manager.dict(JSON.parse('{"__proto__": 1}'))).get('__proto__'), 1);
});

test('list', async () => {
  const manager = untilEnd(await Manager());
  const list = await manager.list([3, 1, 2]);
  await list.append(4);
  await list.extend([5, 6]);
  await list.insert(0, 0);
  assert.deepEqual(await list.copy(), [0, 3, 1, 2, 4, 5, 6]);
  assert.deepEqual([await list.get(1), await list.get(-1), await list.get(99)], [3, 6, undefined]);
  await list.set(-1, 60);
  assert.equal(await list.pop(), 60);
  assert.equal(await list.pop(0), 0);
  assert.equal(await list.pop(99), undefined);
  assert.equal(await list.remove(1), true);
  assert.equal(await list.remove(1), false);
  assert.deepEqual(
    [await list.index(5), await list.index(77), await list.includes(2), await list.count(2)],
    [3, -1, true, 1],
  );
  await list.sort();
  await list.reverse();
  assert.deepEqual(await list.slice(1, 3), [4, 3]);
  await list.sort((a, b) => a - b);
  assert.deepEqual([await list.copy(), await list.length()], [[2, 3, 4, 5], 4]);
  await assert.rejects(list.set(4, 1), code('ERR_MP_INVALID_ARG'));
  await assert.rejects(list.get('0' as never), code('ERR_MP_INVALID_ARG'));
  const mixed = await manager.list<unknown>([1, 'a', { x: [1] }]);
  await assert.rejects(mixed.sort(), code('ERR_MP_INVALID_ARG'));
  assert.equal(await mixed.index({ x: [1] }), 2, 'compared by contents');
  await mixed.clear();
  assert.equal(await mixed.pop(), undefined);
});

test('a list is iterated in chunks, and what is appended meanwhile is seen', async () => {
  const manager = untilEnd(await Manager());
  const numbers = Array.from({ length: 1000 }, (_, i) => i);
  const list = await manager.list(numbers);
  assert.deepEqual(await all(list), numbers);
  const seen: number[] = [];
  for await (const n of list) {
    if (n === 0) await list.append(1000);
    seen.push(n);
  }
  assert.equal(seen.at(-1), 1000);
  assert.deepEqual(await all(await manager.list()), []);
});

test('set', async () => {
  const manager = untilEnd(await Manager());
  const set = await manager.set([1, 2]);
  await set.add(3);
  assert.equal(await set.has(3), true);
  assert.deepEqual(await set.union([4]), new Set([1, 2, 3, 4]));
  assert.deepEqual(await set.intersection(new Set([1, 9])), new Set([1]));
  assert.deepEqual(await set.difference([1]), new Set([2, 3]));
  assert.deepEqual(await set.symmetricDifference([1, 9]), new Set([2, 3, 9]));
  assert.deepEqual(
    [await set.isSubsetOf([1, 2, 3, 4]), await set.isSupersetOf([1]), await set.isDisjointFrom([7])],
    [true, true, true],
  );
  const other = await manager.set([3, 7]);
  assert.deepEqual(await set.intersection(other as never), new Set([3]), 'with another set of the manager');
  assert.equal(await set.delete(1), true);
  assert.deepEqual(await all(set), [2, 3]);
  assert.equal(await set.size(), 2);
  await assert.rejects(set.add({} as never), code('ERR_MP_INVALID_ARG'));
});

test('Namespace', async () => {
  const manager = untilEnd(await Manager());
  const ns = await manager.Namespace({ x: 1 });
  ns.y = [1];
  ns._hidden = 2;
  assert.deepEqual([await ns.x, await ns.y, await ns._hidden, await ns.nothing], [1, [1], 2, undefined]);
  assert.deepEqual(await ns.copy(), { x: 1, y: [1] });
  assert.equal(await ns.delete('y'), true);
  assert.equal(await ns.has('y'), false);
  await ns.set('get', 'value');
  assert.equal(await ns.get('get'), 'value');
  assert.throws(() => {
    ns.get = 1 as never;
  }, TypeError);
});

test('Value and Array', async () => {
  const manager = untilEnd(await Manager());
  const value = await manager.Value('i', 1);
  value.value = 5;
  assert.equal(await value.value, 5);
  await value.set(6);
  assert.equal(await value.add(2), 8);
  const array = await manager.Array('d', [1, 2, 3]);
  await array.set(-1, 30);
  assert.deepEqual(
    [await array.get(2), await array.length(), await array.slice(1), await all(array)],
    [30, 3, [2, 30], [1, 2, 30]],
  );
  assert.deepEqual(await (await manager.Array('i', 2)).copy(), [0, 0]);
  await assert.rejects(array.set(3, 1), code('ERR_MP_INVALID_ARG'));
});

test('objects of the manager in each other', async () => {
  const manager = untilEnd(await Manager());
  const [outer, inner, queue] = [await manager.dict(), await manager.list<any>([1]), await manager.Queue()];
  await outer.set('list', inner);
  await inner.append(queue);
  const found = await outer.get('list');
  assert.ok(sameReferent(found, inner));
  await found.set(0, 'changed');
  assert.equal(await inner.get(0), 'changed');
  await (await found.get(1)).put('deep');
  assert.equal(await queue.get(), 'deep');
  await inner.append(outer); // a cycle
  assert.ok(sameReferent(await (await (await outer.get('list')).get(2)).get('list'), inner));
  assert.equal(outer.getSync('list').getSync(0), 'changed');
});

test('what is stored is a copy; what is got is one, too', async () => {
  const manager = untilEnd(await Manager());
  const dict = await manager.dict<string, number[]>();
  const mine = [1];
  await dict.set('k', mine);
  mine.push(2);
  (await dict.get('k'))!.push(3);
  assert.deepEqual(await dict.get('k'), [1]);
});
