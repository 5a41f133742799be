/**
 * Large cells that a queue keeps for its next large messages: the pages of a new one cost several times as much as copying
 * a message into it. Few, not too large, and given back when small messages pass, or when who waits finds that nothing
 * comes (layout.ts).
 */
import { allocate, free } from '../memory/index.ts';
import { native } from '../native.ts';
import { QUEUE, SPARE_CELLS, UNIT } from './layout.ts';

/** A larger cell gives its pages back at once. */
const MOST_BYTES = 16 * 2 ** 20;
/** Of those that are larger than this, only so many are kept. */
const LARGE = 2 ** 20;
const LARGE_CELLS = 2;
/** Asked for in such steps, so that messages of about the same size fit into each other's cells. */
const STEP = 65536;

export class SpareCells {
  readonly #words: Int32Array;
  readonly #first: number;
  readonly #owner: number;

  /** Of the queue whose words begin at `index`, and that is known as `owner`. */
  constructor(words: Int32Array, index: number, owner: number) {
    this.#words = words;
    this.#first = index + QUEUE.spareCells;
    this.#owner = owner;
  }

  /** A cell of the queue with room for so many bytes, whatever is in it; 0: the realm is full. */
  take(size: number): number {
    for (let i = this.#first; i < this.#first + SPARE_CELLS; i++) {
      const cell = this.#pick(i);
      if (cell === 0) continue;
      const room = roomIn(cell);
      if (room >= size && room - STEP < 4 * size) return cell;
      free(cell);
    }
    return allocate(Math.ceil(size / STEP) * STEP, this.#owner);
  }

  /** A cell of the queue in which there is no message any more. */
  give(cell: number): void {
    const room = roomIn(cell);
    if (room <= MOST_BYTES) {
      const end = this.#first + (room > LARGE ? LARGE_CELLS : SPARE_CELLS);
      for (let i = this.#first; i < end; i++) {
        if (this.#words[i] === 0 && Atomics.compareExchange(this.#words, i, 0, cell / UNIT) === 0) return;
      }
    }
    free(cell);
  }

  /** Gives them back to the realm. */
  drop(): void {
    for (let i = this.#first; i < this.#first + SPARE_CELLS; i++) {
      const cell = this.#pick(i);
      if (cell !== 0) free(cell);
    }
  }

  #pick(i: number): number {
    return this.#words[i] === 0 ? 0 : (Atomics.exchange(this.#words, i, 0) >>> 0) * UNIT;
  }
}

const roomIn = (cell: number) => native.cellInfo(cell)?.size ?? 0;
