import { MultiprocessError } from '../errors.ts';
import { allocate, bytesAt, doorbell, free, selfSlot } from '../memory/index.ts';
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

/** The writing end of a ring. A ring has one, in one process or thread. */
export class RingWriter {
  readonly #ring: RingMemory;
  #tail: number;
  /** Cells of spilled messages, with the position that `head` must have passed before they are free. */
  #spilled: { end: number; cell: number }[] = [];
  #stopReclaiming: (() => void) | undefined;

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
    const spills = size > MAX_INLINE;
    const entrySize = spills ? SPILLED_SIZE : roundUp(ENTRY_HEADER + size);
    const start = this.#reserve(entrySize);
    if (start < 0) return false;
    if (spills) this.#spill(start, size, parts);
    else {
      this.#ring.dataWords[start >> 2] = size;
      copyTo(this.#ring.data, start + ENTRY_HEADER, parts);
    }
    this.#tail = (this.#tail + entrySize) | 0;
    if (spills) this.#spilled.at(-1)!.end = this.#tail;
    this.#ring.store('tail', this.#tail);
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

  /** Frees the cells of messages that have been read; of all, when the reader is gone. */
  reclaim(readerIsGone = false): void {
    if (this.#spilled.length === 0) return;
    const head = this.#ring.load('head');
    this.#spilled = this.#spilled.filter(({ end, cell }) => {
      if (!readerIsGone && ((head - end) | 0) < 0) return true;
      free(cell);
      return false;
    });
  }

  /** Lets go of the ring; only when its reader is gone or will not read any more. */
  release(): void {
    this.reclaim(true);
    this.#stopReclaiming?.();
  }

  // Where an entry of this size may start in `data`, or -1. An entry is in one piece: what is left at the end is skipped.
  #reserve(entrySize: number): number {
    this.reclaim();
    const start = this.#tail & (CAPACITY - 1);
    const skipped = start + entrySize > CAPACITY ? CAPACITY - start : 0;
    const used = (this.#tail - this.#ring.load('head')) | 0;
    if (used + skipped + entrySize > CAPACITY) return -1;
    if (skipped === 0) return start;
    this.#ring.dataWords[start >> 2] = SKIP;
    this.#tail = (this.#tail + skipped) | 0;
    return 0;
  }

  #spill(start: number, size: number, parts: readonly Uint8Array[]): void {
    const cell = allocate(size);
    if (cell === 0) {
      throw new MultiprocessError('ERR_MP_NO_MEMORY', `no room for a message of ${size} bytes in the realm`);
    }
    copyTo(bytesAt(cell, size), 0, parts);
    this.#spilled.push({ end: 0, cell });
    this.#ring.dataWords.set([SPILLED, size | 0, cell | 0, Math.floor(cell / 2 ** 32)], start >> 2);
    this.#stopReclaiming ??= doorbell.subscribe(() => this.reclaim());
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

function copyTo(target: Uint8Array, at: number, parts: readonly Uint8Array[]): void {
  for (const part of parts) {
    target.set(part, at);
    at += part.length;
  }
}

function roundUp(size: number): number {
  return (size + ENTRY_ALIGNMENT - 1) & -ENTRY_ALIGNMENT;
}
