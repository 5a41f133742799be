/**
 * The second half of `npm run build:ts`: makes packages/multiprocess/dist/*.js of the sources; tsc has written the *.d.ts.
 *
 * Modules that are always used together become one file. Every zygote, spawned process and thread imports the library
 * anew, and from 200 files that took three times as long as from 35, from 35 a third longer than from 14. The doors of folders inside, which only our tests and benchmarks enter,
 * must lead to the same modules: else a test would have its own copy of what it looks into. As entries, each would break the
 * library into more files; so all go through one, `doors.js`, which has what they export under names of its own.
 */
import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build } from 'esbuild';

const PACKAGE = path.resolve(import.meta.dirname, '../packages/multiprocess');
const PUBLIC = ['index', 'connection/index', 'net/index', 'threading/index', 'entry/*', 'transport/samples'];
const FOR_TESTS = [
  'native',
  'platform',
  'channel/{index,layout,ring,spill}',
  'connection/{auth,frames}',
  'connection/pickle/opcodes',
  'memory/{index,layout,liveness,overlay,realm,wait}',
  'pool/loop',
  'process/execargv',
  'sync/{layout,monitor}',
  'threading/host',
  'transport/index',
];

const cwd = path.join(PACKAGE, 'src');
const dist = path.join(PACKAGE, 'dist');
const sources = (names: string[]) =>
  globSync(
    names.map((name) => `${name}.ts`),
    { cwd },
  );
const OPTIONS = {
  absWorkingDir: cwd,
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
} satisfies BuildOptions;

const stale = new Set(globSync('**/*.js{,.map}', { cwd: dist }));
const doors = await doorsOf(sources(FOR_TESTS));
const { outputFiles } = await build({
  ...OPTIONS,
  entryPoints: [...sources(PUBLIC), 'doors'],
  plugins: [
    {
      name: 'doors',
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /^doors$/ }, () => ({ path: 'doors', namespace: 'doors' }));
        onLoad({ filter: /^doors$/, namespace: 'doors' }, () => ({
          contents: doors.map(({ inner }) => inner).join('\n'),
          resolveDir: cwd,
        }));
      },
    },
  ],
});
for (const { path: file, text } of outputFiles) write(file, file.endsWith('.js') ? namedAsWritten(text) : text);
for (const { file, outer } of doors) write(path.join(dist, file), outer);
for (const file of stale) rmSync(path.join(dist, file));

function write(file: string, text: string): void {
  stale.delete(path.relative(dist, file));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Of each module: what `doors.js` has of it, under names of its own, and the file that gives them their names back. */
async function doorsOf(modules: string[]): Promise<{ file: string; inner: string; outer: string }[]> {
  const { metafile } = await build({ ...OPTIONS, entryPoints: modules, metafile: true });
  return Object.values(metafile.outputs)
    .filter(({ entryPoint }) => entryPoint !== undefined)
    .map(({ entryPoint, exports }, door) => {
      const file = entryPoint!.replace(/ts$/, 'js');
      const list = (from: (name: string) => string, to: (name: string) => string) =>
        exports.map((name) => `${from(name)} as ${to(name)}`).join(', ');
      const [own, plain] = [(name: string) => `${name}$${door}`, (name: string) => name];
      const inside = path.posix.relative(path.posix.dirname(file), 'doors.js');
      return {
        file,
        inner: `export { ${list(plain, own)} } from './${entryPoint}';`,
        outer: `export { ${list(own, plain)} } from '${inside.startsWith('.') ? inside : `./${inside}`}';\n`,
      };
    });
}

/**
 * A class that uses its own name is written as `var X = class _X`, and would show as _X in error messages and printed values.
 * (The option `keepNames` calls a function for each function that is made, also where it is made a million times.)
 */
function namedAsWritten(text: string): string {
  const names = [...text.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name]) => name);
  return names.length === 0 ? text : text.replaceAll(new RegExp(`\\b_(${names.join('|')})\\b`, 'g'), '$1');
}
