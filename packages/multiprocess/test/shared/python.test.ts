/** Byte for byte the same as real CPython, in both directions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShareableList, SharedMemory } from 'multiprocess';
import { python, skip } from './support/python.ts';
import { gone, segmentExists, segmentName } from './support/segments.ts';

test('Python reads and writes a segment of ours, and leaves it alone', { skip }, async () => {
  const memory = new SharedMemory({ create: true, size: 5000 });
  memory.buf.set([1, 2, 3], 4000);
  const seen = await python(
    `
memory = attach(args[0])
print(json.dumps([memory.size, list(memory.buf[4000:4003]), sum(memory.buf)]))
memory.buf[4999] = 200`,
    memory.name,
  );
  assert.deepEqual(seen, [5000, [1, 2, 3], 6]);
  assert.equal(memory.buf[4999], 200);
  assert.ok(segmentExists(memory.name));
  memory.unlink();
});

test('we read and write a segment of Python’s, which may unlink it', { skip }, async () => {
  const name = segmentName();
  await python(`memory = leave_alone(SharedMemory(args[0], create=True, size=3000)); memory.buf[2999] = 77`, name);
  const memory = new SharedMemory({ name });
  assert.deepEqual([memory.size, memory.buf[2999]], [3000, 77]);
  memory.buf[0] = 5;
  const seen = await python(`memory = SharedMemory(args[0]); print(memory.buf[0]); memory.unlink()`, name);
  assert.equal(seen, 5);
  assert.throws(() => memory.unlink(), { code: 'ERR_MP_NOT_FOUND' });
});

test('each finds the names of the other taken', { skip }, async () => {
  const memory = new SharedMemory({ create: true, size: 8 });
  const seen = await python(
    `
try: SharedMemory(args[0], create=True, size=8)
except FileExistsError as error: print(json.dumps(error.filename))`,
    memory.name,
  );
  assert.equal(seen, `/${memory.name}`);
  memory.unlink();
  const name = await python<string>(`
memory = leave_alone(SharedMemory(create=True, size=8)); print(json.dumps(memory.name))`);
  assert.match(name, /^psm_[0-9a-f]{8}$/);
  assert.throws(() => new SharedMemory({ name, create: true, size: 8 }), { code: 'ERR_MP_EXISTS' });
  new SharedMemory({ name }).unlink();
});

test('an interpreter that only attached to a segment unlinks it at its end, unless told not to', { skip }, async () => {
  const memory = new SharedMemory({ create: true, size: 8 });
  const quiet = `import os; os.dup2(os.open('/dev/null', os.O_WRONLY), 2)`; // it warns
  await python(`${quiet}; SharedMemory(args[0])`, memory.name);
  await gone(memory.name); // docs/shared-memory.md says so
});

/** What both sides make, as JavaScript and as Python writes it. */
const LISTS: [string, unknown[], string][] = [
  [
    'the example',
    [1, -2, 1.5, true, 'abc', '12345678', Buffer.from('xy'), null],
    `[1, -2, 1.5, True, 'abc', '12345678', b'xy', None]`,
  ],
  ['the empty list', [], '[]'],
  [
    'integers',
    [0, 1n, -1, 2 ** 53 - 1, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)],
    '[0, 1, -1, 2**53 - 1, 2**53, 2**63 - 1, -2**63]',
  ],
  [
    'floats',
    [0.1, ShareableList.float(1), -0, 1e300, Infinity, -Infinity, 2 ** 53],
    `[0.1, 1.0, -0.0, 1e300, float('inf'), float('-inf'), 2.0**53]`,
  ],
  ['booleans and nothing', [true, false, null], '[True, False, None]'],
  [
    'text',
    ['', 'a', '1234567', '12345678', 'a\0b', 'x'.repeat(1000)],
    `['', 'a', '1234567', '12345678', 'a\\0b', 'x' * 1000]`,
  ],
  ['bytes', [Buffer.alloc(0), Uint8Array.of(0, 255), Buffer.alloc(17, 7)], `[b'', b'\\x00\\xff', b'\\x07' * 17]`],
];

for (const [what, values, source] of LISTS) {
  test(`a list is the same bytes on both sides: ${what}`, { skip }, async () => {
    const ours = new ShareableList(values as []);
    const name = segmentName();
    const bytes = await python<string>(
      `
values = ShareableList(${source}, name=args[0]); leave_alone(values.shm)
print(json.dumps(bytes(values.shm.buf).hex()))`,
      name,
    );
    assert.equal(Buffer.from(ours.shm.buf).toString('hex'), bytes);
    const theirs = new ShareableList(undefined, { name });
    assert.deepEqual([...theirs], [...ours]);
    assert.equal(theirs.format, ours.format);
    const isSame = await python(
      `
ours = attach_list(args[0])
print(json.dumps(list(ours) == ${source} and repr(list(ours)) == repr(list(${source}))))`,
      ours.shm.name,
    );
    assert.equal(isSame, true);
    ours.shm.unlink();
    theirs.shm.unlink();
  });
}

test('Python reads text that it could not have written itself', { skip }, async () => {
  const list = new ShareableList(['日本語', 'é'.repeat(15)]);
  const seen = await python(`print(json.dumps(list(attach_list(args[0]))))`, list.shm.name);
  assert.deepEqual(seen, ['日本語', 'é'.repeat(15)]);
  list.shm.unlink();
});

/** Changes in place, one after the other, in both languages. */
const CHANGES: [number, unknown, string][] = [
  [0, 'text', `'text'`],
  [0, -5, '-5'],
  [1, true, 'True'],
  [2, 7.25, '7.25'],
  [3, 'ABCDEFGH12345678', `'ABCDEFGH12345678'`],
  [3, Uint8Array.of(1, 2), `b'\\x01\\x02'`],
  [4, null, 'None'],
  [4, 'x', `'x'`],
  [5, 2n ** 62n, '2**62'],
];

test('what is set in place is the same bytes, too, whoever sets it', { skip }, async () => {
  const start = ['int', 1, null, '12345678', 'abc', 'z'];
  const ours = new ShareableList(start as []);
  const theirs = new ShareableList(start as []);
  for (const [index, value, source] of CHANGES) {
    ours.set(index, value as null);
    await python(`attach_list(args[0])[args[1]] = ${source}`, theirs.shm.name, index);
    assert.equal(Buffer.from(theirs.shm.buf).toString('hex'), Buffer.from(ours.shm.buf).toString('hex'), source);
    assert.deepEqual([...theirs], [...ours]);
  }
  ours.shm.unlink();
  theirs.shm.unlink();
});
