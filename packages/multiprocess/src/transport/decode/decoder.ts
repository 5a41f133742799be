import type { ImportSource, Message, Node, PrototypeSlot, Slot } from '../wire/format.ts';
import { readNode } from './nodes.ts';

const NEW = 0;
const OPEN = 1;
const PUBLISHED = 2;

/**
 * Rebuilds a message. Objects are published before their members are read, so cycles through them close by themselves.
 * A function is made from what it captures: where that leads back to it, it is forced into existence early, or what is
 * missing is filled in at the end.
 */
export class Decoder {
  readonly nodes: Node[];
  readonly imports: ImportSource[];
  readonly #modules: unknown[];
  readonly #states: Uint8Array;
  readonly #values: unknown[];
  readonly #forces = new Map<number, () => void>();
  readonly #later: (() => void)[] = [];

  /** `modules` are those of the message's imports. */
  constructor([, nodes, imports]: Message, modules: unknown[]) {
    this.nodes = nodes;
    this.imports = imports;
    this.#modules = modules;
    this.#states = new Uint8Array(nodes.length);
    this.#values = new Array(nodes.length);
  }

  decode(root: Slot): unknown {
    const value = this.value(root);
    for (let i = 0; i < this.#later.length; i++) this.#later[i]!();
    return value;
  }

  /** The value of a slot; undefined for one that is still open. */
  value(slot: Slot): any {
    if (slot === null || typeof slot !== 'object') return slot;
    const [index] = slot;
    if (this.#states[index] !== NEW) return this.#values[index];
    this.#states[index] = OPEN;
    const value = readNode(this, index, this.nodes[index]!);
    // Whoever published it did so with the same value.
    if (this.#states[index] === OPEN) this.publish(index, value);
    return this.#values[index];
  }

  /** The value of a slot that cannot be filled in later: a base class, say. */
  required(slot: Slot): any {
    if (this.isOpen(slot)) this.#forces.get((slot as [number])[0])?.();
    return this.value(slot);
  }

  /** From now on this is the value of the node, although its members may still be missing. */
  publish<T>(index: number, value: T): T {
    this.#values[index] = value;
    this.#states[index] = PUBLISHED;
    return value;
  }

  /** Its node is being read and has no value yet. */
  isOpen(slot: Slot): boolean {
    return slot !== null && typeof slot === 'object' && this.#states[slot[0]] === OPEN;
  }

  /** Gives the value to `use` now, or at the end if it is open. */
  fill(slot: Slot, use: (value: unknown) => void): void {
    if (this.isOpen(slot)) this.later(() => use(this.value(slot)));
    else use(this.value(slot));
  }

  later(task: () => void): void {
    this.#later.push(task);
  }

  /** While `body` runs, `force` makes the value of the node early. */
  withForce(index: number, force: () => void, body: () => void): void {
    this.#forces.set(index, force);
    body();
    this.#forces.delete(index);
  }

  module(index: number): unknown {
    return this.#modules[index];
  }

  /** The prototype a slot stands for; undefined for the usual one. */
  prototype(slot: PrototypeSlot): object | null | undefined {
    if (slot === undefined || slot === null) return slot;
    const value = this.required([slot[0]]);
    return slot.length === 2 ? value : value.prototype;
  }
}
