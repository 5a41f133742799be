/**
 * The message format, as written by encode/ and read by decode/.
 *
 * ```
 *   first byte   what follows
 *   2            plain data in our own compact format (compact/layout.ts)
 *   2 + 0x40     the same with references: something in it comes twice, or holds itself
 *   0xff         other plain data in V8's own format (its header begins with 0xff): RegExp, boxed primitives, long arrays
 *                with holes, resizable buffers
 *   4            a graph: a `Message` in the compact format
 *   4 + 0x40     the same with references
 *   1            a graph with data that only V8's format carries: V8's format of a `Message`
 *   3            an error: V8's format of an `ErrorEnvelope`
 * ```
 *
 * Every message stands for itself: any process can read it, and messages can be read in any order.
 *
 * A graph is a list of nodes that refer to each other by index, so cycles and shared objects need nothing special.
 */
export const TAG = { graph: 1, compact: 2, error: 3, compactGraph: 4, shared: 0x40, v8: 0xff } as const;

/** A value inside a node: a primitive as itself, anything else as `[index of its node]`. */
export type Slot = string | number | boolean | bigint | null | undefined | [node: number];

/** Undefined: the usual prototype. `[n]`: the `prototype` of class n. `[n, 1]`: node n itself. */
export type PrototypeSlot = undefined | null | [node: number] | [node: number, itself: 1];

/** Own properties: keys, values, and the indexes of those that are not enumerable. */
export type Properties = [keys: Slot[], values: Slot[], hidden?: number[]];

/** A step from a module or global to a value: a key, or a well-known symbol, or one half of an accessor. */
export type PathStep = string | { symbol: string } | { accessor: 'get' | 'set' };

/** Where a module comes from. `from` is the URL of the module that imported it. */
export type ImportSource =
  | { kind: 'url'; url: string }
  | { kind: 'specifier'; specifier: string; from: string; attributes?: Record<string, string> }
  | { kind: 'commonjs'; file: string }
  | { kind: 'required'; specifier: string; from: string; wrapper?: string };

/** Tells import sources apart. */
export function importKey(source: ImportSource): string {
  switch (source.kind) {
    case 'url':
      return source.url;
    case 'commonjs':
      return source.file;
    case 'specifier':
      return `${source.specifier}\n${source.from}\n${source.attributes ? JSON.stringify(source.attributes) : ''}`;
    case 'required':
      return `require ${source.specifier}\n${source.from}\n${source.wrapper ?? ''}`;
  }
}

/** The source of a function, compiled once by each receiver. */
export interface Template {
  id: string;
  text: string;
  /** Names of the captured variables, in the order of a function node's `captured`. */
  parameters: string[];
  /** How the text becomes an expression. */
  form: 'expression' | 'method' | 'get' | 'set';
  strict: boolean;
  usesImportMeta: boolean;
  url: string;
  line: number;
  column: number;
  name: string;
  anonymous: boolean;
}

export const NODE = {
  data: 0,
  symbol: 1,
  known: 2,
  import: 3,
  require: 4,
  cell: 5,
  array: 6,
  map: 7,
  set: 8,
  weakMap: 9,
  weakSet: 10,
  error: 11,
  object: 12,
  bound: 13,
  function: 14,
  handle: 15,
  reduced: 16,
  importMeta: 17,
  moduleRecord: 18,
  lostError: 19,
} as const;

export interface FunctionExtras {
  properties?: Properties;
  /** What was put on `prototype` of an old-style constructor, and the class its prototype inherits from. */
  prototypeProperties?: Properties;
  prototypeParent?: Slot;
  /** The object whose prototype `super` looks into. */
  home?: Slot;
}

export type Node =
  | [typeof NODE.data, value: unknown, prototype?: PrototypeSlot]
  | [typeof NODE.symbol, how: 'known' | 'registered' | 'local', name: string | undefined]
  | [typeof NODE.known, path: PathStep[]]
  | [typeof NODE.import, source: number, path: PathStep[]]
  | [typeof NODE.require, from: string]
  | [typeof NODE.cell, value: Slot]
  | [typeof NODE.array, items: Slot[], prototype: PrototypeSlot, properties: Properties | undefined]
  | [typeof NODE.map, entries: Slot[], prototype: PrototypeSlot, properties: Properties | undefined]
  | [typeof NODE.set, items: Slot[], prototype: PrototypeSlot, properties: Properties | undefined]
  | [typeof NODE.weakMap, entries: Slot[]]
  | [typeof NODE.weakSet, items: Slot[]]
  | [typeof NODE.error, prototype: PrototypeSlot, stack: string, properties: Properties]
  | [typeof NODE.object, prototype: PrototypeSlot, properties: Properties]
  | [typeof NODE.bound, target: Slot, self: Slot, args: Slot[]]
  | [typeof NODE.function, id: string, template: string, captured: Slot[], extras: FunctionExtras | undefined]
  | [typeof NODE.handle, tag: string, data: Slot]
  | [typeof NODE.reduced, maker: Slot, args: Slot[]]
  | [typeof NODE.importMeta, url: string]
  | [typeof NODE.moduleRecord, file: string]
  | [typeof NODE.lostError, name: string, message: string, stack: string];

export type Message = [root: Slot, nodes: Node[], imports: ImportSource[], templates: Template[]];

/** `value` holds the bytes of the thrown value, or nothing when it could not be encoded. */
export type ErrorEnvelope = [summary: ErrorSummary, value: Uint8Array | undefined];

export interface ErrorSummary {
  name: string;
  message: string;
  stack: string;
  pid: number;
}
