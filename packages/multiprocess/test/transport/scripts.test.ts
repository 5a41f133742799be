import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { Peer } from './peer.ts';

const TRANSPORT = new URL('../../dist/transport/index.js', import.meta.url).href;
const NATIVE = new URL('../../dist/native.js', import.meta.url).href;
const directory = mkdtempSync(path.join(tmpdir(), 'mp-scripts-'));
const peer = new Peer();
after(() => {
  peer.close();
  rmSync(directory, { recursive: true });
});

/** Sends functions of files to itself, and prints what they then give, and how often that needed the debugger. */
const SENDER = `
import inspector from 'node:inspector';
import { dumps, loads } from '${TRANSPORT}';
import { native } from '${NATIVE}';
let enabled = 0;
const { post } = inspector.Session.prototype;
inspector.Session.prototype.post = function (method, ...rest) {
  if (method === 'Debugger.enable') enabled++;
  return post.call(this, method, ...rest);
};
export const withoutV8 = () => { native.scriptOf = () => undefined; };
// As another process has it: the names of what is imported, and what is sent by value.
export const textOf = (fn) => Buffer.from(dumps(fn)).toString('latin1');
export const report = (results) => console.log(JSON.stringify({ enabled, ...results }));
export function reportImport(fn) {
  const text = textOf(fn);
  report({ imported: /imported/.test(text), other: /other/.test(text) });
}
// None of the file's functions is being called then.
export const reportImportLater = (fn) => void setTimeout(reportImport, 0, fn);
`;
write('sender.mjs', SENDER);
write('dependency.mjs', 'export const imported = 1; export const other = 2;');

function write(name: string, text: string): void {
  writeFileSync(path.join(directory, name), text);
}

async function run(name: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...args, path.join(directory, name)]);
  assert.doesNotMatch(stderr, /stripTypeScriptTypes/);
  return JSON.parse(stdout);
}

const PROGRAM = `
import { imported } from './dependency.mjs';
import { report, textOf, withoutV8 } from './sender.mjs';
import { exported } from './exports.mjs';
import common from './common.cjs';
const local = 'a local value';
if (process.env.WITHOUT_V8) withoutV8();
const text = textOf(() => [imported, local]);
report({
  byReference: /dependency\\.mjs/.test(text) && /imported/.test(text),
  byValue: /a local value/.test(text),
  exported: /exports\\./.test(textOf(exported)) && !/of an export/.test(textOf(exported)),
  common: /node:path/.test(textOf(common.joiner())),
});
`;
write('program.mjs', PROGRAM);
write('exports.mjs', `export const exported = () => 'the text of an export';`);
write('common.cjs', `const path = require('node:path'); exports.joiner = () => (...names) => path.join(...names);`);

const EXPECTED = { byReference: true, byValue: true, exported: true, common: true };

test('functions of files are sent without the debugger', async () => {
  assert.deepEqual(await run('program.mjs'), { enabled: 0, ...EXPECTED });
});

test('so are functions of TypeScript', async () => {
  const typed = PROGRAM.replace('const local =', 'const local: string =').replace('exports.mjs', 'exports.ts');
  write('program.ts', `type Unused = { of: 'types' };\n${typed}`);
  write(
    'exports.ts',
    `interface Unused { of: 'types' }\nexport const exported = (): string => 'the text of an export';`,
  );
  assert.deepEqual(await run('program.ts'), { enabled: 0, ...EXPECTED });
});

test('where V8 does not tell the script of a function, the debugger does', async () => {
  process.env.WITHOUT_V8 = '1';
  try {
    const { enabled, ...rest } = await run('program.mjs');
    assert.ok((enabled as number) > 0);
    assert.deepEqual(rest, EXPECTED);
  } finally {
    delete process.env.WITHOUT_V8;
  }
});

for (const report of ['reportImport', 'reportImportLater']) {
  test(`what was loaded counts, not what has become of its file: ${report}`, async () => {
    write(
      'changed.mjs',
      `
import { writeFileSync } from 'node:fs';
import { imported as value } from './dependency.mjs';
import { ${report} } from './sender.mjs';
export const fn = () => value;
writeFileSync(new URL(import.meta.url), "\\n\\nimport { other as value } from './dependency.mjs';\\n\\nexport const fn = () => value;");
${report}(fn);
`,
    );
    const { imported, other } = await run('changed.mjs');
    assert.deepEqual({ imported, other }, { imported: true, other: false });
  });

  test(`what a loader hook has made of a file counts: ${report}`, async () => {
    write(
      'hooks.mjs',
      `
import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    const result = next(url, context);
    if (!url.endsWith('hooked.mjs')) return result;
    return { ...result, source: '/* one line */\\n' + String(result.source).replace('{ imported as', '{ other as') };
  },
});
`,
    );
    write(
      'hooked.mjs',
      `
import { imported as value } from './dependency.mjs';
import { ${report} } from './sender.mjs';
${report}(() => value);
`,
    );
    const { imported, other } = await run('hooked.mjs', '--import', path.join(directory, 'hooks.mjs'));
    assert.deepEqual({ imported, other }, { imported: false, other: true });
  });
}

test('closures that two received functions of one text have made keep apart', async () => {
  const make = (n: number) => () => () => n;
  const made = await peer.run((makers: (() => () => number)[]) => makers.map((maker) => maker()), [make(1), make(2)]);
  assert.deepEqual(
    made.map((closure) => closure()),
    [1, 2],
  );
});
