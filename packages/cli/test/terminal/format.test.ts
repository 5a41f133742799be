import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, clock, count, duration, plural, rate } from '../../src/terminal/format.ts';

test('counts have thousands separators', () => {
  assert.deepEqual([0, 999, 1000, 1234567].map(count), ['0', '999', '1,000', '1,234,567']);
});

test('nouns follow their number', () => {
  assert.deepEqual([plural(1, 'file'), plural(2, 'file'), plural(2, 'process')], ['1 file', '2 files', '2 processes']);
});

test('rates keep what is significant', () => {
  assert.deepEqual([0.04, 1, 2.5, 41.26, 412.4, 12345].map(rate), [
    '0.04/s',
    '1/s',
    '2.5/s',
    '41.3/s',
    '412/s',
    '12,345/s',
  ]);
  assert.equal(rate(Number.NaN), '–/s');
});

test('clocks and durations', () => {
  assert.deepEqual([0, 7400, 754_000, 3_723_000].map(clock), ['0:00', '0:07', '12:34', '1:02:03']);
  assert.deepEqual([84, 3210, 25_340, 754_000].map(duration), ['84 ms', '3.21 s', '25.3 s', '12 min 34 s']);
});

test('bytes have decimal units', () => {
  assert.deepEqual([812, 1000, 3210, 61_340_000, 999_600].map(bytes), ['812 B', '1 kB', '3.21 kB', '61.3 MB', '1 MB']);
});
