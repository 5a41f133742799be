import { types } from 'node:util';
import { type Handle, reduce, registrationOf, sharedMemoryOf } from '../handles.ts';
import { isPlainRecord } from '../modules/exports.ts';
import { importMetaUrl } from '../modules/importMeta.ts';
import { knownPath, standardStreamPath } from '../modules/known.ts';
import { Cell } from '../wire/cell.ts';
import { NODE, type PrototypeSlot, type Slot } from '../wire/format.ts';
import { isPlain } from '../wire/plain.ts';
import { encodeArray, encodeBinary, encodeMap, encodeSet, encodeWeak } from './collections.ts';
import type { Encoder } from './encoder.ts';
import { encodeError } from './errors.ts';
import { encodeProperties, encodePrototype } from './instances.ts';

/** Encodes an object that the message does not hold yet. */
export function encodeObject(encoder: Encoder, object: object): Slot {
  if (types.isProxy(object))
    encoder.trail.refuse({
      kind: 'Proxy',
      why: 'it is a Proxy, whose handler cannot be copied',
      hint: 'pass the plain target object instead',
    });
  if (tryIsPlain(object)) return encoder.add([NODE.data, object], object);
  return (
    encodeByName(encoder, object) ??
    encodeRegistered(encoder, object) ??
    encodeSharedMemory(encoder, object) ??
    encodeByKind(encoder, object)
  );
}

// A getter may throw; the walk property by property will then say which one.
function tryIsPlain(object: object): boolean {
  try {
    return isPlain(object);
  } catch {
    return false;
  }
}

// Objects that the receiver has too: builtins, exports of CommonJS modules, and what the transport itself made.
function encodeByName(encoder: Encoder, object: object): Slot {
  const path = knownPath(object) ?? ('_events' in object ? standardStreamPath(object) : undefined);
  if (path) return encoder.add([NODE.known, path], object);
  if (object instanceof Cell) {
    const node: [typeof NODE.cell, Slot] = [NODE.cell, undefined];
    const slot = encoder.add(node, object);
    node[1] = encoder.slot(object.v);
    return slot;
  }
  const metaUrl = importMetaUrl(object);
  if (metaUrl !== undefined) return encoder.add([NODE.importMeta, metaUrl], object);
  const exported = encoder.exportFound(object);
  return exported?.source.kind === 'commonjs' && exported.path.length <= 1
    ? encoder.addImport(exported.source, exported.path, object)
    : undefined;
}

function encodeRegistered(encoder: Encoder, object: object): Slot {
  const registration = registrationOf(Object.getPrototypeOf(object));
  if (registration?.unsendable) {
    const { name } = object.constructor;
    encoder.trail.refuse({
      kind: name,
      why: `it is a ${name}, ${registration.unsendable.reason}`,
      hint: registration.unsendable.hint,
    });
  }
  const data = registration?.handle && packed(encoder, object, registration.handle);
  if (registration?.handle && data !== undefined) return encodeHandle(encoder, object, registration.handle.tag, data);
  const reducer = (object as { [reduce]?: unknown })[reduce];
  return typeof reducer === 'function' ? encodeReduced(encoder, object, reducer.call(object)) : undefined;
}

function packed(encoder: Encoder, object: object, handle: Handle): unknown {
  const refusal =
    handle.moves && encoder.keepsAll
      ? { reason: 'which errors and programs that are sent more than once do not take along' }
      : handle.refusal?.(object);
  if (refusal)
    encoder.trail.refuse({ kind: handle.tag, why: `it is a ${handle.tag}, ${refusal.reason}`, hint: refusal.hint });
  return handle.pack(object);
}

function encodeHandle(encoder: Encoder, object: object, tag: string, data: unknown): Slot {
  const node: [typeof NODE.handle, string, Slot] = [NODE.handle, tag, undefined];
  const slot = encoder.add(node, object);
  node[2] = encoder.slot(data);
  return slot;
}

