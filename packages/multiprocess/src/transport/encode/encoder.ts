import { exportFound, type FoundExport, indexExports } from '../modules/exports.ts';
import { knownPath, wellKnownSymbolName } from '../modules/known.ts';
import {
  type ImportSource,
  importKey,
  type Message,
  NODE,
  type Node,
  type PathStep,
  type Slot,
  type Template,
} from '../wire/format.ts';
import { ContextTable } from './contexts.ts';
import { encodeFunction } from './functions.ts';
import { encodeObject } from './objects.ts';
import type { PendingFunction } from './pending.ts';
import { finishFunction } from './pending.ts';
import type { KnownTemplates } from './templates.ts';
import { Trail } from './trail.ts';
import { finishWeakCollections, type PendingWeak } from './weak.ts';

/** A captured variable of the message; becomes a cell when any function of the message assigns it. */
export interface CapturedVariable {
  written: boolean;
  slot: Slot;
  cell: Slot;
}

/** Turns one value and everything it needs into a message. Used once. */
export class Encoder {
  readonly nodes: Node[] = [];
  readonly memo = new Map<object | symbol, [node: number]>();
  trail: Trail;
  /** By function-level or module-level context, and name. */
  readonly variables = new Map<string, CapturedVariable>();
  readonly contexts = new ContextTable();
  readonly pendingFunctions: PendingFunction[] = [];
  readonly pendingWeak: PendingWeak[] = [];
  readonly templates = new Set<Template>();
  /** The object that a method was found in: where its `super` looks. */
  readonly homes = new Map<Function, object>();
  #exportsIndexed = false;
  readonly #imports: ImportSource[] = [];
  readonly #importIndexes = new Map<string, number>();

  /** What was found out about values inside errors; shared with the encoders that try them. */
  readonly sendable: Map<object, boolean>;

  /** What moves is refused: the message must not take anything away from its sender. */
  readonly keepsAll: boolean;

  constructor(trail = new Trail('value'), keepsAll = false, sendable = new Map<object, boolean>()) {
    this.trail = trail;
    this.keepsAll = keepsAll;
    this.sendable = sendable;
  }

  /** Encodes a value and what it refers to, once per identity. */
  slot(value: unknown): Slot {
    switch (typeof value) {
      case 'object':
        if (value === null) return null;
        return this.memo.get(value) ?? encodeObject(this, value);
      case 'function':
        return this.memo.get(value) ?? encodeFunction(this, value);
      case 'symbol':
        return this.memo.get(value) ?? this.#symbol(value);
      default:
        return value as Slot;
    }
  }

  /** The same, with the name of the step that leads to the value on the trail. */
  member(property: string, value: unknown): Slot {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol'))
      return value as Slot;
    return this.trail.within({ property }, () => this.slot(value));
  }

  withTrail<T>(trail: Trail, body: () => T): T {
    const before = this.trail;
    this.trail = trail.copy();
    const result = body();
    this.trail = before;
    return result;
  }

  /** Adds a node. With `identity`, everything that refers to that object will refer to this node. */
  add(node: Node, identity?: object | symbol): [node: number] {
    const slot: [number] = [this.nodes.push(node) - 1];
    if (identity !== undefined) this.memo.set(identity, slot);
    return slot;
  }

  addImport(source: ImportSource, path: PathStep[], identity?: object): [node: number] {
    return this.add([NODE.import, this.importIndex(source), path], identity);
  }

  importIndex(source: ImportSource): number {
    const key = importKey(source);
    let index = this.#importIndexes.get(key);
    if (index === undefined) {
      index = this.#imports.push(source) - 1;
      this.#importIndexes.set(key, index);
    }
    return index;
  }

  /** The node of a builtin, if `value` is one. */
  known(value: object): [node: number] | undefined {
    const path = knownPath(value);
    return path && this.add([NODE.known, path], value);
  }

  /** The export of a CommonJS module, or of the library, that `value` is. What modules export is looked up once per message. */
  exportFound(value: object): FoundExport | undefined {
    if (!this.#exportsIndexed) indexExports();
    this.#exportsIndexed = true;
    return exportFound(value);
  }

  finish(root: Slot, known: KnownTemplates | undefined): Message {
    finishWeakCollections(this);
    for (const pending of this.pendingFunctions) finishFunction(this, pending);
    const templates = [...this.templates].filter((template) => !known?.has(template));
    return [root, this.nodes, this.#imports, templates];
  }

  #symbol(symbol: symbol): Slot {
    const name = wellKnownSymbolName(symbol);
    if (name !== undefined) return this.add([NODE.symbol, 'known', name], symbol);
    const registered = Symbol.keyFor(symbol);
    if (registered !== undefined) return this.add([NODE.symbol, 'registered', registered], symbol);
    return this.add([NODE.symbol, 'local', symbol.description], symbol);
  }
}
