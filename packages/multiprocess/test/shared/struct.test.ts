import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { type Field, type Fields, RawArray, RawValue, SharedArray, struct, Value } from 'multiprocess';
import { everywhere, failure } from './support/places.ts';

const Point = struct({ x: 'f64', y: 'f64' });
const Particle = struct({ alive: 'bool', at: Point, kind: 'c', hits: 'i16', id: 'u64', charge: 'f32' });
const particle = { alive: true, at: { x: 1.5, y: -2 }, kind: 'p', hits: 3, id: 2n ** 63n, charge: 0.25 };

test('fields are read and written one by one, or all together', () => {
  for (const Class of [RawValue, Value] as (typeof RawValue)[]) {
    const value = new Class(Particle, particle);
    assert.deepEqual(JSON.parse(JSON.stringify(value.value.at)), { x: 1.5, y: -2 });
    assert.deepEqual({ ...value.value, at: { ...value.value.at } }, particle);
    value.value.at.x += 1;
    value.value.hits = 70_000;
    value.value.at = { x: value.value.at.x, y: 7 };
    assert.deepEqual({ ...value.value.at }, { x: 2.5, y: 7 });
    assert.equal(value.value.hits, 4464);
    assert.equal(value.value, value.value, 'always the same object');
    value.value = new Class(Particle, particle).value;
    assert.deepEqual({ ...value.value, at: { ...value.value.at } }, particle);
  }
});

test('fields that are missing, unknown or of another type: nothing has changed', () => {
  const value = new Value(Particle, particle);
  const { at: _, ...rest } = particle;
  const wrong: [unknown, RegExp][] = [
    [rest, /^value\.at must be an object with the fields x, y, not undefined$/],
    [{ ...particle, weight: 1 }, /^value: no field 'weight'; there are alive, at, kind, hits, id, charge$/],
    [{ ...particle, at: { x: 5, y: '6' } }, /^value\.at\.y must be a number \(type 'f64'\), not "6"$/],
    [{ ...particle, hits: 1.5 }, /^value\.hits must be an integer/],
    [7, /^value must be an object with the fields alive/],
    [[1], /^value must be an object/],
  ];
  for (const [input, message] of wrong) {
    const error = failure(() => (value.value = input as never));
    assert.equal(error.code, 'ERR_MP_INVALID_ARG');
    assert.match(error.message, message);
  }
  assert.throws(() => ((value.value as any).typo = 1), TypeError);
  assert.deepEqual({ ...value.value, at: { ...value.value.at } }, particle);
});

test('a struct needs fields, with types and proper names', () => {
  const wrong: unknown[] = [
    {},
    null,
    7,
    ['i'],
    { x: 'int' },
    { 0: 'i' },
    { 'a b': 'i' },
    { ['__proto__']: 'i' },
    { x: {} },
  ];
  for (const fields of wrong) assert.equal(failure(() => struct(fields as Fields)).code, 'ERR_MP_INVALID_ARG');
  assert.match(
    failure(() => struct({ x: 'int' as 'i' })).message,
    /^this type has no size: the type of field 'x' must be/,
  );
});

test('arrays of structs', () => {
  const points = new SharedArray(Point, [
    { x: 1, y: 2 },
    { x: 3, y: 4 },
  ]);
  points[1]!.x = 30;
  points[0] = { x: 10, y: 20 };
  assert.deepEqual(points.slice(), [
    { x: 10, y: 20 },
    { x: 30, y: 4 },
  ]);
  assert.deepEqual([...new Float64Array(points.array.buffer)], [10, 20, 30, 4]);
  points.fill({ x: 0, y: 1 }, 1);
  assert.deepEqual([points.length, points.at(-1)!.y, points[0]!.y], [2, 1, 20]);
  const error = failure(() => points.set([{ x: 5, y: 5 }, { x: 5 } as never]));
  assert.match(error.message, /^source\[1\]\.y must be a number/);
  assert.equal(points[0]!.x, 10, 'nothing has changed');
});

everywhere('structs, their fields and arrays of them are the same memory elsewhere', async (run) => {
  const value = new Value(Particle, particle);
  const array = new RawArray(Particle, 1000);
  await run(
    (v, fields, a, element, P) => {
      v.value.hits += 1;
      fields.at.y = 8;
      a[998].id = v.value.id;
      element.kind = 'q';
      if (new P.constructor({ x: 'i' }).size !== 4) throw new Error('no struct');
    },
    [value, value.value, array, array[999]!, Point] as [any, any, any, any, any],
  );
  assert.equal(value.value.hits, 4);
  assert.equal(value.value.at.y, 8);
  assert.equal(array[998]!.id, particle.id);
  assert.equal(array[999]!.kind, 'q');
});

const python = spawnSync('python3', ['--version']);
const skip = python.status !== 0 && 'there is no python3 on this machine';

test("the layout is that of CPython's ctypes", { skip }, () => {
  const layouts = [
    struct({ x: 'f64', n: 'i32' }),
    struct({ a: 'c', b: 'i16', c: 'c', d: 'i32', e: 'c', f: 'i64', g: 'c' }),
    struct({ a: '?', b: 'f', c: 'b', d: 'H', e: 'B', f: 'Q', g: 'u', h: 'c', i: 'L' }),
    Particle,
    struct({ c: 'c', p: Particle, d: 'c', q: struct({ a: 'c', b: 'c', c: 'c' }), e: 'h' }),
  ];
  const described = layouts.map(({ fields, size }) => ({ size, fields: fields.map(ofField) }));
  const program = `
import ctypes, json, sys
codes = dict(i8='int8', u8='uint8', i16='int16', u16='uint16', i32='int32', u32='uint32', i64='int64', u64='uint64',
             f32='float', f64='double', bool='bool', c='char', u='wchar')
def make(fields):
    kinds = [(name, make(type) if isinstance(type, list) else getattr(ctypes, 'c_' + codes[type])) for name, type in fields]
    return type('S', (ctypes.Structure,), {'_fields_': kinds})
out = []
for fields in json.load(sys.stdin):
    S = make(fields)
    out.append({'size': ctypes.sizeof(S), 'fields': [[n, getattr(S, n).offset, getattr(S, n).size] for n, _ in S._fields_]})
print(json.dumps(out))`;
  const input = JSON.stringify(layouts.map(({ definition }) => typesOf(definition)));
  assert.deepEqual(described, JSON.parse(execFileSync('python3', ['-c', program], { input, encoding: 'utf8' })));
});

const ofField = ({ name, offset, size }: Field) => [name, offset, size];

function typesOf(definition: Fields): unknown[] {
  return Object.entries(definition).map(([name, type]) => [
    name,
    typeof type === 'string' ? String(new RawValue(type).type) : typesOf(type.definition),
  ]);
}