function encodeSharedMemory(encoder: Encoder, object: object): Slot {
  const isView = ArrayBuffer.isView(object);
  if (!isView && !types.isArrayBuffer(object)) return undefined;
  const shared = sharedMemoryOf(isView ? object.buffer : object);
  return shared && encodeHandle(encoder, object, shared.tag, shared.pack(object));
}

function encodeReduced(encoder: Encoder, object: object, reduced: unknown): Slot {
  const [maker, args] = Array.isArray(reduced) ? reduced : [];
  if (typeof maker !== 'function' || !Array.isArray(args))
    encoder.trail.refuse({
      why: `its [Symbol.for('multiprocess.reduce')]() must return [function or class, arguments]`,
    });
  const node: [typeof NODE.reduced, Slot, Slot[]] = [NODE.reduced, undefined, []];
  const slot = encoder.add(node, object);
  node[1] = encoder.member(' (what it is reduced to)', maker);
  node[2] = args.map((argument: unknown, i: number) => encoder.member(` (reduced, argument ${i})`, argument));
  return slot;
}

function encodeByKind(encoder: Encoder, object: object): Slot {
  refuseUncopyable(encoder, object);
  if (object instanceof DOMException)
    return encodeReduced(encoder, object, [DOMException, [object.message, object.name]]);
  if (types.isNativeError(object)) return encodeError(encoder, object);
  if (object instanceof URL && Object.getPrototypeOf(object) === URL.prototype)
    return encodeReduced(encoder, object, [URL, [object.href]]);
  if (object instanceof URLSearchParams) return encodeReduced(encoder, object, [URLSearchParams, [object.toString()]]);
  if (Array.isArray(object)) return encodeArray(encoder, object);
  if (types.isArgumentsObject(object)) return encodeArray(encoder, Array.from(object as never), object);
  if (types.isMap(object)) return encodeMap(encoder, object);
  if (types.isSet(object)) return encodeSet(encoder, object);
  if (types.isWeakMap(object) || types.isWeakSet(object)) return encodeWeak(encoder, object);
  if (types.isDate(object) || types.isRegExp(object) || types.isBoxedPrimitive(object) || isBinary(object))
    return encodeBinary(encoder, object);
  const node: [typeof NODE.object, PrototypeSlot, any] = [NODE.object, undefined, undefined];
  const slot = encoder.add(node, object);
  if (!isPlainRecord(object)) node[1] = encodePrototype(encoder, object);
  else if (Object.getPrototypeOf(object) === null) node[1] = null;
  node[2] = encodeProperties(encoder, object);
  return slot;
}

const isBinary = (object: object): boolean => types.isAnyArrayBuffer(object) || ArrayBuffer.isView(object);

function refuseUncopyable(encoder: Encoder, object: object): void {
  const refuse = (kind: string, why: string, hint?: string) =>
    encoder.trail.refuse({ kind, why: `it is ${why}`, hint });
  const buffer = ArrayBuffer.isView(object) ? object.buffer : object;
  if (types.isSharedArrayBuffer(buffer))
    refuse(
      'SharedArrayBuffer',
      'backed by a SharedArrayBuffer, which cannot be shared between processes (only between threads)',
      'use a SharedArray of this library',
    );
  if (types.isModuleNamespaceObject(object))
    refuse(
      'module',
      'a module namespace object whose import statement was not found',
      'import the module inside the function with `await import(...)`',
    );
  if (types.isPromise(object)) refuse('Promise', 'a Promise', 'await it first and capture the result');
  if (types.isGeneratorObject(object))
    refuse('generator', 'a running generator', 'capture the generator function and its arguments instead');
  if (types.isExternal(object)) refuse('native pointer', 'a native external pointer');
  if (object instanceof WeakRef || object instanceof FinalizationRegistry) {
    const kind = (object as { [Symbol.toStringTag]: string })[Symbol.toStringTag];
    refuse(kind, `a ${kind}, whose contents cannot be listed`);
  }
}
