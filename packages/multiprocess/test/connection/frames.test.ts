/** The wire format of messages: lengths at their limits, pieces of any size, memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameReader, frameHeader, frameLength } from '../../dist/connection/frames.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => Buffer.from(text, 'hex');

const HEADERS: [length: number | bigint, header: string][] = [
  [0, '00000000'],
  [1, '00000001'],
  [16384, '00004000'],
  [2 ** 31 - 1, '7fffffff'],
  [2 ** 31, 'ffffffff0000000080000000'],
  [2 ** 32, 'ffffffff0000000100000000'],
  [2n ** 63n, 'ffffffff8000000000000000'],
  [2n ** 64n - 1n, 'ffffffffffffffffffffffff'],
];

test('lengths are written as CPython writes them', () => {
  for (const [length, header] of HEADERS) assert.equal(hex(frameHeader(length)), header);
});

test('lengths are read, whole or in part', () => {
  for (const [length, header] of HEADERS) {
    assert.equal(BigInt(frameLength(bytes(header))!), BigInt(length));
    const part = bytes(header).subarray(0, header.length === 8 ? 3 : 11);
    assert.equal(frameLength(part), undefined);
  }
  assert.equal(frameLength(bytes('ffffffff')), undefined);
});

test('no length is negative', () => {
  for (const header of ['fffffffe', '80000000']) {
    assert.throws(() => frameLength(bytes(header)), {
      code: 'ERR_MP_MESSAGE_TOO_LONG',
      message: /^bad message length: -/,
    });
  }
});

test('the long form is accepted for a short message', () => {
  const reader = new FrameReader(100);
  reader.feed(bytes('ffffffff0000000000000003616263'));
  assert.deepEqual(reader.messages.map(hex), ['616263']);
});

test('messages come out whole, however they come in', () => {
  const sizes = [0, 1, 3, 70_000, 0, 200_000];
  const stream = Buffer.concat(sizes.flatMap((size, i) => [frameHeader(size), Buffer.alloc(size, i)]));
  for (const step of [1, 2, 3, 5, 4096, 65_536, stream.length]) {
    const reader = new FrameReader(200_000);
    for (let at = 0; at < stream.length; at += step) reader.feed(stream.subarray(at, at + step));
    assert.deepEqual(
      reader.messages.map((message) => [message.length, message.at(-1)]),
      sizes.map((size, i) => [size, size ? i : undefined]),
    );
    assert.ok(reader.isBetween);
  }
});

test('what a length claims is allocated only as it comes', () => {
  const reader = new FrameReader(Number.MAX_SAFE_INTEGER);
  reader.feed(bytes('ffffffff0010000000000000')); // 2**52
  assert.equal(reader.announced, 2 ** 52);
  let come = 0;
  for (const size of [10, 60_000, 100_000, 1_000_000]) {
    reader.feed(Buffer.alloc(size));
    come += size;
    assert.ok(reader.room()!.buffer.length <= 2 * come + 64 * 1024, `${reader.room()!.buffer.length} for ${come}`);
  }
});

test('a message above the limit is refused by its length alone', () => {
  const limit = { code: 'ERR_MP_MESSAGE_TOO_LONG', message: /the limit is 100/ };
  assert.throws(() => new FrameReader(100).feed(bytes('00000065')), limit);
  assert.throws(() => new FrameReader(100).feed(bytes('ffffffff8000000000000000')), limit);
  new FrameReader(100).feed(bytes('00000064'));
});
