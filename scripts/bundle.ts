/**
 * The second half of `npm run build:ts`: makes packages/multiprocess/dist/*.js of the sources; tsc has written the *.d.ts.
 *
 * The library becomes one file, as far as that goes: every program, zygote, spawned process and thread loads it anew, and from 200
 * files that took three times as long as from 35, from 35 a third longer than from 14, from 14 a fifth longer than from one. What is
 * entered from outside, the folders that only our tests and benchmarks enter included, leads to the same modules. As entries, each
 * would break the library into more files; so all go through one, `library.js`, which has what they export under names of its own. Its
 * code is a script, and is compiled here already, for the Node.js that runs this (src/code.ts).
 *
 * Node's own modules are asked for by `process.getBuiltinModule`: an `import` reads every property that they have, and so loads what
 * hides behind some (of `fs`, the streams).
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { asScript } from './as-script.ts';

const PACKAGE = path.resolve(import.meta.dirname, '../packages/multiprocess');
/** Loaded without the rest: before it, or as a module like those of users. */
const APART = ['code', 'entry/hooks', 'transport/samples'];
const PROGRAMS = ['entry/{child,thread,zygote}'];
const PUBLIC = ['{index,connection/index,net/index,threading/index}'];
const FOR_PROGRAMS = ['native', '{memory/index,process/internal,threading/internal}'];
const FOR_TESTS = [
  'platform',
  'channel/{index,layout,ring,spill}',
  'connection/{auth,frames}',
  'connection/pickle/opcodes',
  'memory/{layout,liveness,overlay,realm,wait}',
  'pool/loop',
  'process/execargv',
  'sync/{layout,monitor}',
  'threading/host',
  'transport/index',
];

const cwd = path.join(PACKAGE, 'src');
const dist = path.join(PACKAGE, 'dist');
const [LIBRARY, BODY] = [path.join(dist, 'library.js'), path.join(dist, 'library.body.js')];
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
  format: 'esm',
  platform: 'node',
  target: 'node22',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
} satisfies BuildOptions;

const stale = new Set(globSync(['**/*.js{,.map}', '*.cache'], { cwd: dist }));
const doors = await doorsOf(sources([...PUBLIC, ...FOR_PROGRAMS, ...FOR_TESTS]));
await write({
  entryPoints: [...sources(APART), 'library'],
  splitting: true,
  define: { 'import.meta.url': '$url' },
  plugins: [library()],
});
await write({ entryPoints: sources(PROGRAMS), plugins: [throughDoors()] });
for (const { file, outer } of doors) writeOne(path.join(dist, file), outer);
for (const file of stale) rmSync(path.join(dist, file));
execFileSync(process.execPath, [path.join(dist, 'keep-code.js')], { stdio: 'inherit' });

async function write(options: BuildOptions): Promise<void> {
  const { outputFiles } = await build({ ...OPTIONS, ...options, write: false });
  for (const { path: file, text } of outputFiles) {
    const code = file.endsWith('.js') ? inAscii(withoutImports(namedAsWritten(text))) : text;
    if (file === LIBRARY) writeLibrary(code);
    else if (file === `${LIBRARY}.map`) writeOne(`${BODY}.map`, code);
    else writeOne(file, code);
  }
}

function writeLibrary(code: string): void {
  const { script, module, id } = asScript(code, changingExports());
  writeOne(BODY, script.replace('library.js.map', 'library.body.js.map'));
  writeOne(LIBRARY, module);
  writeOne(
    path.join(dist, 'keep-code.js'),
    `import { keepCode } from './code.js';\n\nkeepCode(new URL('library.js', import.meta.url).href, '${id}');\n`,
  );
}

/** Names of the sources' `export let`. */
function changingExports(): Set<string> {
  const texts = globSync('**/*.ts', { cwd }).map((file) => readFileSync(path.join(cwd, file), 'utf8'));
  return new Set(texts.flatMap((text) => [...text.matchAll(/^export let (\w+)/gm)].map(([, name]) => name!)));
}

function writeOne(file: string, text: string): void {
  stale.delete(path.relative(dist, file));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Of each module: what `library.js` has of it, under names of its own, and the file that gives them their names back. */
async function doorsOf(modules: string[]): Promise<{ file: string; inner: string; outer: string }[]> {
  const { metafile } = await build({ ...OPTIONS, entryPoints: modules, splitting: true, metafile: true, write: false });
  return Object.values(metafile.outputs)
    .filter(({ entryPoint }) => entryPoint !== undefined)
    .map(({ entryPoint, exports }, door) => {
      const file = entryPoint!.replace(/ts$/, 'js');
      const list = (from: (name: string) => string, to: (name: string) => string) =>
        exports.map((name) => `${from(name)} as ${to(name)}`).join(', ');
      const [own, plain] = [(name: string) => `${name}$${door}`, (name: string) => name];
      const inside = path.posix.relative(path.posix.dirname(file), 'library.js');
      return {
        file,
        inner: `export { ${list(plain, own)} } from './${entryPoint}';`,
        outer: `export { ${list(own, plain)} } from '${inside.startsWith('.') ? inside : `./${inside}`}';\n`,
      };
    });
}

/** Makes `library`, which has what is behind all the doors. */
function library(): Plugin {
  return {
    name: 'library',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^library$/ }, () => ({ path: 'library', namespace: 'library' }));
      onLoad({ filter: /^library$/, namespace: 'library' }, () => ({
        contents: doors.map(({ inner }) => inner).join('\n'),
        resolveDir: cwd,
      }));
    },
  };
}

/** Has a program come in by the doors instead of having a library of its own. */
function throughDoors(): Plugin {
  return {
    name: 'through doors',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.\/.*\.ts$/ }, ({ path: to, resolveDir }) => ({
        path: path.relative(cwd, path.resolve(resolveDir, to)).replace(/ts$/, 'js'),
        namespace: 'door',
      }));
      onLoad({ filter: /./, namespace: 'door' }, ({ path: door }) => ({
        contents: doors.find(({ file }) => file === door)!.outer,
      }));
      onResolve({ filter: /library\.js$/ }, () => ({ path: '../library.js', external: true }));
    },
  };
}

/**
 * A class that uses its own name is written as `var X = class _X`, and would show as _X in error messages and printed values.
 * (The option `keepNames` calls a function for each function that is made, also where it is made a million times.)
 */
function namedAsWritten(text: string): string {
  const names = [...text.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name]) => name);
  return names.length === 0 ? text : text.replaceAll(new RegExp(`\\b_(${names.join('|')})\\b`, 'g'), '$1');
}

/** Of other characters there are some in comments; for one of them V8 would keep two bytes for each. */
function inAscii(text: string): string {
  return text.replaceAll('…', '...').replaceAll(/[^\0-\x7f]/g, '?');
}

/** Asks for Node's modules in other words: see above. Line by line, which source maps count. */
function withoutImports(text: string): string {
  return text.replaceAll(
    /^import (?:(\w+)|\* as (\w+))?(?:, )?(\{.*\})? from "(node:[\w/]+)";$/gm,
    (_line, whole?: string, namespace?: string, names?: string, specifier?: string) => {
      const module = `process.getBuiltinModule("${specifier}")`;
      const targets = [whole ?? namespace, names?.replaceAll(' as ', ': ')].filter((target) => target !== undefined);
      return targets.map((target) => `const ${target} = ${module};`).join(' ');
    },
  );
}
