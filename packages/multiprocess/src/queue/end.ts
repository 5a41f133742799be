/** One end of a pipe: who has it, and whether anybody has the other one (layout.ts). */
import { type SharedCell, selfSlot, wordIndex, wordsAt } from '../memory/index.ts';
import { native } from '../native.ts';
import type { Urge } from '../sync/internal.ts';
import { END, UNIT } from './layout.ts';

export class End {
  readonly cell: SharedCell;
  readonly #words: Int32Array;
  readonly #index: number;

  constructor(cell: SharedCell) {
    this.cell = cell;
    this.#words = wordsAt(cell.offset);
    this.#index = wordIndex(cell.offset);
  }

  /** Tells each of two new ends which is the other. */
  static join(one: End, other: End): void {
    for (const [end, peer] of [
      [one, other],
      [other, one],
    ] as const) {
      end.#words[end.#index + END.peer] = peer.cell.offset / UNIT;
      end.#words[end.#index + END.peerGeneration] = native.cellGeneration(peer.cell.offset);
    }
  }

  /** Others have this end, or may have it soon. */
  markShared(): void {
    this.#words[this.#index + END.shared] = 1;
  }

  /** Nobody has the other end. */
  get isPeerGone(): boolean {
    return native.cellGeneration(this.#peer) !== this.#words[this.#index + END.peerGeneration]! >>> 0;
  }

  /**
   * Nobody will do anything at the other end: it is gone, or only this thread still has it, which others have had and let go,
   * or which is about to block. (A parent that has not closed its copy of a child's end waits for itself.)
   */
  isPeerSilent({ polling, limited }: Pick<Urge, 'polling' | 'limited'>, blocking: boolean): boolean {
    if (this.isPeerGone) return true;
    if (!polling || !native.cellIsSole(this.#peer, selfSlot())) return false;
    const peer = wordIndex(this.#peer) + END.shared;
    return wordsAt(this.#peer)[peer] === 1 || (blocking && !limited);
  }

  get #peer(): number {
    return (this.#words[this.#index + END.peer]! >>> 0) * UNIT;
  }
}
