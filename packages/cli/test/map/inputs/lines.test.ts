import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf } from '../../../src/map/inputs/lines.ts';

async function split(...chunks: (string | Uint8Array)[]): Promise<string[]> {
  async function* stream() {
    for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  }
  const lines = [];
  for await (const line of linesOf(stream())) lines.push(line);
  return lines;
}

test('lines end with LF or CRLF; the last one need not', async () => {
  assert.deepEqual(await split('one\ntwo\r\n\nfour'), ['one', 'two', '', 'four']);
  assert.deepEqual(await split('one\n'), ['one']);
  assert.deepEqual(await split(''), []);
});

test('a line may span chunks, and so may a character', async () => {
  const bytes = Buffer.from('käse\nbrot');
  for (let at = 0; at <= bytes.length; at++) {
    assert.deepEqual(await split(bytes.subarray(0, at), bytes.subarray(at)), ['käse', 'brot']);
  }
  assert.deepEqual(await split('a', 'b', 'c\r', '\nd'), ['abc', 'd']);
});

test('lines come as soon as their end does', async () => {
  const { promise: never } = Promise.withResolvers<void>();
  async function* stream() {
    yield Buffer.from('first\nsec');
    await never;
  }
  assert.deepEqual(await linesOf(stream()).next(), { done: false, value: 'first' });
});
