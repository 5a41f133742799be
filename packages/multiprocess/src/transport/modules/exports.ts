/** Whatever CommonJS modules, and the library, export: found by identity, without the inspector. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { loadedLibrary } from '../../code.ts';
import { isEntry } from '../entry.ts';
import type { ImportSource, PathStep } from '../wire/format.ts';
import { knownPath } from './known.ts';

const DEPTH = 3;
const MAX_KEYS = 2000;
const require = createRequire(import.meta.url);

export interface FoundExport {
  source: ImportSource;
  path: PathStep[];
}

const found = new WeakMap<object, FoundExport>();
const indexed = new Map<string, unknown>();

/** Which export of which CommonJS module, or of the library, `value` is, by identity, as of the last `indexExports`. */
export function exportFound(value: object): FoundExport | undefined {
  return found.get(value);
}

/** Looks at the exports of modules loaded or changed since the last call. Nothing is evaluated but re-export getters. */
export function indexExports(): void {
  const library = loadedLibrary();
  if (library) index(library.exports, { kind: 'url', url: library.url }, [], DEPTH); // once, as for any object
  for (const file in require.cache) {
    const record = require.cache[file];
    if (!record?.loaded || indexed.get(file) === record.exports) continue;
    indexed.set(file, record.exports);
    if (!isEntry(pathToFileURL(file).href)) index(record.exports, { kind: 'commonjs', file }, [], DEPTH);
  }
}

function index(value: unknown, source: ImportSource, path: PathStep[], depth: number): void {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return;
  if (found.has(value) || knownPath(value)) return;
  found.set(value, { source, path });
  if (depth === 0 || types.isProxy(value) || types.isModuleNamespaceObject(value)) return;
  const keys = Object.getOwnPropertyNames(value);
  if (keys.length > MAX_KEYS) return;
  for (const key of keys) {
    if (key === 'constructor' || key === 'arguments' || key === 'caller') continue;
    const member = readMember(value, key, depth);
    if (member !== undefined) index(member, source, [...path, key], depth - 1);
  }
}

function readMember(value: object, key: string, depth: number): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(value, key);
  if (!descriptor) return undefined;
  if (!('value' in descriptor)) return depth === DEPTH ? readReExport(value, key) : undefined;
  const member = descriptor.value;
  if (typeof member === 'function' || (key === 'prototype' && typeof member === 'object')) return member;
  return depth > 1 && isPlainRecord(member) ? member : undefined;
}

// Transpilers write re-exports as getters.
function readReExport(value: object, key: string): unknown {
  try {
    const member = (value as Record<string, unknown>)[key];
    return typeof member === 'function' ? member : undefined;
  } catch {
    return undefined;
  }
}

export function isPlainRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
