/** CPython: test_multiprocessing_main_handling.py. A main may be anything that Node runs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { scratch } from '../process/support/answer.ts';
import { conforms } from './support.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

const PROGRAM = `
import { getContext, currentProcess } from 'multiprocess';
const { Process } = getContext(process.env.MP_METHOD);
const offset = 1;
class Doubler { constructor(n) { this.n = n; } double() { return this.n * 2; } }
const work = (n) => console.log(currentProcess().name, new Doubler(n).double() + offset);
for (const n of [1, 2]) { const child = new Process({ target: work, args: [n] }); child.start(); await child.join(); }
`;
const EXPECTED = 'Process-1 3\nProcess-2 5\n';

/** A folder in which 'multiprocess' can be imported. */
function project(name: string, files: Record<string, string>): string {
  const folder = path.join(scratch(), name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
  symlinkSync(path.join(root, 'packages/multiprocess'), path.join(folder, 'node_modules/multiprocess'));
  return folder;
}

function check(method: string, folder: string, args: string[], input?: string): void {
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_NO_WARNINGS: '1', MP_METHOD: method };
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8', input });
  assert.equal(stdout, EXPECTED, stderr);
  assert.equal(stderr, '');
  assert.equal(status, 0);
}

conforms('MultiProcessingCmdLineMixin', 'test_basic_script', ({ method }) => {
  check(method, project(`script-${method}`, { 'main.mjs': PROGRAM }), ['main.mjs']);
});

conforms('MultiProcessingCmdLineMixin', 'test_basic_script_no_suffix', ({ method }) => {
  const folder = project(`plain-${method}`, { main: PROGRAM, 'package.json': '{ "type": "module" }' });
  check(method, folder, ['main']);
  check(method, folder, ['--input-type=module', '-e', PROGRAM]);
  check(method, folder, ['--input-type=module', '-'], PROGRAM);
});

conforms('MultiProcessingCmdLineMixin', 'test_script_compiled', ({ method }) => {
  const commonjs = `require('multiprocess'); (async () => {${PROGRAM.replace(/import (.*) from (.*);/, 'const $1 = require($2);')}})();`;
  const folder = project(`built-${method}`, {
    'main.cjs': commonjs,
    'main.ts': PROGRAM.replace('(n) =>', '(n: number) =>'),
  });
  check(method, folder, ['main.cjs']);
  check(method, folder, ['main.ts']);
});

conforms('MultiProcessingCmdLineMixin', 'test_directory', ({ method }) => {
  const folder = project(`folder-${method}`, {
    'app/package.json': '{ "main": "start.mjs", "type": "module" }',
    'app/start.mjs': PROGRAM,
    'index.mjs': '',
  });
  check(method, folder, ['app']);
});

conforms('MultiProcessingCmdLineMixin', 'test_module_in_package', ({ method }) => {
  const folder = project(`module-${method}`, {
    'node_modules/tool/package.json': '{ "exports": "./lib/main.mjs", "type": "module" }',
    'node_modules/tool/lib/main.mjs': PROGRAM,
    'bin.mjs': "import 'tool';",
  });
  check(method, folder, ['bin.mjs']);
  check(method, folder, ['--input-type=module', '-e', "import 'tool'"]);
});

conforms('MultiProcessingCmdLineMixin', 'test_package', ({ method }) => {
  const folder = project(`package-${method}`, {
    'node_modules/tool/package.json': '{ "bin": "./cli.mjs", "type": "module" }',
    'node_modules/tool/cli.mjs': PROGRAM,
  });
  mkdirSync(path.join(folder, 'node_modules/.bin'));
  symlinkSync('../tool/cli.mjs', path.join(folder, 'node_modules/.bin/tool'));
  copyFileSync(path.join(folder, 'node_modules/tool/cli.mjs'), path.join(folder, 'copy.mjs'));
  check(method, folder, ['node_modules/.bin/tool']);
  check(method, folder, ['copy.mjs']);
});
