/** Rings as a whole: making, freeing, and the words that both ends use. */
import { MultiprocessError } from '../errors.ts';
import { allocate, bytesAt, free, selfSlot } from '../memory/index.ts';
import { native } from '../native.ts';
import { RING, RING_SIZE } from './layout.ts';

type Word = Exclude<keyof typeof RING, 'data'>;

/** Makes a ring; its offset is all that the ends need. It lives until `freeRing`, and while one of its ends is held. */
export function createRing(): number {
  const offset = allocate(RING_SIZE);
  if (offset === 0) throw new MultiprocessError('ERR_MP_NO_MEMORY', `no room for ${RING_SIZE} bytes in the realm`);
  const ring = new RingMemory(offset);
  ring.store('readerSlot', selfSlot());
  ring.store('writerSlot', selfSlot());
  ring.release();
  return offset;
}

/** The maker needs it no more. */
export function freeRing(offset: number): void {
  free(offset);
}

/** The memory of a ring, mapped and held here. */
export class RingMemory {
  readonly offset: number;
  readonly data: Uint8Array;
  readonly words: Int32Array;
  readonly dataWords: Int32Array;
  /** Bytes of a ring whose maker has died must not become somebody else's while this end still uses them. */
  readonly #reference: number;

  constructor(offset: number) {
    this.#reference = native.cellRetain(offset, native.cellGeneration(offset), selfSlot());
    if (this.#reference === 0) throw new MultiprocessError('ERR_MP_BAD_HANDLE', 'there is no ring any more');
    const { buffer, byteOffset } = bytesAt(offset, RING_SIZE);
    this.offset = offset;
    this.words = new Int32Array(buffer, byteOffset, RING.data / 4);
    this.data = new Uint8Array(buffer, byteOffset + RING.data, RING_SIZE - RING.data);
    this.dataWords = new Int32Array(buffer, byteOffset + RING.data, (RING_SIZE - RING.data) / 4);
  }

  release(): void {
    native.cellRelease(this.#reference, this.offset);
  }

  load(word: Word): number {
    return Atomics.load(this.words, RING[word] >> 2);
  }

  store(word: Word, value: number): void {
    Atomics.store(this.words, RING[word] >> 2, value | 0);
  }

  /** Returns what was there before. */
  exchange(word: Word, value: number): number {
    return Atomics.exchange(this.words, RING[word] >> 2, value);
  }
}
