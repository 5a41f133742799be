/**
 * The library's code, compiled once for each version of Node.js, instead of in every program, zygote and thread: of half a
 * megabyte that takes as long as all else that loading does. What V8 makes of it is kept in a file beside it.
 *
 * An `import` cannot be given compiled code, but a `vm.Script` can. So the library is a script, `library.body.js`, and the
 * module `library.js` exports what that returns (scripts/bundle.ts). Without the file, or where V8 does not want it (another
 * version, other flags), the source is compiled as always.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';

export interface Library {
  /** Of the module. */
  url: string;
  exports: Record<string, unknown>;
}

let library: Library | undefined;
let kept = false;

/**
 * What the module at `url` is to export. `imports`: what the script uses of other modules. `id` tells one script from another:
 * V8 looks at its length only.
 */
export function load(url: string, id: string, imports: object): Record<string, unknown> {
  library = { url, exports: (isInMainContext() ? keptOf(url, id) : evaluated(url))(url, imports) };
  return library.exports;
}

type Body = (url: string, imports: object) => Record<string, unknown>;

function keptOf(url: string, id: string): Body {
  const script = compile(url, readIfAny(fileOf(url, id)));
  kept = script.cachedDataRejected === false;
  return script.runInThisContext();
}

/** A `vm.Script` runs in the main context. In another one (Jest's) the library must be made of the builtins that are there. */
const isInMainContext = () => vm.runInThisContext('Object') === Object;

function evaluated(url: string): Body {
  return new Function(`return ${sourceOf(url)}\n//# sourceURL=${bodyOf(url)}`)();
}

/** Keeps the compiled code of all functions, for processes on this version of Node.js. */
export function keepCode(url: string, id: string): void {
  v8.setFlagsFromString('--no-lazy');
  const script = compile(url);
  v8.setFlagsFromString('--lazy'); // it says with which flags it was made
  const file = fileOf(url, id);
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, script.createCachedData());
  renameSync(partial, file); // complete or not at all
}

/** Undefined while it is being loaded. */
export const loadedLibrary = (): Library | undefined => library;

/** Whether what was kept is in use. */
export const isCodeKept = (): boolean => kept;

const exporters: (() => void)[] = [];

/** What a script returned cannot be seen to change: `exporter` exports it anew. */
export function onExportsChange(exporter: () => void): void {
  exporters.push(exporter);
}

/** To be called after each change of a variable that is exported, by `export let`. */
export function exportsChanged(): void {
  for (const exporter of exporters) exporter();
}

function compile(url: string, cachedData?: Buffer): vm.Script {
  return new vm.Script(sourceOf(url), {
    filename: bodyOf(url),
    cachedData,
    importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER, // an old Node.js is to get as far as our error
  });
}

const bodyOf = (url: string) => new URL('library.body.js', url).href;
const sourceOf = (url: string) => readFileSync(new URL(bodyOf(url)), 'latin1');

function fileOf(url: string, id: string): string {
  return fileURLToPath(new URL(`library.${id}.${process.arch}.${process.versions.v8}.cache`, url));
}

function readIfAny(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
