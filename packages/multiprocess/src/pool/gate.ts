/**
 * The gate of a worker: one shared word that says how many tasks it has started, and by which the pool takes back those
 * that it has not. So a task is started once, and after a death there is no doubt which one was running.
 *
 * | bits     | means                              | moved on by                                                     |
 * |----------|------------------------------------|-----------------------------------------------------------------|
 * | 0 to 30  | tasks started, modulo 2 ** 31      | the worker: + 1 (compare-and-swap), refused while revoked       |
 * | 31       | revoked: nothing may be started    | the pool: set. The worker: cleared when it reads Resume         |
 *
 * A second word is the number of the task that is to end by itself, as counted by the first; written by the pool.
 *
 * The pool revokes, then takes the tasks beyond the count back, then sends Resume; the worker throws away what it reads
 * up to there. A worker that dies at any step leaves a count that is right: tasks are answered before the next is started.
 */
import { MultiprocessError } from '../errors.ts';
import { allocate, bytesAt, free, selfSlot } from '../memory/index.ts';
import { native } from '../native.ts';

const GATE_SIZE = 64;
const REVOKED = 1 << 31;
const COUNT = ~REVOKED;

export function createGate(): number {
  const offset = allocate(GATE_SIZE);
  if (offset === 0) throw new MultiprocessError('ERR_MP_NO_MEMORY', `no room for ${GATE_SIZE} bytes in the realm`);
  return offset;
}

export const freeGate = free;

export class Gate {
  readonly #word: Int32Array;
  readonly #offset: number;
  /** The word must not become somebody else's when the pool's process dies before the worker's. */
  readonly #reference: number;

  constructor(offset: number) {
    this.#offset = offset;
    this.#reference = native.cellRetain(offset, native.cellGeneration(offset), selfSlot());
    const { buffer, byteOffset } = bytesAt(offset, GATE_SIZE);
    this.#word = new Int32Array(buffer, byteOffset, 2);
  }

  release(): void {
    native.cellRelease(this.#reference, this.#offset);
  }

  /** How many tasks have been started. */
  get started(): number {
    return Atomics.load(this.#word, 0) & COUNT;
  }

  /** The worker: starts the next task; false when it has been taken back. */
  start(): boolean {
    for (;;) {
      const now = Atomics.load(this.#word, 0);
      if (now & REVOKED) return false;
      if (Atomics.compareExchange(this.#word, 0, now, (now + 1) & COUNT) === now) return true;
    }
  }

  /** The pool: the task with this number is to end by itself. */
  cancel(number: number): void {
    Atomics.store(this.#word, 1, number);
  }

  /** The worker: whether the task with this number is to end. */
  isCancelled(number: number): boolean {
    return Atomics.load(this.#word, 1) === number;
  }

  /** The pool: nothing more is started from here on. */
  revoke(): void {
    Atomics.or(this.#word, 0, REVOKED);
  }

  /** The worker: has read Resume. */
  resume(): void {
    Atomics.and(this.#word, 0, COUNT);
  }
}
