/** The kinds of views, as numbered in messages. */

type View = new (buffer: ArrayBuffer, byteOffset?: number, length?: number) => ArrayBufferView<ArrayBuffer>;

const { Float16Array } = globalThis as { Float16Array?: View };

const VIEWS: readonly (View | undefined)[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
  Buffer as unknown as View,
  Float16Array, // from Node 24 on
];
const UINT8 = VIEWS.indexOf(Uint8Array);
export const BUFFER = VIEWS.indexOf(Buffer as unknown as View);
const kinds = new Map<object, number>(VIEWS.flatMap((View, kind) => (View ? [[View.prototype, kind]] : [])));

/** The kind of a view with this prototype; undefined: it is of a class of its own. */
export function viewKind(prototype: object): number | undefined {
  return prototype === Uint8Array.prototype ? UINT8 : kinds.get(prototype);
}

/** A view of that kind of `size` bytes of `buffer`. */
export function makeView(
  kind: number,
  buffer: ArrayBuffer,
  byteOffset: number,
  size: number,
): ArrayBufferView<ArrayBuffer> {
  if (kind === BUFFER) return Buffer.from(buffer, byteOffset, size);
  const View = VIEWS[kind];
  if (!View) throw new TypeError(`this Node.js has no array type ${kind}`);
  const { BYTES_PER_ELEMENT = 1 } = View as { BYTES_PER_ELEMENT?: number };
  return new View(buffer, byteOffset, size / BYTES_PER_ELEMENT);
}
