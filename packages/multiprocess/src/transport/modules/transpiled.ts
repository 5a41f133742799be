/** Imports as transpilers write them: `const x = __toESM(require("y"))`, and Vite's. */
import { existsSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Script } from '../inspect/scripts.ts';

export interface RequiredBinding {
  specifier: string;
  wrapper: string | undefined;
}

const WRAPPERS =
  '__toESM|__importStar|__importDefault|_interopRequireDefault|_interopRequireWildcard|tslib_\\d+\\.__import(?:Star|Default)|\\(0,\\s*tslib_\\d+\\.__import(?:Star|Default)\\)';
const REQUIRED = new RegExp(
  `(?:\\b(?:const|let|var)\\s+|,\\s*|^\\s*)([\\w$]+)\\s*=\\s*(?:/\\*.*?\\*/\\s*)?(?:(${WRAPPERS})\\s*\\(\\s*)?require\\(\\s*(["'])([^"'\\n]+)\\3\\s*\\)\\s*([.[]?)`,
  'gm',
);
const VITE = /\bconst (__vi(?:te_ssr)?_import_\d+__)\s*=\s*await __vi(?:te_ssr)?_import__\(("(?:[^"\\]|\\.)*")/g;

const requiredBindings = new WeakMap<Script, Map<string, RequiredBinding[]>>();
const viteBindings = new WeakMap<Script, Map<string, string>>();

/** The `require` whose result the variable `name` of `script` holds, checked by identity. */
export function requiredBinding(
  script: Script,
  url: string,
  name: string,
  value: unknown,
): RequiredBinding | undefined {
  let bindings = requiredBindings.get(script);
  if (!bindings) {
    bindings = new Map();
    for (const [, local, wrapper, , specifier, member] of script.source.matchAll(REQUIRED)) {
      if (member) continue;
      bindings.set(local!, [...(bindings.get(local!) ?? []), { specifier: specifier!, wrapper }]);
    }
    requiredBindings.set(script, bindings);
  }
  return bindings.get(name)?.find((binding) => holds(value, binding, url));
}

function holds(value: any, { specifier, wrapper }: RequiredBinding, url: string): boolean {
  try {
    const require = createRequire(url);
    const record = isBuiltin(specifier) ? { exports: require(specifier) } : require.cache[require.resolve(specifier)];
    if (!record) return false;
    const { exports } = record;
    if (value === exports) return true;
    if (!wrapper || typeof value !== 'object') return false;
    return value.default === exports || (Boolean(exports?.__esModule) && value.default === exports.default);
  } catch {
    return false;
  }
}

/** What Vitest's variable `name` imports. */
export function viteSpecifier(script: Script, name: string): string | undefined {
  let bindings = viteBindings.get(script);
  if (!bindings) {
    bindings = new Map([...script.source.matchAll(VITE)].map((match) => [match[1]!, JSON.parse(match[2]!)]));
    viteBindings.set(script, bindings);
  }
  const specifier = bindings.get(name);
  if (!specifier?.startsWith('/')) return specifier;
  const file = [specifier.replace(/^\/@fs/, ''), path.join(process.cwd(), specifier)].find((path) => existsSync(path));
  return file && pathToFileURL(file).href;
}
