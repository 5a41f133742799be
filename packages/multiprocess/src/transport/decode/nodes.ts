import { createRequire } from 'node:module';
import { MultiprocessError } from '../../errors.ts';
import { handleByTag } from '../handles.ts';
import { makeImportMeta, toFile } from '../modules/importMeta.ts';
import { follow, resolveKnown } from '../modules/knownPath.ts';
import { imported } from '../origins.ts';
import { RemoteError } from '../remoteError.ts';
import { Cell } from '../wire/cell.ts';
import { NODE, type Node, type PathStep, type Properties, type PrototypeSlot, type Slot } from '../wire/format.ts';
import type { Decoder } from './decoder.ts';
import { readFunction } from './functions.ts';

/** Reads node `index`; objects publish themselves before their members. */
export function readNode(decoder: Decoder, index: number, node: Node): unknown {
  switch (node[0]) {
    case NODE.data:
      return withPrototype(decoder, node[1], node[2]);
    case NODE.symbol:
      return readSymbol(node[1], node[2]);
    case NODE.known:
      return resolveKnown(node[1]);
    case NODE.import:
      return readImport(decoder, node[1], node[2]);
    case NODE.require:
      return createRequire(toFile(node[1]));
    case NODE.moduleRecord:
      return createRequire(import.meta.url).cache[node[1]];
    case NODE.importMeta:
      return makeImportMeta(node[1]);
    case NODE.cell: {
      const cell = decoder.publish(index, new Cell());
      decoder.fill(node[1], (value) => {
        cell.v = value;
      });
      return cell;
    }
    case NODE.bound: {
      const target = decoder.required(node[1]);
      return Function.prototype.bind.call(
        target,
        decoder.value(node[2]),
        ...node[3].map((slot) => decoder.value(slot)),
      );
    }
    case NODE.function:
      return readFunction(decoder, index, node);
    case NODE.handle:
      return handleByTag(node[1]).unpack(decoder.value(node[2]));
    case NODE.reduced:
      return readReduced(decoder, node[1], node[2]);
    case NODE.lostError:
      return new RemoteError(node[1], node[2], node[3]);
    default:
      return readContainer(decoder, index, node);
  }
}

type Container = Extract<
  Node,
  [
    (
      | typeof NODE.array
      | typeof NODE.map
      | typeof NODE.set
      | typeof NODE.weakMap
      | typeof NODE.weakSet
      | typeof NODE.error
      | typeof NODE.object
    ),
    ...unknown[],
  ]
>;

function readContainer(decoder: Decoder, index: number, node: Container): object {
  switch (node[0]) {
    case NODE.array: {
      const array = decoder.publish(index, new Array(node[1].length));
      withPrototype(decoder, array, node[2]);
      node[1].forEach((slot, i) => {
        decoder.fill(slot, (value) => {
          array[i] = value;
        });
      });
      return withProperties(decoder, array, node[3]);
    }
    case NODE.map: {
      const map = decoder.publish(index, new Map());
      withPrototype(decoder, map, node[2]);
      readEntries(decoder, node[1], (key, value) => Map.prototype.set.call(map, key, value));
      return withProperties(decoder, map, node[3]);
    }
    case NODE.set: {
      const set = decoder.publish(index, new Set());
      withPrototype(decoder, set, node[2]);
      for (const slot of node[1]) decoder.fill(slot, (value) => Set.prototype.add.call(set, value));
      return withProperties(decoder, set, node[3]);
    }
    case NODE.weakMap: {
      const map = decoder.publish(index, new WeakMap());
      decoder.later(() => readEntries(decoder, node[1], (key, value) => map.set(key as object, value)));
      return map;
    }
    case NODE.weakSet: {
      const set = decoder.publish(index, new WeakSet());
      decoder.later(() => {
        for (const slot of node[1]) set.add(decoder.value(slot));
      });
      return set;
    }
    case NODE.error: {
      const error = decoder.publish(index, new Error());
      hide(error, 'stack', node[2]);
      withPrototype(decoder, error, node[1]);
      return withProperties(decoder, error, node[3]);
    }
    case NODE.object: {
      const object = decoder.publish(index, {});
      withPrototype(decoder, object, node[1]);
      return withProperties(decoder, object, node[2]);
    }
  }
}

/** Defines own properties on an object, as they were on the original. */
export function withProperties<T extends object>(decoder: Decoder, object: T, properties: Properties | undefined): T {
  if (!properties) return object;
  const [keys, values, hidden] = properties;
  keys.forEach((slot, i) => {
    const key: PropertyKey = decoder.value(slot);
    const enumerable = !hidden?.includes(i);
    const define = (value: unknown) => {
      const existing = Object.getOwnPropertyDescriptor(object, key);
      if (existing && !existing.configurable && !existing.writable) return;
      Object.defineProperty(object, key, { value, enumerable, writable: true, configurable: true });
    };
    // In the order of the original, also when a value comes later.
    if (decoder.isOpen(values[i])) define(undefined);
    decoder.fill(values[i], define);
  });
  return object;
}

function withPrototype<T>(decoder: Decoder, object: T, slot: PrototypeSlot): T {
  const prototype = decoder.prototype(slot);
  return prototype === undefined ? object : Object.setPrototypeOf(object, prototype);
}

// Both halves of an entry must be there before it is set, and entries keep their order.
function readEntries(decoder: Decoder, slots: Slot[], set: (key: unknown, value: unknown) => void): void {
  for (let i = 0; i < slots.length; i += 2) {
    const key = slots[i];
    const value = slots[i + 1];
    if (decoder.isOpen(key)) decoder.later(() => set(decoder.value(key), decoder.value(value)));
    else decoder.fill(value, (v) => set(decoder.value(key), v));
  }
}

function readImport(decoder: Decoder, index: number, path: PathStep[]): unknown {
  const namespace: any = decoder.module(index);
  const [first] = path;
  if (typeof first === 'string' && (namespace === null || namespace === undefined || !(first in Object(namespace)))) {
    throw new MultiprocessError(
      'ERR_MP_CAPTURE',
      `module ${describeSource(decoder, index)} has no export '${first}' in this process`,
    );
  }
  const value = follow(namespace, path);
  if (typeof value === 'function') imported(value, { source: decoder.imports[index]!, path });
  return value;
}

function describeSource(decoder: Decoder, index: number): string {
  const source = decoder.imports[index]!;
  if (source.kind === 'url') return source.url;
  return source.kind === 'commonjs' ? source.file : `${source.specifier} (imported from ${source.from})`;
}

function readReduced(decoder: Decoder, makerSlot: Slot, argumentSlots: Slot[]): unknown {
  const maker = decoder.required(makerSlot);
  const args = argumentSlots.map((slot) => decoder.value(slot));
  return isConstructor(maker) ? Reflect.construct(maker, args) : maker(...args);
}

// Classes cannot be called; builtin classes have a prototype that cannot be replaced, as classes do.
function isConstructor(maker: Function): boolean {
  const prototype = Object.getOwnPropertyDescriptor(maker, 'prototype');
  return prototype !== undefined && !prototype.writable && maker !== Symbol && maker !== BigInt;
}

function readSymbol(how: 'known' | 'registered' | 'local', name: string | undefined): symbol {
  if (how === 'local') return Symbol(name);
  return how === 'registered' ? Symbol.for(name!) : (Symbol as unknown as Record<string, symbol>)[name!]!;
}

function hide(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, configurable: true });
}
