import { NODE, type Properties, type PrototypeSlot, type Slot } from '../wire/format.ts';
import type { Encoder } from './encoder.ts';
import { encodeProperties, encodePrototype } from './instances.ts';

type Collection = [kind: any, slots: Slot[], prototype: PrototypeSlot, properties: Properties | undefined];

/** `identity` is what the array stands for, when that is another object. */
export function encodeArray(encoder: Encoder, array: unknown[], identity: object = array): Slot {
  const items: Slot[] = new Array(array.length);
  const node: Collection = [NODE.array, items, undefined, undefined];
  const slot = encoder.add(node, identity);
  addClass(encoder, array, Array.prototype, node);
  // Holes stay holes.
  for (let i = 0; i < array.length; i++) if (i in array) items[i] = encoder.member(`[${i}]`, array[i]);
  const named = Reflect.ownKeys(array).length - 1 - Object.keys(items).length;
  if (named > 0) node[3] = encodeProperties(encoder, array, (key) => key === 'length' || /^\d+$/.test(String(key)));
  return slot;
}

export function encodeMap(encoder: Encoder, map: Map<unknown, unknown>): Slot {
  const entries: Slot[] = [];
  const node: Collection = [NODE.map, entries, undefined, undefined];
  const slot = encoder.add(node, map);
  addClass(encoder, map, Map.prototype, node);
  let i = 0;
  for (const [key, value] of Map.prototype.entries.call(map)) {
    const name = typeof key === 'string' ? JSON.stringify(key) : i;
    entries.push(encoder.member(` (Map key ${i})`, key), encoder.member(` (Map entry ${name})`, value));
    i++;
  }
  addProperties(encoder, map, node);
  return slot;
}

export function encodeSet(encoder: Encoder, set: Set<unknown>): Slot {
  const items: Slot[] = [];
  const node: Collection = [NODE.set, items, undefined, undefined];
  const slot = encoder.add(node, set);
  addClass(encoder, set, Set.prototype, node);
  for (const item of Set.prototype.values.call(set)) items.push(encoder.member(' (Set item)', item));
  addProperties(encoder, set, node);
  return slot;
}

/** Filled when the rest of the message is known (weak.ts). */
export function encodeWeak(encoder: Encoder, collection: WeakMap<object, unknown> | WeakSet<object>): Slot {
  const slots: Slot[] = [];
  encoder.pendingWeak.push({ collection, slots, trail: encoder.trail.copy() });
  return encoder.add([collection instanceof WeakMap ? NODE.weakMap : NODE.weakSet, slots], collection);
}

/** Date, RegExp, boxed primitives and binary data, possibly of a subclass. */
export function encodeBinary(encoder: Encoder, object: object): Slot {
  const base = ArrayBuffer.isView(object) ? baseView(object) : object;
  if (base === object && Object.getPrototypeOf(Object.getPrototypeOf(object)) === Object.prototype)
    return encoder.add([NODE.data, object], object);
  const node: [typeof NODE.data, unknown, PrototypeSlot] = [NODE.data, base, undefined];
  const slot = encoder.add(node, object);
  if (base !== object) node[2] = encodePrototype(encoder, object);
  return slot;
}

// V8 sends the bytes of a view, and which of the standard classes it has.
function baseView(view: ArrayBufferView): ArrayBufferView {
  if (Buffer.isBuffer(view)) return view;
  const name = (view as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] ?? 'DataView';
  const Base = (globalThis as unknown as Record<string, new (...args: unknown[]) => ArrayBufferView>)[name];
  if (!Base || Object.getPrototypeOf(view) === Base.prototype) return view;
  const size = 'BYTES_PER_ELEMENT' in Base ? (Base.BYTES_PER_ELEMENT as number) : 1;
  return new Base(view.buffer, view.byteOffset, view.byteLength / size);
}

function addClass(encoder: Encoder, object: object, usual: object, node: Collection): void {
  if (Object.getPrototypeOf(object) !== usual) node[2] = encodePrototype(encoder, object);
}

function addProperties(encoder: Encoder, object: object, node: Collection): void {
  if (Reflect.ownKeys(object).length > 0) node[3] = encodeProperties(encoder, object);
}
