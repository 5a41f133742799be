import module from 'node:module';
import { moduleLoadList } from '../../builtins.ts';
import { registeredName } from '../handles.ts';
import type { PathStep } from '../wire/format.ts';
import { INTRINSICS } from './knownPath.ts';

// Getters among these warn, or load much, when they are only looked at.
const UNTOUCHED_GLOBALS = new Set(
  'GLOBAL root localStorage sessionStorage navigator CustomEvent fetch WebSocket EventSource CloseEvent caches'.split(
    ' ',
  ),
);
// To look at one of these loads a module of Node, which takes up to 80 ms. Where nobody has loaded it, no
// value can be one of them.
const lazyModules = new Map<string, string[]>(
  Object.entries({
    'deps/undici/undici': 'FormData Headers Request Response MessageEvent WebSocket CloseEvent EventSource',
    'webstreams/util':
      'ReadableStream ReadableStreamDefaultReader ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableByteStreamController ReadableStreamDefaultController TransformStream TransformStreamDefaultController WritableStream WritableStreamDefaultController WritableStreamDefaultWriter ByteLengthQueuingStrategy CountQueuingStrategy TextEncoderStream TextDecoderStream CompressionStream DecompressionStream',
    'crypto/webcrypto': 'Crypto CryptoKey SubtleCrypto',
  }).map(([name, globals]) => [`NativeModule internal/${name}`, globals.split(' ')]),
);
const NODE_GLOBALS = new Set(
  'global clearImmediate setImmediate clearInterval clearTimeout setInterval setTimeout queueMicrotask structuredClone atob btoa performance fetch navigator crypto'.split(
    ' ',
  ),
);
const UNTOUCHED_BUILTINS = /^(node:|sys|punycode|wasi|_|trace_events|test|sqlite|sea|internal|inspector\/)/;
const SKIPPED_KEYS = new Set<PropertyKey>(['caller', 'callee', 'arguments', 'constructor']);

const wellKnownSymbols = new Map<symbol, string>();
const paths = new Map<object, PathStep[]>();
const lazyGlobals: string[] = [];
const indexedBuiltins = new Set<string>();
let builtinsLoaded = -1;
let lookedForModules = -1;
let indexed = false;

/** The path of a builtin: globals, what belongs to them, and the library's own. */
export function knownPath(value: object): PathStep[] | undefined {
  const name = registeredName(value);
  if (name !== undefined) return ['multiprocess', name];
  if (!indexed) indexGlobals();
  if (moduleLoadList.length !== lookedForModules) indexLazyModules();
  return paths.get(value);
}

/** The same, looking also into the builtin modules that are loaded by now. */
export function knownPathOfBuiltin(value: object): PathStep[] | undefined {
  const path = knownPath(value);
  if (path) return path;
  indexLoadedBuiltins();
  return paths.get(value);
}

/** The same, looking also at globals that Node loads when they are first used. */
export function knownPathDeep(value: object): PathStep[] | undefined {
  const path = knownPathOfBuiltin(value);
  if (path) return path;
  if (!paths.has(value)) for (const name of lazyGlobals.splice(0)) indexLazyGlobal(name);
  return paths.get(value);
}

/** `process.stdout` and its like, which exist from the first use on. */
export function standardStreamPath(value: object): PathStep[] | undefined {
  for (const name of ['stdout', 'stderr', 'stdin'] as const)
    if (process[name] === value) return ['global', 'process', name];
  return undefined;
}

/** `iterator` for Symbol.iterator. */
export function wellKnownSymbolName(symbol: symbol): string | undefined {
  if (wellKnownSymbols.size === 0) {
    for (const name of Object.getOwnPropertyNames(Symbol)) {
      const value = (Symbol as unknown as Record<string, unknown>)[name];
      if (typeof value === 'symbol') wellKnownSymbols.set(value, name);
    }
  }
  return wellKnownSymbols.get(symbol);
}

function indexGlobals(): void {
  indexed = true;
  paths.set(globalThis, ['global']);
  const later = new Set([...lazyModules.values()].flat());
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (later.has(name)) continue;
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name)!;
    // The program's own: what it assigned, and the functions of a script.
    if ((descriptor.enumerable && !NODE_GLOBALS.has(name)) || !descriptor.configurable) continue;
    if ('value' in descriptor) index(descriptor.value, ['global', name], 2);
    else if (!module.builtinModules.includes(name) && !UNTOUCHED_GLOBALS.has(name)) lazyGlobals.push(name);
  }
  index(process, ['global', 'process'], 1);
  index(console, ['global', 'console'], 1);
  for (const [name, value] of Object.entries(INTRINSICS)) index(value, ['intrinsic', name], 1);
  for (const name of ['GeneratorFunction', 'AsyncFunction', 'AsyncGeneratorFunction'])
    index(INTRINSICS[name]!.constructor, ['intrinsic', name, 'constructor'], 0);
}

function indexLazyModules(): void {
  lookedForModules = moduleLoadList.length;
  for (const [module, globals] of lazyModules) {
    if (!moduleLoadList.includes(module)) continue;
    lazyModules.delete(module);
    for (const name of globals) indexLazyGlobal(name);
  }
}

function indexLazyGlobal(name: string): void {
  try {
    index((globalThis as Record<string, unknown>)[name], ['global', name], 2);
  } catch {
    // A global that throws here is of no use to the function either.
  }
}

// Only those that the process has loaded: nothing of another can be in a value.
function indexLoadedBuiltins(): void {
  if (moduleLoadList.length === builtinsLoaded) return;
  builtinsLoaded = moduleLoadList.length;
  const loaded = new Set(moduleLoadList);
  for (const name of module.builtinModules) {
    if (indexedBuiltins.has(name) || UNTOUCHED_BUILTINS.test(name) || !loaded.has(`NativeModule ${name}`)) continue;
    indexedBuiltins.add(name);
    index(process.getBuiltinModule(name), ['builtin', name], 2);
  }
}

function index(value: unknown, path: PathStep[], depth: number): void {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || paths.has(value)) return;
  paths.set(value, path);
  if (depth === 0) return;
  for (const key of Reflect.ownKeys(value)) {
    const step = typeof key === 'symbol' ? symbolStep(key) : key;
    if (step === undefined || SKIPPED_KEYS.has(key)) continue;
    const descriptor = Object.getOwnPropertyDescriptor(value, key)!;
    if ('value' in descriptor) index(descriptor.value, [...path, step], depth - 1);
    for (const accessor of ['get', 'set'] as const) {
      const half = descriptor[accessor];
      if (half && !paths.has(half)) paths.set(half, [...path, step, { accessor }]);
    }
  }
}

function symbolStep(symbol: symbol): PathStep | undefined {
  const name = wellKnownSymbolName(symbol);
  return name === undefined ? undefined : { symbol: name };
}
