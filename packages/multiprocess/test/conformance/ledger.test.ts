/** ledger.json knows every case of CPython's, and tells the truth about what the tests here do with it. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const ledger = JSON.parse(readFileSync(new URL('ledger.json', import.meta.url), 'utf8')) as {
  /** Names of the cases, as in CPython's test suite. */
  python: Record<string, string[]>;
  /** 'ported', 'adapted', 'not applicable: REASON' or 'later: MISSING PART'. */
  cases: Record<string, string>;
};
const python = Object.entries(ledger.python).flatMap(([klass, names]) => names.map((name) => `${klass}.${name}`));
const here = globSync('*.test.ts', { cwd: new URL('.', import.meta.url) })
  .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
  .flatMap((text) => [...namesIn(text)]);

/** The titles that calls of conforms() and its like make; a loop over names has them in a table above the call. */
function* namesIn(text: string): Generator<string> {
  let table: string[] = [];
  const calls = /^\s*conforms(?:Once|Everywhere)?\(\s*'(\w+)',\s*(?:'(\w+)'|name)|^\s*\['(test_\w+)'/gm;
  for (const [, klass, name, row] of text.matchAll(calls)) {
    if (row) table.push(row);
    else if (name) yield `${klass}.${name}`;
    else for (const each of table) yield `${klass}.${each}`;
    if (!row) table = [];
  }
}

test('the ledger has every case of CPython’s, in its order, and no other', () => {
  assert.deepEqual(Object.keys(ledger.cases), python);
  assert.equal(new Set(python).size, python.length);
});

test('every mark is one of four, and those that need one have a reason', () => {
  for (const [name, mark] of Object.entries(ledger.cases)) {
    assert.match(mark, /^(ported|adapted|not applicable: .{10,}|later: \w+)$/, name);
  }
});

test('what is ported or adapted is tested here, under its own name', () => {
  const marked = python.filter((name) => /^(ported|adapted)$/.test(ledger.cases[name]!));
  assert.deepEqual(here.toSorted(), marked.toSorted());
});

test('what is left for later is still missing', async () => {
  const library = Object.keys(await import('multiprocess'));
  const missing = Object.entries(ledger.cases).filter(([, mark]) => mark.startsWith('later: '));
  const possible = missing.filter(([, mark]) => library.includes(mark.slice(7)));
  assert.deepEqual(possible, [], 'can be ported now');
});
