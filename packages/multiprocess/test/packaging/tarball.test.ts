/** What `npm publish` would upload, installed into an empty project. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { FIXTURES, ROOT, run, runNode } from './program.ts';

const PACKAGE = path.join(ROOT, 'packages/multiprocess');
const PREBUILDS = path.join(PACKAGE, 'prebuilds');
/** Complete: everything else would be sent to every user for nothing. */
const EXPECTED =
  /^(package\.json|LICENSE|README\.md|binding\.gyp|native\/.+\.(cc|h)|dist\/.+\.(js|js\.map|d\.ts)|prebuilds\/linux-(x64|arm64)\/(multiprocess\.(glibc|musl)\.node|mpshim\.(glibc|musl)\.so|mpkeeper\.(glibc|musl)))$/;

let project: string;
let files: string[];
let hadPrebuilds: boolean;

before(async () => {
  hadPrebuilds = existsSync(PREBUILDS);
  await runNode([path.join(ROOT, 'scripts/prebuild.ts')]);
  project = await mkdtemp(path.join(tmpdir(), 'mp-tarball-'));
  const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], PACKAGE);
  const [tarball] = Object.values(JSON.parse(packed.stdout)) as [{ filename: string; files: { path: string }[] }];
  files = tarball.files.map((file) => file.path);
  await install(tarball.filename);
});

after(async () => {
  await rm(project, { recursive: true });
  if (!hadPrebuilds) await rm(PREBUILDS, { recursive: true });
});

test('the tarball carries what is needed, and nothing else', () => {
  const needed = ['LICENSE', 'dist/index.js', 'dist/index.d.ts', 'dist/entry/child.js', 'dist/entry/zygote.js'];
  for (const file of needed) assert.ok(files.includes(file), `${file} is missing`);
  for (const name of ['multiprocess', 'mpshim', 'mpkeeper'])
    assert.ok(
      files.some((file) => file.startsWith(`prebuilds/linux-${process.arch}/${name}.`)),
      `no prebuilt ${name}`,
    );
  assert.deepEqual(
    files.filter((file) => !EXPECTED.test(file)),
    [],
  );
});

test('installed without scripts and without a compiler, it starts processes by both methods', async () => {
  await copyFile(path.join(FIXTURES, 'consumer.mjs'), path.join(project, 'app.mjs'));
  const { stdout, stderr } = await runNode(['app.mjs'], project);
  const folder = path.join(project, 'node_modules/multiprocess/prebuilds', `linux-${process.arch}`);
  const [, libc] = /multiprocess\.(\w+)\.node/.exec(stdout)!;
  const addon = path.join(folder, `multiprocess.${libc}.node`);
  const shim = path.join(folder, `mpshim.${libc}.so`);
  assert.deepEqual(stdout.trim().split('\n'), [
    `main: ${addon}`,
    `forkserver: ${shim} ${addon}`,
    'exit code 0',
    `spawn: ${addon}`,
    'exit code 0',
  ]);
  assert.equal(stderr, '');
});

test('installed, it makes segments: the program that frees them can be executed', async () => {
  await copyFile(path.join(FIXTURES, 'makes-segment.mjs'), path.join(project, 'segment.mjs'));
  const { stdout, stderr } = await runNode(['segment.mjs'], project);
  assert.match(stdout, /node_modules\/multiprocess\/prebuilds\/linux-\w+\/mpkeeper\.(glibc|musl)\n$/);
  assert.equal(stderr, '');
});

test('its compiled code is kept by the install script, or when one asks for it, and is not needed', async () => {
  await copyFile(path.join(FIXTURES, 'kept.mjs'), path.join(project, 'kept.mjs'));
  const answers = async () => {
    const { stdout, stderr } = await runNode(['kept.mjs'], project);
    assert.equal(stderr, '');
    return stdout;
  };
  const all = (kept: boolean) => ['main', 'forkserver', 'spawn', 'thread'].map((who) => `${who}: ${kept}\n`).join('');
  assert.equal(await answers(), all(false));
  const installed = path.join(project, 'node_modules/multiprocess');
  assert.deepEqual(await runInstallScript(installed), { stdout: '', stderr: '' });
  assert.equal(await answers(), all(true));
  const kept = (await readdir(path.join(installed, 'dist'))).filter((file) => file.endsWith('.cache'));
  assert.equal(kept.length, 1);
  await rm(path.join(installed, 'dist', kept[0]!));
  await runNode([path.join(installed, 'dist/keep-code.js')]);
  assert.equal(await answers(), all(true));
});

test('the install script does nothing where the package has not been built', async () => {
  assert.deepEqual(await runInstallScript(FIXTURES), { stdout: '', stderr: '' });
});

test('its declarations compile in a strict project', async () => {
  await copyFile(path.join(FIXTURES, 'consumer-types.ts'), path.join(project, 'types.ts'));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    typeRoots: [path.join(ROOT, 'node_modules/@types')],
  };
  await writeFile(path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['types.ts'] }));
  await run(path.join(ROOT, 'node_modules/.bin/tsc'), ['-p', project]);
});

/** As npm would, on the Node.js of this test. */
async function runInstallScript(folder: string) {
  const { scripts } = JSON.parse(await readFile(path.join(PACKAGE, 'package.json'), 'utf8'));
  return run('sh', ['-c', scripts.postinstall.replace(/^node /, `${process.execPath} `)], folder);
}

/** Offline: the dependencies come from this repository. */
async function install(tarball: string): Promise<void> {
  const local = (name: string) => `file:${path.join(ROOT, 'node_modules', name)}`;
  const manifest = {
    private: true,
    type: 'module',
    dependencies: {
      multiprocess: `file:${tarball}`,
      acorn: local('acorn'),
      'es-module-lexer': local('es-module-lexer'),
    },
  };
  await writeFile(path.join(project, 'package.json'), JSON.stringify(manifest));
  await run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'], project);
}
