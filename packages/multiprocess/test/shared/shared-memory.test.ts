import assert from 'node:assert/strict';
import { closeSync, mkdirSync, openSync, rmdirSync, statSync, symlinkSync, truncateSync, unlinkSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { SharedMemory } from 'multiprocess';
import { segmentExists, segmentName } from './support/segments.ts';

test('a new segment is zeroed, has its exact size, and can be written', () => {
  const memory = new SharedMemory({ create: true, size: 5000 });
  assert.match(memory.name, /^psm_[0-9a-f]{8}$/);
  assert.equal(memory.size, 5000);
  assert.ok(memory.buf instanceof Uint8Array);
  assert.equal(memory.buf.length, 5000);
  assert.ok(memory.buf.every((byte) => byte === 0));
  memory.buf[4999] = 42;
  assert.equal(memory.buf[4999], 42);
  const file = statSync(`/dev/shm/${memory.name}`);
  assert.equal(file.size, 5000);
  assert.equal(file.mode & 0o777, 0o600);
  memory.unlink();
});

test('two objects of one name share the bytes, each with a mapping of its own', () => {
  const memory = new SharedMemory({ name: segmentName(), create: true, size: 16 });
  const other = new SharedMemory({ name: memory.name, size: 99 }); // as in CPython, size means nothing here
  assert.equal(other.size, 16);
  memory.buf[3] = 7;
  assert.equal(other.buf[3], 7);
  other.close();
  assert.equal(memory.buf[3], 7);
  memory.unlink();
});

test('atomics and typed arrays work on it', () => {
  const memory = new SharedMemory({ create: true, size: 64 });
  const other = new SharedMemory({ name: memory.name });
  const words = new Int32Array(memory.buf.buffer);
  Atomics.add(words, 3, 5);
  assert.equal(Atomics.load(new Int32Array(other.buf.buffer), 3), 5);
  memory.unlink();
});

test('close empties every view, and nothing but close() and unlink() works from then on', () => {
  const memory = new SharedMemory({ create: true, size: 64 });
  const { buf, name } = memory;
  const words = new Int32Array(buf.buffer, 8, 2);
  const view = new DataView(buf.buffer);
  memory.close();
  memory.close();
  assert.deepEqual([buf.length, buf[0], words.length, buf.buffer.byteLength], [0, undefined, 0, 0]);
  buf[0] = 1; // goes nowhere
  assert.throws(() => view.getInt8(0), TypeError);
  assert.throws(() => memory.buf, { code: 'ERR_MP_CLOSED', message: new RegExp(name) });
  assert.deepEqual([memory.name, memory.size], [name, 64]);
  memory.unlink();
  assert.equal(segmentExists(name), false);
});

test('`using` closes, and leaves the name', () => {
  const memory = new SharedMemory({ create: true, size: 8 });
  memory[Symbol.dispose]();
  assert.ok(memory.closed);
  new SharedMemory({ name: memory.name })[Symbol.dispose]();
  memory.unlink();
});

test('unlinking takes the name at once, and the memory with the last who has it open', () => {
  const memory = new SharedMemory({ create: true, size: 8 });
  memory.unlink();
  memory.buf[0] = 1;
  assert.equal(memory.buf[0], 1);
  assert.throws(() => new SharedMemory({ name: memory.name }), notFound(memory.name));
  assert.throws(() => memory.unlink(), notFound(memory.name));
});

const notFound = (name: string) => (error: any) => {
  assert.equal(error.code, 'ERR_MP_NOT_FOUND');
  assert.match(error.message, new RegExp(`'${name}'`));
  assert.equal(error.cause.code, 'ENOENT');
  return true;
};

test('a name that is taken is ERR_MP_EXISTS, and what is there stays', () => {
  const memory = new SharedMemory({ name: segmentName(), create: true, size: 8 });
  memory.buf[0] = 9;
  assert.throws(
    () => new SharedMemory({ name: memory.name, create: true, size: 8 }),
    (error: any) =>
      error.code === 'ERR_MP_EXISTS' && error.cause.code === 'EEXIST' && error.message.includes(memory.name),
  );
  assert.equal(memory.buf[0], 9);
  memory.unlink();
});

const misuse: [string, any, RegExp][] = [
  ['no arguments', undefined, /^'name' can only be None if create=True/],
  ['no name', {}, /^'name' can only be None if create=True/],
  ['a null name', { name: null }, /^'name' can only be None if create=True/],
  ['no size', { create: true }, /^'size' must be a positive number different from zero/],
  ['size 0', { create: true, size: 0 }, /^'size' must be a positive number different from zero/],
  ['a negative size', { create: true, size: -1 }, /^'size' must be a positive integer, not -1/],
  ['a negative size when attaching', { name: 'x', size: -1 }, /^'size' must be a positive integer/],
  ['a fraction', { create: true, size: 1.5 }, /^'size' must be a positive integer, not 1.5/],
  ['NaN', { create: true, size: Number.NaN }, /^'size' must be a positive integer/],
  ['a size in words', { create: true, size: '8' }, /^'size' must be a positive integer, not "8"/],
  ['a size beyond all arrays', { create: true, size: Number.MAX_SAFE_INTEGER }, /'size' must be at most|no room/],
  ['NUL in a name', { name: 'a\0b', create: true, size: 8 }, /^embedded null character/],
  ['a slash', { name: '/x', create: true, size: 8 }, /^'name' must be .* without slashes/],
  ['the empty name', { name: '', create: true, size: 8 }, /^'name' must be/],
  ['a dot', { name: '..', create: true, size: 8 }, /^'name' must be/],
  ['a long name', { name: 'ä'.repeat(128), create: true, size: 8 }, /^'name' must be 1 to 255 bytes/],
  ['half a character', { name: '\ud800', create: true, size: 8 }, /^'name' must be/],
  ['a number as name', { name: 1 }, /^'name' must be a string, not 1/],
  ['create in words', { create: 'yes', size: 8 }, /^'create' must be true or false, not "yes"/],
  [
    'an unknown option',
    { create: true, size: 8, track: false },
    /unknown option 'track'; accepted are name, create, size/,
  ],
  ['a name alone', 'name', /^options must be an object, not "name"/],
];
for (const [what, options, message] of misuse) {
  test(`${what} is refused`, () => {
    assert.throws(
      () => new SharedMemory(options),
      (error: any) => /^ERR_MP_(INVALID_ARG|NO_MEMORY)$/.test(error.code) && message.test(error.message),
    );
  });
}

test('names may be long, and hold anything but slashes and NULs', () => {
  for (const name of [
    `${segmentName()}:with:colons and blanks\n`,
    segmentName().padEnd(255, 'x'),
    `${segmentName()}-日本`,
  ]) {
    const memory = new SharedMemory({ name, create: true, size: 8 });
    assert.equal(new SharedMemory({ name }).name, name);
    assert.ok(segmentExists(name));
    memory.unlink();
  }
});

test('what is no segment is refused', () => {
  const name = segmentName();
  const path = `/dev/shm/${name}`;
  const refused = { code: 'ERR_MP_BAD_HANDLE', message: /no segment, or has no size yet/ };
  closeSync(openSync(path, 'w'));
  assert.throws(() => new SharedMemory({ name }), refused);
  truncateSync(path, 8);
  new SharedMemory({ name }).close();
  symlinkSync(path, `${path}-link`);
  assert.throws(() => new SharedMemory({ name: `${name}-link` }), refused);
  unlinkSync(`${path}-link`);
  unlinkSync(path);
  mkdirSync(path);
  assert.throws(() => new SharedMemory({ name }), refused);
  rmdirSync(path);
});

test('more than there ever can be is refused, and leaves nothing', () => {
  const name = segmentName();
  const create = () => new SharedMemory({ name, create: true, size: 2 ** 50 });
  assert.throws(create, { code: 'ERR_MP_NO_MEMORY', message: /\/dev\/shm has no room for it/ });
  assert.equal(segmentExists(name), false);
});

test('it prints its name and size', () => {
  const memory = new SharedMemory({ name: segmentName(), create: true, size: 8 });
  assert.equal(inspect(memory), `SharedMemory { name: '${memory.name}', size: 8 }`);
  memory.close();
  assert.equal(inspect(memory), `SharedMemory { name: '${memory.name}', size: 8, closed }`);
  memory.unlink();
});
