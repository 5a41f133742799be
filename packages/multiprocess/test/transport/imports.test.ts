import assert from 'node:assert/strict';
import fs, { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import * as pathNamespace from 'node:path';
import { after, test } from 'node:test';
import util from 'node:util';
import * as acorn from 'acorn';
import esbuild from 'esbuild';
import { dumps } from '../../src/transport/index.ts';
import { decodeCompact } from '../../src/transport/wire/compact/reader.ts';
import { NODE, TAG } from '../../src/transport/wire/format.ts';
import { readStructured } from '../../src/transport/wire/structured.ts';
import libraryDefault, * as library from './fixtures/library.ts';
import { exported, Klass, arrowExpression as renamedArrow } from './fixtures/library.ts';
import { Peer } from './peer.ts';

const require = createRequire(import.meta.url);
const commonjs = require('./fixtures/commonjs.cjs');
const peer = new Peer();
after(() => peer.close());

function sends<A extends any[]>(name: string, fn: (...args: A) => unknown, args: A, expected: unknown): void {
  test(name, async () => assert.deepEqual(await peer.run(fn, ...args), expected));
}

/** Asserts how a function travels. */
function travelsAs(name: string, fn: object, kind: keyof typeof NODE): void {
  test(`${name} travels as ${kind}`, () => {
    const bytes = dumps(fn);
    const message =
      bytes[0] === TAG.graph ? readStructured(bytes.subarray(1)) : decodeCompact(bytes, 0, bytes.length, false);
    const [root, nodes] = message as [[number], [number][]];
    assert.equal(nodes[root[0]]![0], NODE[kind]);
  });
}

sends('a namespace import', () => library.exported(1), [], 2);
sends('named imports', () => exported(1) + renamedArrow(2), [], 6);
sends('a default import', () => libraryDefault(1), [], 1001);
sends('a CommonJS package', () => typeof esbuild.transformSync, [], 'function');
sends(
  'a package with different files for import and require',
  () => acorn.parseExpressionAt('1+1', 0, { ecmaVersion: 2024 }).type,
  [],
  'BinaryExpression',
);
sends('builtin namespaces', () => pathNamespace.join('a', 'b') + os.EOL + fs.existsSync('/'), [], 'a/b\ntrue');
sends(
  'a destructured builtin',
  (() => {
    const { join } = pathNamespace;
    return () => join('x', 'y');
  })(),
  [],
  'x/y',
);
sends(
  'a captured builtin',
  (() => {
    const { floor } = Math;
    return () => floor(1.5);
  })(),
  [],
  1,
);
sends(
  'import.meta',
  () => [import.meta.url.endsWith('imports.test.ts'), import.meta.dirname],
  [],
  [true, import.meta.dirname],
);
sends(
  'import.meta.resolve',
  () => import.meta.resolve('./fixtures/library.ts'),
  [],
  import.meta.resolve('./fixtures/library.ts'),
);
sends('a relative dynamic import', async () => (await import('./fixtures/second.ts')).hidden, [], 100);
sends('a bare dynamic import', async () => typeof (await import('esbuild')).default.transform, [], 'function');
sends('require', () => require('./fixtures/cjsdep.cjs').hello, [], 'hi');

sends('an export', exported, [1], 2);
sends('an exported arrow function', renamedArrow, [2], 4);
sends('an anonymous default export', libraryDefault, [1], 1001);
sends('a static method of an exported class', Klass.stat, [2], 1);
sends('a method of an exported object', library.api.run, [1], 6);
sends('an instance of an exported class', (x: Klass) => x.double, [Klass.make(4)], 8);
sends(
  'a builtin as the function',
  readFileSync,
  [new URL('./fixtures/cjsdep.cjs', import.meta.url), 'utf8'] as any,
  "exports.hello = 'hi';\n",
);
sends('Math.max', Math.max, [1, 3, 2], 3);
sends('Array.prototype.slice', Array.prototype.slice.call.bind(Array.prototype.slice) as any, [[1, 2, 3], 1], [2, 3]);
sends('util.inspect', util.inspect as any, [{ a: 1 }], '{ a: 1 }');
sends('timers', () => new Promise((resolve) => setTimeout(resolve, 1, 'x')), [], 'x');

sends('a private function of a module', library.getPrivate(), [1], 108);
sends('a private function that uses exported state', library.getUsesConfig(), [], 5);
sends('an export of CommonJS', commonjs.pub, [2], 6);
sends('a private function of CommonJS', commonjs.getPrivate(), [2], 1007);
sends('a function that uses require', commonjs.getRequire(), ['./cjsdep.cjs'], 'hi');
sends('a class of CommonJS', () => new commonjs.C().m(), [], 'cjs-m');
sends(
  'process.stdout',
  (() => {
    const { stdout } = process;
    return () => stdout === process.stdout && stdout.fd;
  })(),
  [],
  1,
);
sends(
  'process and its environment',
  (() => {
    const p = process;
    const { env } = process;
    return () => p === process && env === process.env;
  })(),
  [],
  true,
);

function ofEntry(x: number) {
  return x;
}
travelsAs('an export', exported, 'import');
travelsAs('an exported arrow function', renamedArrow, 'import');
travelsAs('a default export', libraryDefault, 'import');
travelsAs('an exported class', Klass, 'import');
travelsAs('a method of an exported class', Klass.prototype.method, 'import');
travelsAs('a static method', Klass.stat, 'import');
travelsAs('a function in an exported object', library.api.run, 'import');
travelsAs('an export of CommonJS', commonjs.pub, 'import');
travelsAs('a package', require('esbuild'), 'import');
travelsAs('a function of a package', esbuild.transform, 'import');
travelsAs('a function of the entry', ofEntry, 'function');
travelsAs('a private function of a module', library.getPrivate(), 'function');
travelsAs('a builtin function', readFileSync, 'known');
for (const Web of [Headers, ReadableStream, CompressionStream, CryptoKey, URL, TextDecoder]) {
  travelsAs(`the class ${Web.name}, which Node loads when it is first used`, Web, 'known');
  travelsAs(`what belongs to ${Web.name}`, Web.prototype, 'known');
}
travelsAs('a global', Map, 'known');

test('what a module re-exports is the same object over there', async () => {
  assert.equal(await peer.run((f: unknown, g: unknown) => f === g, exported, library.renamed), true);
});
