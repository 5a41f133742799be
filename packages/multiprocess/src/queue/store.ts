/** The messages of a queue in shared memory: written at one end, taken from the other (layout.ts). */
import { MultiprocessError } from '../errors.ts';
import {
  addressOf,
  allocate,
  free,
  type SharedCell,
  selfSlot,
  storeAt,
  unitIndex,
  unitWords,
  wordIndex,
  wordsAt,
} from '../memory/index.ts';
import { native } from '../native.ts';
import { scratch } from '../transport/index.ts';
import type { Deliveries } from './deliveries.ts';
import { CHUNK_SIZE, CHUNK_START, ENTRY_HEADER, NEXT_CHUNK, QUEUE, SPILLED, UNIT, UNIT_BITS } from './layout.ts';
import { type Incoming, NONE, type Outgoing, readReferences, received, writeReferences } from './message.ts';

/** Beyond so many words a copy by the engine is faster than a loop. */
const LOOP = 64;

export class MessageStore {
  /** The words of the queue's cell, and where they begin. */
  readonly words: Int32Array;
  readonly index: number;
  readonly owner: number;
  readonly #maxSize: number;
  readonly #maxUnits: number;
  /** Of `puts` and `gets`, for WebAssembly; 0: Atomics do. */
  readonly #putsAddress: number;
  readonly #getsAddress: number;

  /** `limits`: of a queue that is being made; otherwise it has them already. */
  constructor(cell: SharedCell, limits?: { maxSize: number; maxBytes: number; options: number }) {
    this.words = wordsAt(cell.offset);
    this.index = wordIndex(cell.offset);
    if (limits) this.#create(cell, limits);
    this.owner = this.get(QUEUE.owner);
    this.#putsAddress = addressOf(cell.offset + QUEUE.puts * 4);
    this.#getsAddress = addressOf(cell.offset + QUEUE.gets * 4);
    this.#maxSize = this.get(QUEUE.maxSize);
    this.#maxUnits = this.get(QUEUE.maxUnits) >>> 0;
  }

  /** A word of the cell, as this thread sees it. */
  get(word: number): number {
    return this.words[this.index + word]!;
  }

  set(word: number, value: number): void {
    Atomics.store(this.words, this.index + word, value | 0);
  }

  /** How many messages there are. */
  get size(): number {
    return (Atomics.load(this.words, this.index + QUEUE.puts) - this.get(QUEUE.gets)) | 0;
  }

  /** Whether a message of so many bytes may be put now. One that is larger than `maxBytes` may when there is no other. */
  hasRoom(bytes: number): boolean {
    return this.#fits(Atomics.load(this.words, this.index + QUEUE.gets), this.#unitsGot(), bytes);
  }

  /** The same under the putters' guard, for who then puts it. */
  admits(bytes: number): boolean {
    const { words, index } = this;
    const known = index + QUEUE.knownGets;
    if (this.#fits(words[known]!, words[known + 1]!, bytes)) return true;
    words[known] = Atomics.load(words, index + QUEUE.gets);
    words[known + 1] = this.#unitsGot();
    return this.#fits(words[known]!, words[known + 1]!, bytes);
  }

  /** How many messages of the size of a small one may be put now, at least. */
  get room(): number {
    if (!this.hasRoom(0)) return 0;
    return this.#maxSize > 0 ? this.#maxSize - this.size : 0x7fffffff;
  }

  /** Under the putters' guard. Throws `ERR_MP_NO_MEMORY`. */
  append(message: Outgoing): void {
    const { words, index } = this;
    const { size, parts, cell, references } = message;
    const puts = words[index + QUEUE.puts]!;
    const here = index + QUEUE.putPositions + (puts & 1) * 4;
    const bodySize = cell !== 0 ? 8 : (size + 7) & -8;
    const entrySize = ENTRY_HEADER + bodySize + references.length * 8;
    if (entrySize > CHUNK_SIZE - CHUNK_START - 8) {
      throw new MultiprocessError('ERR_MP_UNSUPPORTED', `a message with ${references.length} shared objects in it`);
    }
    let chunk = words[here]! >>> 0;
    let at = words[here + 1]!;
    if (chunk === 0 || at + entrySize > CHUNK_SIZE - 8) {
      chunk = this.#grow(chunk, at);
      at = CHUNK_START;
    }
    const memory = unitWords(chunk);
    let to = unitIndex(chunk) + (at >> 2);
    memory[to] = size;
    memory[to + 1] = references.length + (cell !== 0 ? SPILLED : 0);
    to += 2;
    if (cell !== 0) {
      memory[to] = cell / UNIT;
      memory[to + 1] = 0;
    } else if (parts === undefined && size <= LOOP * 4) {
      const from = scratch.words;
      for (let i = 0, end = (size + 3) >> 2; i < end; i++) memory[to + i] = from[i]!;
    } else {
      const body = new Uint8Array(memory.buffer, to * 4, size);
      let byte = 0;
      for (const part of parts ?? [scratch.bytes.subarray(0, size)]) {
        body.set(part, byte);
        byte += part.length;
      }
    }
    to += bodySize >> 2;
    if (references.length > 0) writeReferences(memory, to, references);
    const next = index + QUEUE.putPositions + ((puts + 1) & 1) * 4;
    words[next] = chunk;
    words[next + 1] = at + entrySize;
    words[next + 2] = words[here + 2]! + unitsOf(size);
    this.#count(this.#putsAddress, QUEUE.puts, puts + 1);
  }

  /**
   * Takes the first message, under the getters' guard; undefined when there is none. Its bytes come by `fetch`. With
   * `deliveries` it stays there until it is reported as done.
   */
  take(deliveries?: Deliveries): Incoming | undefined {
    const { words, index } = this;
    const gets = words[index + QUEUE.gets]!;
    if (words[index + QUEUE.knownPuts] === gets) {
      const puts = Atomics.load(words, index + QUEUE.puts);
      if (puts === gets) return undefined;
      words[index + QUEUE.knownPuts] = puts;
    }
    const here = index + QUEUE.getPositions + (gets & 1) * 4;
    let chunk = words[here]! >>> 0;
    let at = words[here + 1]!;
    if (chunk === 0) {
      chunk = this.get(QUEUE.first) >>> 0;
      at = CHUNK_START;
    }
    let finished = 0;
    let memory = unitWords(chunk);
    let entry = unitIndex(chunk) + (at >> 2);
    if (memory[entry] === NEXT_CHUNK) {
      finished = chunk;
      chunk = memory[unitIndex(chunk)]! >>> 0;
      at = CHUNK_START;
      memory = unitWords(chunk);
      entry = unitIndex(chunk) + (at >> 2);
    }
    const message = { bytes: received.bytes, size: 0, references: NONE, delivery: 0, cell: 0, reference: 0 };
    const length = this.#read(memory, entry, message);
    if (deliveries) {
      const { cell } = message;
      if (cell !== 0) message.reference = native.cellRetain(cell, native.cellGeneration(cell), selfSlot());
      message.delivery = deliveries.begin(message, gets + 1);
    }
    const next = index + QUEUE.getPositions + ((gets + 1) & 1) * 4;
    words[next] = chunk;
    words[next + 1] = at + length;
    words[next + 2] = words[here + 2]! + unitsOf(message.size);
    this.#count(this.#getsAddress, QUEUE.gets, gets + 1);
    if (finished !== 0) this.#recycle(finished);
    return message;
  }

  #count(address: number, word: number, value: number): void {
    if (address !== 0) storeAt(address, value);
    else Atomics.store(this.words, this.index + word, value);
  }

