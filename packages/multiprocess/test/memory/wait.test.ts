import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocate, doorbell, free, selfSlot, wordIndex, words, wordsAt } from '../../dist/memory/index.js';
import { waitWord, waitWordSync, wakeWord } from '../../dist/memory/wait.js';
import { startMember } from './member.ts';

test('a wait for what has happened already does not wait', () => {
  const word = allocate(4);
  assert.equal(waitWordSync(word, 1), 'not-equal');
  free(word);
});

test('a blocking wait times out, and not too early', () => {
  const word = allocate(4);
  const started = performance.now();
  assert.equal(waitWordSync(word, 0, 30), 'timed-out');
  assert.ok(performance.now() - started >= 29);
  assert.equal(waitWordSync(word, 0, 0), 'timed-out');
  free(word);
});

test('a wake-up reaches a thread that blocks in another process', async () => {
  const word = allocate(4);
  const member = startMember('waits-sync', word);
  assert.equal(await member.line(), '"waiting"');
  Atomics.store(wordsAt(word), wordIndex(word), 1);
  wakeWord(word);
  assert.equal(await member.line(), '"woken"');
  assert.equal(await member.ended(), 0);
  free(word);
});

test('a blocked thread is waited for in the kernel, not burning its core', async () => {
  const word = allocate(4);
  const member = startMember('waits-sync', word);
  assert.equal(await member.line(), '"waiting"');
  while (wakeWord(word) === 0) await new Promise(setImmediate); // woken once: it was parked, and parks again
  Atomics.store(wordsAt(word), wordIndex(word), 1);
  wakeWord(word);
  assert.equal(await member.line(), '"woken"');
  await member.ended();
  free(word);
});

test('two processes hand a word to and fro', async () => {
  const word = allocate(4);
  const count = 2000;
  const member = startMember('plays-ping-pong', word, count);
  await member.line();
  const started = performance.now();
  for (let k = 0; k < count; k++) {
    Atomics.store(wordsAt(word), wordIndex(word), 2 * k + 1);
    wakeWord(word);
    while (Atomics.load(wordsAt(word), wordIndex(word)) !== 2 * k + 2) waitWordSync(word, 2 * k + 1);
  }
  const each = ((performance.now() - started) * 1000) / count;
  console.log(`# round trip ${each.toFixed(1)} us`);
  assert.equal(await member.ended(), 0);
  free(word);
});

test('an async wait resolves at once, on a ring, or with a clear error', async () => {
  const word = allocate(4);
  const index = wordIndex(word);
  assert.equal(await waitWord(word, (value) => value === 0), 0);

  const waiting = waitWord(word, (value) => value === 2);
  Atomics.store(wordsAt(word), index, 1);
  doorbell.ring(selfSlot());
  await new Promise(setImmediate);
  Atomics.store(wordsAt(word), index, 2);
  doorbell.ring(selfSlot());
  assert.equal(await waiting, 2);

  const never = () => false;
  await assert.rejects(waitWord(word, never, { timeout: 5 }), { code: 'ERR_MP_TIMEOUT' });
  const reason = new Error('enough');
  await assert.rejects(waitWord(word, never, { signal: AbortSignal.abort(reason) }), {
    code: 'ERR_MP_CANCELLED',
    cause: reason,
  });
  const controller = new AbortController();
  const cancelled = waitWord(word, never, { signal: controller.signal, timeout: 60_000 });
  controller.abort(reason);
  await assert.rejects(cancelled, { code: 'ERR_MP_CANCELLED', cause: reason });
  assert.throws(() => waitWord(word, never, { timeout: Number.NaN }), { code: 'ERR_MP_INVALID_ARG' });
  await assert.rejects(
    waitWord(word, () => {
      throw reason;
    }),
    reason,
  );
  free(word);
});

test('an uncontended compare-exchange needs no native call', () => {
  const word = allocate(4);
  const cached = wordsAt(word);
  const index = wordIndex(word);
  assert.equal(cached, words(Math.floor(word / 2 ** 24)), 'the same array again and again');
  assert.equal(Atomics.compareExchange(cached, index, 0, 1), 0);
  free(word);
});
