import { createRequire } from 'node:module';
import { types } from 'node:util';
import { parse, type Tree } from '../analyze/parse.ts';
import { hoistedNames, lexicalNames } from '../analyze/scopes.ts';
import type { Script } from '../inspect/scripts.ts';
import type { PathStep } from '../wire/format.ts';
import { isPlainRecord } from './exports.ts';

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

// Small modules are read by the parser, which is needed anyway; large ones by the lexer, which is many times as fast. It
// is WebAssembly, and compiling that in a forked process hangs on Node 26, so `loadLexer` comes before the fork.
const PARSED_LENGTH = 200_000;
const tables = new WeakMap<Script, ModuleTables>();
let lexer: typeof import('es-module-lexer') | undefined;

/** What a module imports and exports, from its source; nothing is evaluated. */
export function moduleTables(script: Script): ModuleTables {
  const known = tables.get(script);
  if (known) return known;
  const { source } = script;
  const read =
    (source.length <= PARSED_LENGTH && attempt(() => parseTables(source))) || attempt(() => lexTables(source));
  // Syntax that neither knows: the module's variables then go by value.
  const found = read || { imports: new Map(), exports: new Map(), defaultAt: -1 };
  tables.set(script, found);
  return found;
}

export function loadLexer(): typeof import('es-module-lexer') {
  if (!lexer) {
    lexer = createRequire(import.meta.url)('es-module-lexer') as typeof import('es-module-lexer');
    lexer.parse('');
  }
  return lexer;
}

function attempt(read: () => ModuleTables): ModuleTables | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function parseTables(source: string): ModuleTables {
  const tables: ModuleTables = { imports: new Map(), exports: new Map(), defaultAt: -1 };
  for (const statement of parse(source, { sourceType: 'module', allowHashBang: true }).body as Tree[]) {
    if (statement.type === 'ImportDeclaration') addImports(tables, statement);
    else if (statement.type === 'ExportNamedDeclaration' && !statement.source) {
      for (const { local, exported } of statement.specifiers)
        tables.exports.set(exported.name ?? exported.value, local.name);
      for (const name of lexicalNames([statement.declaration].filter(Boolean))) tables.exports.set(name, name);
      if (statement.declaration?.kind === 'var')
        for (const name of hoistedNames(statement.declaration)) tables.exports.set(name, name);
    } else if (statement.type === 'ExportDefaultDeclaration') {
      const { declaration } = statement;
      tables.exports.set('default', /Declaration$/.test(declaration.type) ? declaration.id?.name : undefined);
      tables.defaultAt = declaration.start;
    }
  }
  // An import that is exported again belongs to the other module.
  for (const [exported, local] of tables.exports)
    if (local !== undefined && tables.imports.has(local)) tables.exports.delete(exported);
  return tables;
}

function lexTables(source: string): ModuleTables {
  const tables: ModuleTables = { imports: new Map(), exports: new Map(), defaultAt: -1 };
  const [imports, exports] = loadLexer().parse(source);
  for (const entry of imports) {
    if (entry.type !== 'static') continue;
    const text = source.slice(entry.importStart, entry.importEnd);
    const plain = text.replace(/^import\s+(defer|source)\b(?!\s*(from|,))/, 'import');
    const statement = parse(plain, { sourceType: 'module' }).body[0] as Tree;
    if (statement.type === 'ImportDeclaration') addImports(tables, statement); // else a re-export
  }
  for (const entry of exports) {
    if (entry.type !== 'direct') continue; // re-exports have no local variable
    tables.exports.set(entry.name, entry.localName);
    if (entry.name === 'default' && entry.localName === undefined) tables.defaultAt = entry.end;
  }
  return tables;
}

function addImports({ imports }: ModuleTables, statement: Tree): void {
  const attributes = statement.attributes?.length
    ? Object.fromEntries(statement.attributes.map(({ key, value }: Tree) => [key.name ?? key.value, value.value]))
    : undefined;
  for (const specifier of statement.specifiers)
    imports.set(specifier.local.name, { specifier: statement.source.value, name: importedName(specifier), attributes });
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
