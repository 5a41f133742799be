import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Analysis } from '../analyze/analysis.ts';
import { assignedNames } from '../analyze/assigned.ts';
import { analyzeFunction } from '../analyze/function.ts';
import { isEntry } from '../entry.ts';
import { type Inspected, inspectFunction, type Scope } from '../inspect/functions.ts';
import { type Script, scriptOf } from '../inspect/scripts.ts';
import { exportPath } from '../modules/esm.ts';
import type { PathStep } from '../wire/format.ts';
import { isUninitialised, peek } from './contexts.ts';

/** What a function is, as far as it can be told without sending it. */
export type Described =
  | { kind: 'bound'; bound: NonNullable<Inspected['bound']> }
  | { kind: 'native' }
  | { kind: 'internal'; url: string }
  | { kind: 'reference'; url: string; path: PathStep[] }
  | DescribedSource;

/** A function of a script of the program: it may still be an export of a CommonJS module. */
export interface DescribedSource {
  kind: 'source';
  text: string;
  analysis: Analysis;
  script: Script;
  scriptId: string;
  isModule: boolean;
  /** Where it was written, as a URL; for code without a file, a made-up one in the current directory. */
  url: string;
  /** Another process can import the script without running the program again. */
  importable: boolean;
  line: number;
  column: number;
  /** Values of captured variables, as of the last look. */
  scopes: Scope[];
  /** Whether they can change; undefined while it has not been worth the effort to find out. */
  constant: boolean | undefined;
  uses: number;
  self?: { value: unknown };
}

const MAX_SHARED_TEXT = 2000;
const MAX_SHARED = 10_000;
const described = new WeakMap<Function, Described>();
const withoutCaptures = new Map<string, DescribedSource>();

/**
 * Describes a function, with the values its variables have now. Looks at it again at each call unless it is proved that
 * nothing can have changed: a closure is captured at each submit.
 */
export function describeFunction(fn: Function): Described {
  const known = described.get(fn);
  if (known) return known.kind === 'source' ? refreshed(fn, known) : known;
  const text = textOf(fn);
  // Functions of the same text that capture nothing are the same function, wherever they stand.
  const key = (Object.hasOwn(fn, 'caller') ? 'sloppy ' : '') + text;
  const description = withoutCaptures.get(key) ?? inspect(fn, text);
  described.set(fn, description);
  if (description.kind === 'source' && capturesNothing(description) && text.length < MAX_SHARED_TEXT) {
    if (withoutCaptures.size >= MAX_SHARED) withoutCaptures.clear();
    withoutCaptures.set(key, description);
  }
  return description;
}

/** Whether `describeFunction` has been asked about this function before. */
export const isDescribed = (fn: Function): boolean => described.has(fn);

export const textOf = (fn: Function): string => Function.prototype.toString.call(fn);

export const isNativeText = (text: string): boolean => /\{\s*\[native code\]\s*\}\s*$/.test(text);

function inspect(fn: Function, text: string): Described {
  const { location, scopes, bound } = inspectFunction(fn);
  if (bound) return { kind: 'bound', bound };
  if (!location || isNativeText(text)) return { kind: 'native' };
  const script = ownScript(text, scopes) ?? scriptOf({ fn, text, ...location });
  if (script.url.startsWith('node:')) return { kind: 'internal', url: script.url };
  const module = scopes.at(-1);
  const isModule = script.isModule ?? module?.kind === 'Module';
  const url = urlOf(script.url);
  const importable = isImportable(script, url);
  // Only what was made at module level can be an export, and only then is the module's scope there.
  if (importable && isModule && module?.kind === 'Module') {
    const path = exportPath(fn, location.line, script, module.variables);
    if (path) return { kind: 'reference', url, path };
  }
  const analysis = analyzeFunction(text, isModule);
  return {
    kind: 'source',
    text,
    analysis,
    script,
    scriptId: location.scriptId,
    isModule,
    url,
    importable,
    ...startOf(text, analysis.parametersStart, location),
    scopes,
    constant: undefined,
    uses: 0,
  };
}

/** What `new Function` has made is a script of its own, and its text is all there is to know. */
function ownScript(text: string, scopes: readonly Scope[]): Script | undefined {
  const isOwn = scopes.length === 0 && /^(async )?function\*? anonymous\([^)]*\n\) \{\n/.test(text);
  return isOwn ? { url: '', isModule: false, isCompiled: false, source: text } : undefined;
}

function refreshed(fn: Function, known: DescribedSource): Described {
  if (capturesNothing(known) || known.constant) return known;
  // Proving needs the whole script parsed: worth it from the second time on.
  if (known.constant === undefined && ++known.uses >= 2) known.constant = isConstant(known);
  if (!known.constant) known.scopes = inspectFunction(fn).scopes;
  return known;
}

function isConstant({ script, isModule, analysis, scopes }: DescribedSource): boolean {
  const assigned = assignedNamesOf(script, isModule);
  if (!assigned) return false;
  for (const name of analysis.free.keys()) {
    if (assigned.has(name)) return false;
    const scope = scopes.find(({ variables }) => Object.hasOwn(variables, name));
    // `undefined` may mean that the declaration has not run yet.
    if (scope && (isUninitialised(scope.variables, name) || peek(scope.variables, name) === undefined)) return false;
  }
  return true;
}

const assignedByScript = new WeakMap<Script, Set<string> | null>();

function assignedNamesOf(script: Script, isModule: boolean): Set<string> | null {
  let names = assignedByScript.get(script);
  if (names === undefined) {
    names = script.isCompiled ? null : (assignedNames(script.source, isModule) ?? null);
    assignedByScript.set(script, names);
  }
  return names;
}

function capturesNothing({ analysis: a }: DescribedSource): boolean {
  return (
    a.free.size === 0 &&
    a.importMeta.length === 0 &&
    a.computedMethods.length === 0 &&
    !a.heritage &&
    !a.usesDynamicImport &&
    a.kind !== 'class' &&
    !(a.kind === 'arrow' && (a.usesThis || a.usesSuper || a.usesNewTarget)) &&
    !a.usesSuper &&
    a.freePrivateNames.size === 0
  );
}

function urlOf(url: string): string {
  if (/^[a-z][a-z\d+.-]+:/i.test(url)) return url;
  return pathToFileURL(path.resolve(url || '[anonymous]')).href;
}

function isImportable(script: Script, url: string): boolean {
  if (script.isCompiled || isEntry(url)) return false;
  return (
    /^(file|https?|data):/.test(url) && !/evalmachine|\[(eval|stdin|worker|anonymous)/.test(script.url || '[anonymous]')
  );
}

// From V8's position, the "(" of the parameters, back to where the text begins.
function startOf(text: string, offset: number, { line, column }: { line: number; column: number }) {
  const linesBefore = text.slice(0, offset).split('\n').length - 1;
  if (linesBefore > 0) return { line: line - linesBefore, column: 0 };
  return { line, column: Math.max(0, column - offset) };
}