  /** Reads an entry into `message`; its length. */
  #read(memory: Int32Array, entry: number, message: Incoming): number {
    const size = memory[entry]!;
    const flags = memory[entry + 1]!;
    const body = entry + ENTRY_HEADER / 4;
    const bodySize = flags & SPILLED ? 8 : (size + 7) & -8;
    const count = flags & ~SPILLED;
    const length = ENTRY_HEADER + bodySize + count * 8;
    message.size = size;
    if (count > 0) message.references = readReferences(memory, body + (bodySize >> 2), count);
    if (flags & SPILLED) {
      message.cell = (memory[body]! >>> 0) * UNIT;
      return length;
    }
    if (size <= LOOP * 4) {
      const to = received.words;
      for (let i = 0, end = (size + 3) >> 2; i < end; i++) to[i] = memory[body + i]!;
    } else {
      received.bytes.set(new Uint8Array(memory.buffer, body * 4, size));
    }
    return length;
  }

  /** A chunk that can be written to behind `chunk`, of which `at` is the end. */
  #grow(chunk: number, at: number): number {
    const spare = this.get(QUEUE.spare) === 0 ? 0 : Atomics.exchange(this.words, this.index + QUEUE.spare, 0) >>> 0;
    const next = spare || allocate(CHUNK_SIZE, this.owner) / CHUNK_SIZE;
    if (next === 0) throw new MultiprocessError('ERR_MP_NO_MEMORY', 'the realm has no room for more messages');
    if (chunk === 0) {
      this.set(QUEUE.first, next);
      return next;
    }
    const memory = unitWords(chunk);
    memory[unitIndex(chunk)] = next;
    memory[unitIndex(chunk) + (at >> 2)] = NEXT_CHUNK;
    return next;
  }

  /** The last message of a chunk has been taken. One chunk is kept: most queues need the next one soon. */
  #recycle(chunk: number): void {
    if (Atomics.compareExchange(this.words, this.index + QUEUE.spare, 0, chunk) !== 0) free(chunk * CHUNK_SIZE);
  }

  #fits(gets: number, unitsGot: number, bytes: number): boolean {
    const { words, index } = this;
    const puts = words[index + QUEUE.puts]!;
    const size = (puts - gets) | 0;
    if (size === 0) return true;
    if (this.#maxSize > 0 && size >= this.#maxSize) return false;
    const unitsPut = words[index + QUEUE.putPositions + (puts & 1) * 4 + 2]!;
    return Math.max(0, (unitsPut - unitsGot) | 0) + unitsOf(bytes) <= this.#maxUnits;
  }

  #unitsGot(): number {
    return this.get(QUEUE.getPositions + (this.get(QUEUE.gets) & 1) * 4 + 2);
  }

  #create(
    cell: SharedCell,
    { maxSize, maxBytes, options }: { maxSize: number; maxBytes: number; options: number },
  ): void {
    const owner = native.cellOwn(cell.offset);
    if (owner === 0) throw new MultiprocessError('ERR_MP_NO_MEMORY', 'the realm has no room for another queue');
    this.set(QUEUE.owner, owner);
    this.set(QUEUE.maxSize, maxSize);
    this.set(QUEUE.maxUnits, Math.min(Math.ceil(maxBytes / UNIT), 0xffffffff));
    this.set(QUEUE.options, options);
  }
}

const unitsOf = (bytes: number) => (bytes + ENTRY_HEADER + UNIT - 1) >>> UNIT_BITS;
