import { createRequire } from 'node:module';
import { types } from 'node:util';
import { parse, type Tree } from '../analyze/parse.ts';
import type { Script } from '../inspect/scripts.ts';
import type { PathStep } from '../wire/format.ts';
import { isPlainRecord } from './commonjs.ts';

/** A local name that stands for something of another module; `name` is `*` for the namespace. */
export interface ImportBinding {
  specifier: string;
  name: string;
  attributes: Record<string, string> | undefined;
}

export interface ModuleTables {
  imports: Map<string, ImportBinding>;
  /** Exported name to local name; undefined for `export default <expression>`. */
  exports: Map<string, string | undefined>;
  /** Where that expression begins. */
  defaultAt: number;
}

const tables = new WeakMap<Script, ModuleTables>();
let lexer: typeof import('es-module-lexer') | undefined;

/** What a module imports and exports, from its source; nothing is evaluated. */
export function moduleTables(script: Script): ModuleTables {
  let known = tables.get(script);
  if (!known) {
    known = { imports: new Map(), exports: new Map(), defaultAt: -1 };
    try {
      readTables(script.source, known);
    } catch {
      // Syntax newer than the lexer: the module's variables then go by value.
    }
    tables.set(script, known);
  }
  return known;
}

function readTables(source: string, tables: ModuleTables): void {
  lexer ??= createRequire(import.meta.url)('es-module-lexer') as typeof import('es-module-lexer');
  const [imports, exports] = lexer.parse(source);
  for (const entry of imports) {
    if (entry.type !== 'static') continue;
    const text = source
      .slice(entry.importStart, entry.importEnd)
      .replace(/^import\s+(defer|source)\b(?!\s*(from|,))/, 'import');
    const statement = parse(text, { sourceType: 'module' }).body[0] as Tree;
    const attributes = entry.attributes ? Object.fromEntries(entry.attributes) : undefined;
    for (const specifier of statement.specifiers ?? [])
      tables.imports.set(specifier.local.name, {
        specifier: statement.source.value,
        name: importedName(specifier),
        attributes,
      });
  }
  for (const entry of exports) {
    if (entry.type !== 'direct') continue; // re-exports have no local variable
    tables.exports.set(entry.name, entry.localName);
    if (entry.name === 'default' && entry.localName === undefined) tables.defaultAt = entry.end;
  }
}

function importedName(specifier: Tree): string {
  if (specifier.type === 'ImportNamespaceSpecifier') return '*';
  if (specifier.type === 'ImportDefaultSpecifier') return 'default';
  return specifier.imported.name ?? specifier.imported.value;
}

/**
 * The path by which `fn` can be reached from the exports of the module it was written in, or undefined. Compared by
 * identity with the module's live variables.
 */
export function exportPath(
  fn: Function,
  line: number,
  script: Script,
  variables: Record<string, unknown>,
): PathStep[] | undefined {
  const { exports, defaultAt } = moduleTables(script);
  for (const [exported, local] of exports) {
    if (local === undefined) {
      if (exported === 'default' && isDefaultExpression(fn, line, script.source, defaultAt)) return ['default'];
      continue;
    }
    const value = readVariable(variables, local);
    if (value === fn) return [exported];
    const path = memberPath(value, fn);
    if (path) return [exported, ...path];
  }
  return undefined;
}

// An anonymous default export is in no variable: it is the function whose text stands there.
function isDefaultExpression(fn: Function, line: number, source: string, at: number): boolean {
  if (at < 0 || !source.slice(at).trimStart().startsWith(Function.prototype.toString.call(fn))) return false;
  const defaultLine = source.slice(0, at + 1).split('\n').length - 1;
  return line >= defaultLine && line <= defaultLine + 1;
}

function memberPath(owner: unknown, fn: Function): PathStep[] | undefined {
  const isClass = typeof owner === 'function';
  if ((!isClass && !isPlainRecord(owner)) || types.isProxy(owner)) return undefined;
  const own = memberOf(owner as object, fn);
  if (own) return own;
  const prototype = isClass ? owner.prototype : undefined;
  const inherited = typeof prototype === 'object' && prototype !== null ? memberOf(prototype, fn) : undefined;
  return inherited && ['prototype', ...inherited];
}

function memberOf(owner: object, fn: Function): PathStep[] | undefined {
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
    if (key === 'constructor') continue;
    if (descriptor.value === fn) return [key];
    if (descriptor.get === fn) return [key, { accessor: 'get' }];
    if (descriptor.set === fn) return [key, { accessor: 'set' }];
  }
  return undefined;
}

function readVariable(variables: Record<string, unknown>, name: string): unknown {
  try {
    return variables[name];
  } catch {
    return undefined; // not initialised yet
  }
}
