import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Process } from '../../dist/index.js';
import {
  allocate,
  doorbell,
  free,
  memoryStats,
  selfSlot,
  waitWord,
  waitWordSync,
  wakeWord,
  wordIndex,
  wordsAt,
} from '../../dist/memory/index.js';
import { BOARD_BYTES, churn } from './fixtures/churn.ts';

test('a forked child has a doorbell of its own', async () => {
  const word = allocate(8);
  const child = new Process({
    target: async (at: number) => {
      Atomics.store(wordsAt(at), wordIndex(at) + 1, selfSlot());
      const woken = waitWord(at, (value) => value === 1);
      Atomics.store(wordsAt(at), wordIndex(at), -1);
      wakeWord(at);
      await woken;
      process.exit(7);
    },
    args: [word],
  });
  child.start();
  while (Atomics.load(wordsAt(word), wordIndex(word)) !== -1) waitWordSync(word, 0);
  const slot = Atomics.load(wordsAt(word), wordIndex(word) + 1);
  assert.notEqual(slot, selfSlot());
  Atomics.store(wordsAt(word), wordIndex(word), 1);
  doorbell.ring(slot);
  await child.join();
  assert.equal(child.exitCode, 7);
  child.close();
  free(word);
});

const ROUNDS = process.env.MP_TEST === 'full' ? 100 : 40;

test('forked children killed at random moments leave the heap whole and nothing in it', async () => {
  const before = memoryStats();
  const board = allocate(BOARD_BYTES);
  const signs = Array.from({ length: 2 }, () => allocate(4));
  const start = (sign: number) => {
    Atomics.store(wordsAt(sign), wordIndex(sign), 0);
    const child = new Process({ target: churn, args: [board, 0, sign] });
    child.start();
    return child;
  };
  const children = signs.map(start);
  const endOf = async (child: Process) => {
    child.kill();
    await child.join();
    assert.equal(child.exitCode, -9);
    child.close();
  };
  for (let round = 0; round < ROUNDS; round++) {
    const i = round % children.length;
    const sign = signs[i] as number;
    while (Atomics.load(wordsAt(sign), wordIndex(sign)) === 0) waitWordSync(sign, 0);
    for (let spin = (round * 7919) % 300_000; spin > 0; spin--) Math.sqrt(spin); // somewhere in the midst
    await endOf(children[i] as Process);
    children[i] = start(sign);
  }
  for (const child of children) await endOf(child);
  for (const sign of [board, ...signs]) free(sign);
  const left = memoryStats();
  assert.equal(left.cells, before.cells);
  assert.equal(left.references, before.references);
  assert.equal(left.ranges, before.ranges);
  assert.equal(left.pendingReferences, 0);
  assert.equal(left.inconsistent, 0);
});
