/** ledger.json knows every case of CPython's, and tells the truth about what the tests here do with it. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/** Which calls of conforms() run a variant. Cases that are run once depend neither on processes nor on threads, or use both. */
const VARIANTS = { threads: ['Everywhere', 'Once'], manager: ['Managed'] };

const ledger = JSON.parse(readFileSync(new URL('ledger.json', import.meta.url), 'utf8')) as {
  /** Names of the cases, as in CPython's test suite. */
  python: Record<string, string[]>;
  /** 'ported', 'adapted', 'not applicable: REASON' or 'later: MISSING PART'. */
  cases: Record<string, string>;
  /** Classes that CPython runs with threads, and with a manager's proxies, too; which of their cases, or all of a class, are not, and why. */
  variants: Record<keyof typeof VARIANTS, { classes: string[]; notRun: Record<string, string> }>;
};
const python = Object.entries(ledger.python).flatMap(([klass, names]) => names.map((name) => `${klass}.${name}`));
const here = globSync('*.test.ts', { cwd: new URL('.', import.meta.url) })
  .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
  .flatMap((text) => [...namesIn(text)]);
const titles = (isOfKind: (kind: string) => boolean) =>
  here.filter(([kind]) => isOfKind(kind)).map(([, title]) => title);

/** The kinds and titles of calls of conforms() and its like; a loop over names has them in a table above the call. */
function* namesIn(text: string): Generator<[kind: string, title: string]> {
  let table: string[] = [];
  const calls =
    /^\s*conforms(|Once|Everywhere|Managed)\(\s*'(\w+)',\s*(?:'(\w+)'|name)|^\s*(?:\['|async )?(test_\w+)/gm;
  for (const [, kind, klass, name, row] of text.matchAll(calls)) {
    if (row) table.push(row);
    else for (const each of name ? [name] : table) yield [kind!, `${klass}.${each}`];
    if (!row && !name) table = [];
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
  const tested = titles((kind) => kind !== 'Managed');
  assert.deepEqual(tested.toSorted(), marked.toSorted());
});

test('what is left for later is still missing', async () => {
  const library = Object.keys(await import('multiprocess'));
  const missing = Object.entries(ledger.cases).filter(([, mark]) => mark.startsWith('later: '));
  const possible = missing.filter(([, mark]) => library.includes(mark.slice(7)));
  assert.deepEqual(possible, [], 'can be ported now');
});

for (const [variant, kinds] of Object.entries(VARIANTS)) {
  test(`cases with ${variant} are run, or there is a reason why not`, () => {
    const { classes, notRun } = ledger.variants[variant as keyof typeof VARIANTS];
    const cases = classes
      .flatMap((klass) => ledger.python[klass]!.map((name) => `${klass}.${name}`))
      .filter((name) => !ledger.cases[name]!.startsWith('not applicable'));
    const run = titles((kind) => kinds.includes(kind));
    const reasons = Object.keys(notRun).flatMap((name) => cases.filter((each) => `${each}.`.startsWith(`${name}.`)));
    assert.deepEqual(reasons.toSorted(), cases.filter((name) => !run.includes(name)).toSorted());
    for (const [name, reason] of Object.entries(notRun)) assert.match(reason, /.{10,}/, name);
    if (variant === 'manager')
      assert.deepEqual(
        run.filter((name) => !cases.includes(name)),
        [],
      );
  });
}
