import { doorbell, selfSlot, slept, spinWhile } from '../memory/index.ts';
import { native } from '../native.ts';
import {
  CAPACITY,
  ENTRY_ALIGNMENT,
  ENTRY_HEADER,
  EndState,
  RING,
  ROOM,
  SKIP,
  SPILLED,
  SPILLED_SIZE,
} from './layout.ts';
import { RingMemory } from './ring.ts';
import { offsetOf, recoverSpill, takeSpilled } from './spill.ts';

type Read<T> = (data: Uint8Array, start: number, end: number, isOwn: boolean) => T;

/** The reading end of a ring. A ring has one, in one process or thread. */
export class RingReader implements AsyncIterable<Uint8Array> {
  readonly #ring: RingMemory;
  #head: number;
  #interrupt = () => {};

  constructor(offset: number) {
    this.#ring = new RingMemory(offset);
    this.#ring.store('readerSlot', selfSlot());
    this.#head = this.#ring.load('head');
  }

  /** Whether there is no message now. */
  get isEmpty(): boolean {
    return this.#ring.load('tail') === this.#head;
  }

  /** The next message, copied; undefined when there is none now. */
  tryRead(): Uint8Array | undefined {
    return this.tryReadInPlace(copy);
  }

  /**
   * What `read` makes of the next message, `data[start, end)`. Unless `isOwn`, its memory is the writer's again when `read`
   * returns.
   */
  tryReadInPlace<T>(read: Read<T>): T | undefined {
    const { dataWords, data } = this.#ring;
    while (!this.isEmpty) {
      const start = this.#head & (CAPACITY - 1);
      const size = dataWords[start >> 2]!;
      if (size === SKIP) {
        this.#head = (this.#head + CAPACITY - start) | 0;
        continue;
      }
      if (size === SPILLED) {
        const message = this.#readSpilled(start >> 2);
        return read(message, 0, message.length, true);
      }
      const first = start + ENTRY_HEADER;
      try {
        return read(data, first, first + size, false);
      } finally {
        this.#advance((ENTRY_HEADER + size + ENTRY_ALIGNMENT - 1) & -ENTRY_ALIGNMENT);
      }
    }
    return undefined;
  }

  /**
   * Says that the reader is about to sleep: the next message will ring the doorbell of its slot. False: do not sleep, a
   * message has come meanwhile.
   */
  arm(): boolean {
    this.#ring.store('readerState', EndState.Asleep);
    if (this.isEmpty) return true;
    this.#ring.store('readerState', EndState.Awake);
    return false;
  }

  /** Takes `arm()` back: messages need not ring. */
  disarm(): void {
    this.#ring.store('readerState', EndState.Awake);
  }

  /** Spins for as long as that has lately been enough; whether there is a message. */
  spin(): boolean {
    return spinWhile(this.#ring.words, RING.tail >> 2, this.#head);
  }

  /** Blocks this thread for up to `timeout` ms, until there is a message; whether there is one. */
  park(timeout: number): boolean {
    this.#ring.store('readerState', EndState.Parked);
    const began = performance.now();
    if (this.isEmpty) native.futexWait(this.#ring.offset + RING.readerState, EndState.Parked, timeout);
    slept(performance.now() - began);
    this.#ring.store('readerState', EndState.Awake);
    return !this.isEmpty;
  }

  /** Waits for a message, the end, or `interrupt()`. Keeps the event loop alive, unless it waits in the background. */
  readable({ background = false } = {}): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#interrupt = resolve;
    const look = () => {
      if (!this.arm() || this.#isClosed()) resolve();
    };
    const unsubscribe = doorbell.subscribe(look);
    const release = background ? () => {} : doorbell.keepAlive();
    look(); // what came before this line rang for nobody
    return promise.finally(() => {
      unsubscribe();
      release();
    });
  }

  /** Has the one who waits by `readable()` go on. */
  interrupt(): void {
    this.#interrupt();
  }

  /** Every message up to the end that the writer declares. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const isClosed = this.#isClosed(); // before the last look: what the writer wrote came before its end
      const message = this.tryRead();
      if (message) yield message;
      else if (isClosed) return;
      else await this.readable();
    }
  }

  /** After the writer's death, once every message has been read: frees what it has left half handed over. */
  recover(): void {
    recoverSpill(this.#ring);
  }

  /** Lets go of the ring, and of messages that nobody is going to read. */
  release(): void {
    while (this.tryRead());
    this.#ring.release();
  }

  #isClosed(): boolean {
    return this.#ring.load('closed') !== 0;
  }

  #readSpilled(at: number): Uint8Array {
    const [size = 0, low = 0, high = 0, reference = 0] = this.#ring.dataWords.subarray(at + 1, at + 5);
    return takeSpilled({ cell: offsetOf(low, high), reference }, size >>> 0, () => this.#advance(SPILLED_SIZE));
  }

  #advance(size: number): void {
    this.#head = (this.#head + size) | 0;
    this.#ring.store('head', this.#head);
    if (this.#ring.load('writerState') === EndState.Awake) return;
    const used = (this.#ring.load('tail') - this.#head) | 0;
    if (used > CAPACITY - ROOM) return;
    if (this.#ring.exchange('writerState', EndState.Awake) !== EndState.Awake) {
      doorbell.ring(this.#ring.load('writerSlot'));
    }
  }
}

const copy: Read<Uint8Array> = (data, start, end, isOwn) => (isOwn ? data : data.slice(start, end));
