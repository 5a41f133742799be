import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const EXPECTED = {
  closure: 14,
  mutable: 6,
  kept: 5,
  class: 3,
  instance: 6,
  back: true,
  imported: 'a/b',
  builtin: 7,
  async: 1,
  method: 40,
  error: [true, 'E_BOOM', true],
  refusal: ['ERR_MP_CAPTURE', true],
};

const SUITE = fileURLToPath(new URL('./fixtures/suite.ts', import.meta.url));
const DIST = new URL('../../dist/transport/index.js', import.meta.url).href;
const TSX = createRequire(import.meta.url).resolve('tsx/cli');
const PEER = `
import { dumps, dumpsError, loads, setEntry } from 'multiprocess-transport';
process.on('message', async (message) => {
  if ('entry' in message) return setEntry(message.entry);
  try {
    const [fn, args] = await loads(message.bytes);
    process.send({ ok: true, bytes: dumps(await fn(...args)) });
  } catch (error) {
    process.send({ ok: false, bytes: dumpsError(error) });
  }
});
`;
const directory = makeDirectory();
after(() => rmSync(directory, { recursive: true }));

/** Runs node with `args` in the directory and compares what the suite prints. */
function passes(name: string, args: string[], input?: string): void {
  test(name, async () => {
    const child = spawn(process.execPath, args, {
      cwd: directory,
      env: {
        ...process.env,
        PEER_PATH: path.join(directory, 'peer.mjs'),
        NODE_TEST_CONTEXT: undefined,
        FORCE_COLOR: '0',
      },
    });
    child.stdin.end(input ?? '');
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    await new Promise((resolve) => child.on('close', resolve));
    const line = /RESULTS (\{.*\})/.exec(output);
    assert.ok(line, output);
    assert.deepEqual(JSON.parse(line[1]!), EXPECTED, output);
    assert.doesNotMatch(output, /USE_MAIN_CONTEXT/);
  });
}

passes('native type stripping', ['suite.ts']);
passes('an ES module', ['suite.mjs']);
passes('a CommonJS program', ['suite.cjs']);
passes('a path without its extension', ['./suite']);
passes('a worker thread', ['worker.mjs']);
passes('the inspector open', ['--inspect=0', 'suite.mjs']);
passes('node --test', ['--test', 'suite.mjs']);
passes('-e, CommonJS', ['-e', read('suite.cjs'), 'argument']);
passes('-e, ES module', ['--input-type=module', '-e', read('suite.mjs'), 'argument']);
passes('stdin', ['--input-type=module', '-'], read('suite.mjs'));
passes('the tsx command', [TSX, 'suite.ts']);
passes('--import tsx', ['--import', import.meta.resolve('tsx'), 'suite.ts']);
passes('tsx and CommonJS', [TSX, 'suite.cts']);
passes('an esbuild bundle', ['bundle.mjs']);
passes('a minified esbuild bundle', ['minified.mjs']);
passes('a minified CommonJS bundle', ['minified.cjs']);
passes('coverage and a small stack', ['--stack-size=500', '--no-lazy', 'suite.mjs']);
passes('code generation from strings disallowed', ['--disallow-code-generation-from-strings', 'suite.mjs']);

function read(name: string): string {
  return readFileSync(path.join(directory, name), 'utf8');
}

// A program with a package of its own that stands for the library.
function makeDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'multiprocess-'));
  const write = (name: string, text: string) => writeFileSync(path.join(directory, name), text);
  const source = readFileSync(SUITE, 'utf8');
  mkdirSync(path.join(directory, 'node_modules/multiprocess-transport'), { recursive: true });
  write('node_modules/multiprocess-transport/package.json', '{ "type": "module", "exports": "./index.js" }');
  write('node_modules/multiprocess-transport/index.js', `export * from ${JSON.stringify(DIST)};`);
  write('package.json', '{}');
  copyFileSync(SUITE, path.join(directory, 'suite.ts'));
  write('suite.cts', source);
  for (const [format, name] of [
    ['esm', 'suite.mjs'],
    ['cjs', 'suite.cjs'],
    ['cjs', 'suite.js'],
  ] as const)
    write(name, esbuild.transformSync(source, { loader: 'ts', format, target: 'node22' }).code);
  for (const [format, minify, name] of [
    ['esm', false, 'bundle.mjs'],
    ['esm', true, 'minified.mjs'],
    ['cjs', true, 'minified.cjs'],
  ] as const)
    esbuild.buildSync({
      absWorkingDir: directory,
      entryPoints: ['suite.ts'],
      outfile: name,
      bundle: true,
      platform: 'node',
      target: 'node22',
      external: ['multiprocess-transport'],
      format,
      minify,
    });
  write(
    'worker.mjs',
    `import { Worker } from 'node:worker_threads'; new Worker(new URL('./suite.mjs', import.meta.url));`,
  );
  write('peer.mjs', PEER);
  return directory;
}
