/** No two children draw the same: point 5 of "Processes" in ARCHITECTURE.md. */
import assert from 'node:assert/strict';
import crypto, { randomInt as namedInt, randomUUID as namedUUID } from 'node:crypto';
import { test } from 'node:test';
import { setForkserverPreload } from 'multiprocess';
import { captured } from './fixtures/captured-randomness.mjs';
import { ask } from './support/answer.ts';

const CHILDREN = 20;

// It draws from every source before the fork, and keeps hold of the functions.
setForkserverPreload([new URL('./fixtures/captured-randomness.mjs', import.meta.url)], { onError: 'fail' });

const SOURCES: Record<string, () => string | number> = {
  'Math.random': () => Math.random(),
  'the second Math.random': () => [Math.random(), Math.random()][1]!,
  'crypto.randomUUID': () => crypto.randomUUID(),
  'crypto.randomUUID, imported by name': () => namedUUID(),
  'crypto.randomUUID without its cache': () => crypto.randomUUID({ disableEntropyCache: true }),
  'globalThis.crypto.randomUUID': () => globalThis.crypto.randomUUID(),
  'crypto.getRandomValues': () => globalThis.crypto.getRandomValues(new Uint32Array(3)).join(),
  'crypto.randomInt': () => crypto.randomInt(2 ** 40),
  'crypto.randomInt, imported by name': () => namedInt(2 ** 40),
  'crypto.randomBytes': () => crypto.randomBytes(8).toString('hex'),
  'Math.random as a preload captured it': () => captured.random(),
  'crypto.randomUUID as a preload captured it': () => captured.randomUUID(),
  'globalThis.crypto.randomUUID as a preload captured it': () => captured.webUUID(),
  'crypto.randomInt as a preload captured it': () => captured.randomInt(2 ** 40),
};

test('what twenty children draw from each source differs', async (t) => {
  const draw = () => Object.entries(SOURCES).map(([, source]) => source());
  const children = Array.from({ length: CHILDREN }, () => ask('forkserver', draw, []));
  const drawn: (string | number)[][] = [];
  for (const child of children) drawn.push(await child.result());
  for (const [i, name] of Object.keys(SOURCES).entries()) {
    await t.test(name, () => assert.equal(new Set(drawn.map((values) => values[i])).size, CHILDREN));
  }
});

test('what a child draws differs from what its own child draws', async () => {
  const drawBoth = async () => {
    const own = [Math.random(), crypto.randomUUID(), crypto.randomInt(2 ** 40)];
    const { execFileSync } = await import('node:child_process');
    return [...own, execFileSync(process.execPath, ['-p', 'Math.random()']).toString()];
  };
  const [a, b] = [ask('forkserver', drawBoth, []), ask('forkserver', drawBoth, [])];
  assert.equal(new Set([...(await a.result()), ...(await b.result())]).size, 8);
});

test('random functions keep their names and check their arguments', async () => {
  const { result } = ask('forkserver', () => [Math.random.name, crypto.randomUUID.name, crypto.randomInt.name], []);
  assert.deepEqual(await result(), ['random', 'randomUUID', 'randomInt']);
});

test('a randomInt with a callback still calls it', async () => {
  const { result } = ask(
    'forkserver',
    () => new Promise((resolve) => crypto.randomInt(1, 2, (_, n) => resolve(n))),
    [],
  );
  assert.equal(await result(), 1);
});
