/** One table of codes, in the source and in docs/errors.md. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CODES, MultiprocessError } from 'multiprocess';

const docs = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const documented = [...docs.matchAll(/^## (\w+)$/gm)].map(([, code]) => code!);
const codes = Object.keys(CODES);

/** By their words: NO_MEMORY comes before NOT_CHILD. */
const inOrder = (names: string[]) =>
  names.toSorted((a, b) => (a.replaceAll('_', ' ') < b.replaceAll('_', ' ') ? -1 : 1));

test('every code is explained in docs/errors.md', () => {
  assert.deepEqual(
    codes.filter((code) => !documented.includes(code)),
    [],
  );
});

test('docs/errors.md explains no code that does not exist, and none twice', () => {
  assert.deepEqual(
    documented.filter((code) => !codes.includes(code)),
    [],
  );
  assert.equal(new Set(documented).size, documented.length);
});

test('every section says something', () => {
  for (const [, code, text] of docs.matchAll(/^## (\w+)\n+([^#]*)/gm)) assert.ok(text!.trim().length > 40, code);
});

test('both lists are sorted', () => {
  assert.deepEqual(codes, inOrder(codes));
  assert.deepEqual(documented, inOrder(documented));
});

test('codes are named alike, and described in words', () => {
  for (const [code, meaning] of Object.entries(CODES)) {
    assert.match(code, /^ERR_MP_[A-Z_]+$/);
    assert.match(meaning, /^[a-z].*[^.]$/);
  }
});

test('codes that the sources name exist', () => {
  const sources = globSync('packages/*/src/**/*.ts', { cwd: new URL('../../..', import.meta.url) });
  for (const source of sources) {
    const text = readFileSync(new URL(`../../../${source}`, import.meta.url), 'utf8');
    for (const [code] of text.matchAll(/\bERR_MP_[A-Z_]+\b/g)) assert.ok(codes.includes(code), `${code} in ${source}`);
  }
});

test('an error has its code, its name, its cause, and prints them', () => {
  const cause = new Error('why');
  const error = new MultiprocessError('ERR_MP_TIMEOUT', 'too late', { cause });
  assert.ok(error instanceof Error);
  assert.deepEqual(
    [error.code, error.name, error.message, error.cause],
    ['ERR_MP_TIMEOUT', 'MultiprocessError', 'too late', cause],
  );
  assert.match(String(error), /^MultiprocessError: too late$/);
});
