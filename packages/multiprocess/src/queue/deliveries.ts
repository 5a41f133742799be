/**
 * Deliveries: items that somebody has taken from a queue and not yet reported as done, so that they can be delivered again
 * when that one dies. A list of cells in shared memory, changed under the getters' guard (layout.ts).
 */
import { MultiprocessError } from '../errors.ts';
import { allocate, bytesAt, free, isLiving, selfId, selfSlot, wordIndex, wordsAt } from '../memory/index.ts';
import { native } from '../native.ts';
import { DELIVERY, QUEUE, UNIT } from './layout.ts';
import { dropReferences, type Incoming, NONE, readReferences, received, writeReferences } from './message.ts';
import type { MessageStore } from './store.ts';

export class Deliveries {
  readonly #store: MessageStore;

  constructor(store: MessageStore) {
    this.#store = store;
  }

  /** Leaves a delivery for a message that this thread is about to take as the `count`th. Its offset. */
  begin(message: Incoming, count: number): number {
    this.dropVoid();
    const { size, references, cell } = message;
    const head = (DELIVERY.rest + references.length * 2) * 4;
    const offset = allocate(cell === 0 ? head + size : head, this.#store.owner);
    if (offset === 0) throw new MultiprocessError('ERR_MP_NO_MEMORY', 'the realm has no room for a delivery');
    const { memory, at } = placeOf(offset);
    memory[at + DELIVERY.next] = this.#store.get(QUEUE.inFlight);
    memory[at + DELIVERY.owner] = selfId();
    memory[at + DELIVERY.count] = count;
    memory[at + DELIVERY.size] = size;
    memory[at + DELIVERY.references] = references.length;
    memory[at + DELIVERY.body] = cell / UNIT;
    memory[at + DELIVERY.turn] = this.#nextTurn();
    writeReferences(memory, at + DELIVERY.rest, references);
    if (cell === 0) bytesAt(offset + head, size).set(received.bytes.subarray(0, size));
    this.#store.set(QUEUE.inFlight, offset / UNIT);
    return offset;
  }

  /** Whether there is an item whose owner is dead. */
  hasAbandoned(): boolean {
    return this.#oldest((owner) => !isLiving(owner)) !== 0;
  }

  /** Takes over the oldest item whose owner is dead; undefined: there is none. */
  takeOver(ask: boolean): Incoming | undefined {
    const offset = this.#oldest((owner) => !isLiving(owner, ask));
    if (offset === 0) return undefined;
    const { memory, at } = placeOf(offset);
    const size = memory[at + DELIVERY.size]!;
    const count = memory[at + DELIVERY.references]!;
    const references = count === 0 ? NONE : readReferences(memory, at + DELIVERY.rest, count);
    const cell = (memory[at + DELIVERY.body]! >>> 0) * UNIT;
    const message: Incoming = { bytes: received.bytes, size, references, delivery: offset, cell, reference: 0 };
    if (cell === 0) received.bytes.set(bytesAt(offset + (DELIVERY.rest + count * 2) * 4, size));
    else message.reference = native.cellRetain(cell, native.cellGeneration(cell), selfSlot());
    memory[at + DELIVERY.turn] = this.#nextTurn();
    Atomics.store(memory, at + DELIVERY.owner, selfId());
    return message;
  }

  /** The item that this thread got first is done. False: it has none. */
  finish(): boolean {
    const self = selfId();
    let first = 0;
    for (const one of this.#all()) {
      if (field(one, DELIVERY.owner) !== self) continue;
      if (first === 0 || ((field(one, DELIVERY.turn) - field(first, DELIVERY.turn)) | 0) < 0) first = one;
    }
    if (first !== 0) this.#end(first);
    return first !== 0;
  }

  /** Items of the dead will not be delivered again: the queue is closed. */
  dropAbandoned(): void {
    this.dropVoid();
    for (;;) {
      const offset = this.#oldest((owner) => !isLiving(owner));
      if (offset === 0) return;
      this.#end(offset);
    }
  }

  /** Whether this thread may get one of the items that others have. */
  mayReturn(): boolean {
    const self = selfId();
    return this.#count((owner) => owner !== self) > 0;
  }

  /** How many items are with somebody, or will be delivered again. */
  get size(): number {
    return this.#count(() => true);
  }

  /** How many are with somebody who lives. */
  get sizeOfLiving(): number {
    return this.#count((owner) => isLiving(owner));
  }

  #count(isCounted: (owner: number) => boolean): number {
    let count = 0;
    for (const one of this.#all()) if (isCounted(field(one, DELIVERY.owner))) count++;
    return count;
  }

  /** The oldest one whose owner is as asked for; 0: none. */
  #oldest(isWanted: (owner: number) => boolean): number {
    let found = 0;
    for (const one of this.#all()) if (isWanted(field(one, DELIVERY.owner))) found = one;
    return found;
  }

  /** Newest first. */
  *#all(): Generator<number, void, undefined> {
    this.dropVoid();
    for (let one = this.#newest(); one !== 0; one = nextOf(one)) yield one;
  }

  /** Takes a delivery out, and drops what the queue held for its item. */
  #end(offset: number): void {
    const { memory, at } = placeOf(offset);
    const references = readReferences(memory, at + DELIVERY.rest, memory[at + DELIVERY.references]!);
    const body = (memory[at + DELIVERY.body]! >>> 0) * UNIT;
    this.#takeOut(offset);
    dropReferences(references);
    if (body !== 0) free(body);
  }

  #newest(): number {
    return (this.#store.get(QUEUE.inFlight) >>> 0) * UNIT;
  }

  /** The newest one is void when its maker died before it counted: the message is still in the queue. */
  dropVoid(): void {
    const newest = this.#newest();
    if (newest === 0 || ((field(newest, DELIVERY.count) - this.#store.get(QUEUE.gets)) | 0) <= 0) return;
    this.#store.set(QUEUE.inFlight, field(newest, DELIVERY.next));
    free(newest);
  }

  #nextTurn(): number {
    const turn = (this.#store.get(QUEUE.turns) + 1) | 0;
    this.#store.set(QUEUE.turns, turn);
    return turn;
  }

  #takeOut(offset: number): void {
    const next = field(offset, DELIVERY.next);
    let newer = 0;
    for (let one = this.#newest(); one !== offset; one = nextOf(one)) newer = one;
    if (newer === 0) this.#store.set(QUEUE.inFlight, next);
    else Atomics.store(placeOf(newer).memory, placeOf(newer).at + DELIVERY.next, next);
    free(offset);
  }
}

function placeOf(offset: number): { memory: Int32Array; at: number } {
  return { memory: wordsAt(offset), at: wordIndex(offset) };
}

const nextOf = (offset: number) => (field(offset, DELIVERY.next) >>> 0) * UNIT;

function field(offset: number, word: number): number {
  const { memory, at } = placeOf(offset);
  return memory[at + word]!;
}
