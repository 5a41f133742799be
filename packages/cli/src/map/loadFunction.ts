import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommandError, oneLine } from '../failure.ts';
import { userFrame } from './userFrame.ts';

export type ItemFunction = (input: string) => unknown;

/**
 * The function that `module#export` names: a path, a URL or a package, seen from the current folder; the export is
 * `default` unless it is named. Throws `CommandError`.
 */
export async function loadFunction(word: string): Promise<ItemFunction> {
  const { specifier, name } = split(word);
  const url = locate(specifier);
  const namespace = await importModule(url, specifier);
  const value = namespace[name] ?? member(namespace.default, name);
  if (typeof value === 'function') return value as ItemFunction;
  if (value !== undefined)
    throw new CommandError(`export '${name}' of '${specifier}' is not a function (${typeof value})`);
  const names = Object.keys(namespace).filter((key) => typeof namespace[key] === 'function');
  const others = names.length > 0 ? `; its functions: ${names.join(', ')}` : '; it exports no function';
  throw new CommandError(`'${specifier}' has no export '${name}'${others}`);
}

function split(word: string): { specifier: string; name: string } {
  // A file may have a '#' in its name.
  const at = existsSync(word) ? -1 : word.lastIndexOf('#');
  return at < 0
    ? { specifier: word, name: 'default' }
    : { specifier: word.slice(0, at), name: word.slice(at + 1) || 'default' };
}

function locate(specifier: string): string {
  if (/^(node|file|data):/.test(specifier)) return specifier;
  const path = resolve(specifier);
  if (existsSync(path)) return pathToFileURL(path).href;
  if (/^\.{0,2}\//.test(specifier)) throw new CommandError(`cannot find module '${specifier}'`);
  try {
    const found = createRequire(join(process.cwd(), 'mp.js')).resolve(specifier);
    return found.startsWith('/') ? pathToFileURL(found).href : `node:${found}`;
  } catch {
    throw new CommandError(`cannot find module '${specifier}': no such file, and no such package here`);
  }
}

async function importModule(url: string, specifier: string): Promise<Record<string, unknown>> {
  try {
    return (await import(url)) as Record<string, unknown>;
  } catch (error) {
    const frame = userFrame(error);
    throw new CommandError(`cannot load '${specifier}': ${oneLine(error)}${frame ? ` (${frame})` : ''}`);
  }
}

/** CommonJS modules may hide their names from Node's static analysis. */
function member(value: unknown, name: string): unknown {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
