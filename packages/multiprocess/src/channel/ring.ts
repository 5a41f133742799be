/** Rings as a whole: making, freeing, and the words that both ends use. */
import { MultiprocessError } from '../errors.ts';
import { allocate, bytesAt, free } from '../memory/index.ts';
import { RING, RING_SIZE } from './layout.ts';

type Word = Exclude<keyof typeof RING, 'data'>;

/** Makes a ring, which lives until `freeRing` or the end of this process; its offset is all that the ends need. */
export function createRing(): number {
  const offset = allocate(RING_SIZE);
  if (offset === 0) throw new MultiprocessError('ERR_MP_NO_MEMORY', `no room for ${RING_SIZE} bytes in the realm`);
  return offset;
}

/** Only once both ends have stopped: the memory may be given to others at once. */
export function freeRing(offset: number): void {
  free(offset);
}

/** The memory of a ring, mapped here. */
export class RingMemory {
  readonly offset: number;
  readonly data: Uint8Array;
  readonly words: Int32Array;
  readonly dataWords: Int32Array;

  constructor(offset: number) {
    const { buffer, byteOffset } = bytesAt(offset, RING_SIZE);
    this.offset = offset;
    this.words = new Int32Array(buffer, byteOffset, RING.data / 4);
    this.data = new Uint8Array(buffer, byteOffset + RING.data, RING_SIZE - RING.data);
    this.dataWords = new Int32Array(buffer, byteOffset + RING.data, (RING_SIZE - RING.data) / 4);
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
