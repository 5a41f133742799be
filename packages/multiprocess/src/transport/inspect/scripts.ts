import { readFileSync, statSync } from 'node:fs';
import module from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { moduleLoadList } from '../../builtins.ts';
import { native } from '../../native.ts';
import { withoutWarning } from '../silence.ts';
import { COMPILED } from '../wire/marker.ts';
import { onEvent, post, withDebugger } from './session.ts';

/** A script or module as V8 holds it: for TypeScript and bundles that is the transpiled text. */
export interface Script {
  url: string;
  isModule: boolean | undefined;
  /** Where only the debugger knows it, the first script's costs tens of milliseconds. */
  readonly source: string;
  /** The decoder made it: it stands for several functions, not for the file that it is named after. */
  readonly isCompiled: boolean;
}

/** Where V8 has a function. Line and column, from 0, are somewhere in its text. */
export interface Sight {
  fn: Function;
  text: string;
  scriptId: string;
  line: number;
  column: number;
}

const scripts = new Map<string, Script>();
const compiled = new Set<string>();
/** Whatever was loaded was loaded after it. */
const began = performance.timeOrigin;

/** The script that a function is from. */
export function scriptOf(sight: Sight): Script {
  const known = scripts.get(sight.scriptId);
  if (known) return known;
  const script = named(sight) ?? described(sight.scriptId);
  scripts.set(sight.scriptId, script);
  return script;
}

/** Takes note that the decoder has compiled this. */
export function noteCompiled(fn: Function): void {
  const script = native.scriptOf(fn);
  if (script) compiled.add(String(script.id));
}

function named({ fn, ...sight }: Sight): Script | undefined {
  const found = native.scriptOf(fn);
  if (!found || String(found.id) !== sight.scriptId) return undefined;
  const { isModule } = found;
  const name = typeof found.name === 'string' ? found.name : '';
  const url = path.isAbsolute(name) ? pathToFileURL(name).href : name;
  const isCompiled = compiled.has(sight.scriptId);
  let source: string | undefined;
  return {
    url,
    isModule,
    isCompiled,
    get source() {
      if (!isCompiled) source ??= native.scriptOnStack(found.id) ?? onDisk(url, sight);
      source ??= sourceOf(sight.scriptId);
      return source;
    },
  };
}

/** What is in the file, if that is what was loaded: it has not changed since, and has the function where V8 has it. */
function onDisk(url: string, { text, line, column }: Omit<Sight, 'fn'>): string | undefined {
  if (!url.startsWith('file:')) return undefined;
  try {
    const file = fileURLToPath(url);
    if (statSync(file).ctimeMs >= began) return undefined;
    const source = asLoaded(file);
    if (source === undefined) return undefined;
    let lineStart = 0;
    for (let i = 0; i < line; i++) lineStart = source.indexOf('\n', lineStart) + 1;
    const at = lineStart + column;
    const start = source.lastIndexOf(text, at);
    return start >= 0 && at < start + text.length ? source : undefined;
  } catch {
    return undefined;
  }
}

/** What Node by itself makes of a file; undefined: something else does. */
function asLoaded(file: string): string | undefined {
  if (/\.[cm]?js$/.test(file)) return readFileSync(file, 'utf8');
  const isStripped = /\.[cm]?ts$/.test(file) && moduleLoadList.includes('NativeModule internal/deps/amaro/dist/index');
  if (!isStripped) return undefined;
  // The types become spaces. It is experimental; whoever runs TypeScript knows.
  return withoutWarning('stripTypeScriptTypes', () => module.stripTypeScriptTypes(readFileSync(file, 'utf8')));
}

const events = new Map<string, { url: string; isModule: boolean | undefined }>();

onEvent('Debugger.scriptParsed', ({ scriptId, url, isModule }) => events.set(scriptId, { url, isModule }));

/** Only enabling the Debugger tells about scripts: it sends one event for each, synchronously. */
function described(scriptId: string): Script {
  const source = sourceOf(scriptId);
  const { url = '', isModule } = events.get(scriptId) ?? {};
  return { url, isModule, source, isCompiled: source.startsWith(COMPILED) };
}

function sourceOf(scriptId: string): string {
  return withDebugger(() => {
    try {
      return post('Debugger.getScriptSource', { scriptId }).scriptSource;
    } catch {
      return ''; // collected meanwhile: without its text nothing about it can be proved, and nothing needs to be
    }
  });
}
