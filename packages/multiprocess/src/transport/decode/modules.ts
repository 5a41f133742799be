import { readFileSync } from 'node:fs';
import module, { createRequire, isBuiltin } from 'node:module';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { toFile } from '../modules/importMeta.ts';
import { type ImportSource, importKey } from '../wire/format.ts';
import { importFrom, noteImport } from './importer.ts';
import { asNamespace, unwrap } from './interop.ts';

const require = createRequire(import.meta.url);
const loaded = new Map<string, { value: unknown }>();

/** Imports a module as the sender's function did. */
export async function loadModule(source: ImportSource): Promise<unknown> {
  const known = tryLoadModule(source);
  if (known) return known.value;
  const value = await importModule(source);
  loaded.set(importKey(source), { value });
  return value;
}

/** The same without waiting, when that is possible: the module is loaded, builtin, CommonJS, or ESM without top-level await. */
export function tryLoadModule(source: ImportSource): { value: unknown } | undefined {
  const key = importKey(source);
  const known = loaded.get(key);
  if (known) return known;
  try {
    const found = loadSync(source);
    if (found) loaded.set(key, found);
    return found;
  } catch {
    return undefined; // top-level await, or a module that fails: importing it will tell
  }
}

function importModule(source: ImportSource): Promise<unknown> {
  noteImport();
  switch (source.kind) {
    case 'url':
      return import(source.url);
    case 'specifier':
      return importFrom(source.from)(source.specifier, source.attributes && { with: source.attributes });
    default:
      // CommonJS that failed before: fails again, with its error.
      return Promise.resolve(loadSync(source)!.value);
  }
}

function loadSync(source: ImportSource): { value: unknown } | undefined {
  switch (source.kind) {
    case 'commonjs':
      return { value: require(source.file) };
    case 'required':
      return { value: unwrap(createRequire(toFile(source.from))(source.specifier), source.wrapper) };
    case 'url':
      return loadUrl(source.url);
    case 'specifier':
      return source.attributes ? undefined : loadSpecifier(source.specifier, source.from);
  }
}

function loadSpecifier(specifier: string, from: string): { value: unknown } | undefined {
  if (isBuiltin(specifier)) return { value: asNamespace(process.getBuiltinModule(specifier)) };
  if (/^(\.{0,2}\/|file:)/.test(specifier)) return loadUrl(new URL(specifier, from).href);
  if (/^[a-z][a-z\d+.-]*:|^#/.test(specifier) || !resolvesAlike(specifier, from)) return undefined;
  return loadUrl(pathToFileURL(createRequire(toFile(from)).resolve(specifier)).href);
}

// `require` loads ES modules too, and gives the same instance as `import`.
function loadUrl(url: string): { value: unknown } | undefined {
  if (hasLoaderHooks() || !/^file:[^?#]+\.[cm]?[jt]s$/.test(url)) return undefined;
  const exports = require(toFile(url));
  if (types.isModuleNamespaceObject(exports)) return { value: exports };
  return /\.m[jt]s$/.test(url) ? undefined : { value: asNamespace(exports) };
}

// Whether `require` and `import` find the same file for a package: its exports do not distinguish them.
function resolvesAlike(specifier: string, from: string): boolean {
  const file = (module as { findPackageJSON?(s: string, from: string): string | undefined }).findPackageJSON?.(
    specifier,
    from,
  );
  if (file === undefined) return false;
  const { exports } = JSON.parse(readFileSync(file, 'utf8')) as { exports?: unknown };
  return exports === undefined || !/"(import|require|module-sync)":/.test(JSON.stringify(exports));
}

// Hooks given to Node may resolve and load what `require` cannot.
function hasLoaderHooks(): boolean {
  const flags = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  return /--(import|loader|experimental-loader)\b/.test(flags);
}
