import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moduleTables } from '../../src/transport/modules/esm.ts';

const SOURCE = `import def, { a as b, "str-name" as c } from 'x'; import * as ns from './y.js'; import 'side';
import data from './d.json' with { type: 'json' };
export { b as renamed }; export { z } from 'z'; export * from 'w'; export * as all from 'v';
export const one = 1, { two, inner: [three] } = {}; export let four; export var five = 5;
export function six() {} export class Seven {} export async function* eight() {}
`;

for (const [name, rest] of [
  ['an anonymous default export', 'export default (x) => x;'],
  ['a named default export', 'export default function nine() {}'],
  ['a default class', 'export default class Ten {}'],
  ['an anonymous default function', 'export default function () {}'],
]) {
  test(`small modules are parsed and large ones lexed with the same result: ${name}`, () => {
    const small = `${SOURCE}${rest}`;
    const large = `${small}\n//${'x'.repeat(250_000)}`;
    const [parsed, lexed] = [small, large].map((source) =>
      moduleTables({ url: 'file:///m.js', isModule: true, isCompiled: false, source }),
    );
    assert.deepEqual(parsed!.imports, lexed!.imports);
    assert.deepEqual(new Map([...parsed!.exports].sort()), new Map([...lexed!.exports].sort()));
    assert.equal(parsed!.imports.get('b')!.name, 'a');
    assert.deepEqual(parsed!.imports.get('data')!.attributes, { type: 'json' });
    assert.equal(parsed!.exports.get('three'), 'three');
    if (!parsed!.exports.get('default'))
      assert.ok([parsed, lexed].every((t) => small.slice(t!.defaultAt).trimStart().startsWith(rest!.slice(15, 25))));
  });
}
