/**
 * The second half of `npm run build:ts`: makes packages/multiprocess/dist/*.js of the sources; tsc has written the *.d.ts.
 *
 * Modules that are always used together become one file. Every zygote, spawned process and thread imports the library
 * anew, and from 200 files that took three times as long. The doors of folders inside, which only our tests enter, stay
 * entries: else a test would have its own copy of what it looks into.
 */
import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const PACKAGE = path.resolve(import.meta.dirname, '../packages/multiprocess');
const PUBLIC = ['index', 'connection/index', 'net/index', 'threading/index', 'entry/*', 'transport/samples'];
const FOR_TESTS = [
  'native',
  'platform',
  'channel/{index,layout,ring,spill}',
  'connection/{auth,frames}',
  'connection/pickle/opcodes',
  'memory/{index,layout,liveness,overlay,realm,wait}',
  'process/execargv',
  'sync/{layout,monitor}',
  'threading/host',
  'transport/index',
];

const cwd = path.join(PACKAGE, 'src');
const entryPoints = globSync(
  [...PUBLIC, ...FOR_TESTS].map((name) => `${name}.ts`),
  { cwd },
);
const dist = path.join(PACKAGE, 'dist');
const stale = new Set(globSync('**/*.js{,.map}', { cwd: dist }));
const { outputFiles } = await build({
  absWorkingDir: cwd,
  entryPoints,
  outbase: '.',
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  packages: 'external',
  sourcemap: true,
  write: false,
  logLevel: 'warning',
});
for (const { path: file, text } of outputFiles) {
  stale.delete(path.relative(dist, file));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, file.endsWith('.js') ? namedAsWritten(text) : text);
}
for (const file of stale) rmSync(path.join(dist, file));

/**
 * A class that uses its own name is written as `var X = class _X`, and would show as _X in error messages and printed values.
 * (The option `keepNames` calls a function for each function that is made, also where it is made a million times.)
 */
function namedAsWritten(text: string): string {
  const names = [...text.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name]) => name);
  return names.length === 0 ? text : text.replaceAll(new RegExp(`\\b_(${names.join('|')})\\b`, 'g'), '$1');
}
