import { doorbell, selfSlot } from '../memory/index.ts';
import { native } from '../native.ts';
import {
  CAPACITY,
  ENTRY_ALIGNMENT,
  ENTRY_HEADER,
  EndState,
  MAX_INLINE,
  RING,
  ROOM,
  SKIP,
  SPILLED,
  SPILLED_SIZE,
} from './layout.ts';
import { RingMemory } from './ring.ts';
import { handOver, spill } from './spill.ts';

/** Up to so many bytes a loop is quicker than a call. */
const LOOP = 64;

/** The writing end of a ring. A ring has one, in one process or thread. */
export class RingWriter {
  readonly #ring: RingMemory;
  #tail: number;

  constructor(offset: number) {
    this.#ring = new RingMemory(offset);
    this.#ring.store('writerSlot', selfSlot());
    this.#tail = this.#ring.load('tail');
  }

  /**
   * Publishes one message, made of `parts`; false when there is no room now. It does not wake the reader: call `wake()`
   * after the last message of a batch. Throws `ERR_MP_NO_MEMORY`.
   */
  tryWrite(...parts: readonly Uint8Array[]): boolean {
    let size = 0;
    for (const part of parts) size += part.length;
    if (size > MAX_INLINE) return this.#trySpill(size, parts);
    const entrySize = (ENTRY_HEADER + size + ENTRY_ALIGNMENT - 1) & -ENTRY_ALIGNMENT;
    let start = this.#reserve(entrySize);
    if (start < 0) return false;
    this.#ring.dataWords[start >> 2] = size;
    start += ENTRY_HEADER;
    const { data } = this.#ring;
    for (const part of parts) {
      const { length } = part;
      if (length > LOOP) data.set(part, start);
      else for (let i = 0; i < length; i++) data[start + i] = part[i]!;
      start += length;
    }
    this.#publish(entrySize);
    return true;
  }

  /** Publishes one message and wakes the reader; waits while there is no room. */
  async write(...parts: readonly Uint8Array[]): Promise<void> {
    while (!this.tryWrite(...parts)) {
      this.wake();
      await this.#room();
    }
    this.wake();
  }

  /** Whose doorbell wakes the reader. */
  get readerSlot(): number {
    return this.#ring.load('readerSlot');
  }

  /** Wakes the reader if it sleeps; no system call if it does not. */
  wake(): void {
    if (this.#ring.load('readerState') === EndState.Awake) return;
    const state = this.#ring.exchange('readerState', EndState.Awake);
    if (state === EndState.Asleep) doorbell.ring(this.#ring.load('readerSlot'));
    if (state === EndState.Parked) native.futexWake(this.#ring.offset + RING.readerState, 1);
  }

  /** Says that nothing more will come. */
  end(): void {
    this.#ring.store('closed', 1);
    this.wake();
  }

  /** Lets go of the ring. */
  release(): void {
    this.#ring.release();
  }

  // Where an entry of this size may start in `data`, or -1. An entry is in one piece: what is left at the end is skipped.
  #reserve(entrySize: number): number {
    const start = this.#tail & (CAPACITY - 1);
    const skipped = start + entrySize > CAPACITY ? CAPACITY - start : 0;
    const used = (this.#tail - this.#ring.load('head')) | 0;
    if (used + skipped + entrySize > CAPACITY) return -1;
    if (skipped === 0) return start;
    this.#ring.dataWords[start >> 2] = SKIP;
    this.#tail = (this.#tail + skipped) | 0;
    return 0;
  }

  #publish(entrySize: number): void {
    this.#tail = (this.#tail + entrySize) | 0;
    this.#ring.store('tail', this.#tail);
  }

  #trySpill(size: number, parts: readonly Uint8Array[]): boolean {
    const start = this.#reserve(SPILLED_SIZE);
    if (start < 0) return false;
    const spilled = spill(this.#ring, size, parts);
    const { cell, reference } = spilled;
    this.#ring.dataWords.set([SPILLED, size | 0, cell | 0, Math.floor(cell / 2 ** 32), reference], start >> 2);
    this.#publish(SPILLED_SIZE);
    handOver(this.#ring, spilled);
    return true;
  }

  #room(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (((this.#tail - this.#ring.load('head')) | 0) <= CAPACITY - ROOM) resolve();
    };
    const unsubscribe = doorbell.subscribe(look);
    const release = doorbell.keepAlive();
    this.#ring.store('writerState', EndState.Asleep);
    look(); // what was read before this line rang for nobody
    return promise.finally(() => {
      unsubscribe();
      release();
    });
  }
}
