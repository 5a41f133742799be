/** What goes to a worker: tasks, the functions of those that share one, and control messages. */
import { RingWriter } from '../channel/index.ts';
import { encodeParts } from '../transport/index.ts';
import type { Item, Job } from './job.ts';
import type { Program } from './program.ts';
import { head, Kind } from './protocol.ts';

/** A worker keeps so many functions that are called again and again. */
const MAX_SHARED = 100;

export class Sender {
  readonly #ring: RingWriter;
  /** Functions that the worker has; those that belong to no job, oldest first. */
  readonly #programs = new Set<number>();
  readonly #shared: number[] = [];
  /** Control messages that have found no room yet. Tasks wait for them. */
  readonly #unsent: Uint8Array[] = [];
  #isFull = false;
  #isReleased = false;

  constructor(ring: number) {
    this.#ring = new RingWriter(ring);
  }

  /** Whether control messages wait for room. */
  get hasUnsent(): boolean {
    return this.#unsent.length > 0;
  }

  /** Whether something waits for room: nobody rings when there is some. */
  get isClogged(): boolean {
    return this.#isFull || this.hasUnsent;
  }

  /** Whose doorbell wakes the worker. */
  get readerSlot(): number {
    return this.#ring.readerSlot;
  }

  /** Sends items of one job in one message; false when there is no room. Throws `ERR_MP_CAPTURE`. */
  send(items: readonly Item[]): boolean {
    const [first] = items as [Item];
    const { job } = first;
    const isSent = job.program
      ? this.#sendItems(job, job.program, items)
      : this.#ring.tryWrite(head(Kind.Call), first.input as Uint8Array);
    this.#isFull = !isSent;
    return isSent;
  }

  /** Sends a message that may have to wait for room, before all tasks that come later. */
  control(message: Uint8Array): void {
    if (this.#isReleased) return;
    this.#unsent.push(message.slice());
    this.flush();
  }

  /** The worker need not keep a function. */
  forget(id: number): void {
    if (this.#programs.delete(id)) this.control(head(Kind.Forget, id));
  }

  /** Sends control messages that found no room before. */
  flush(): void {
    if (!this.hasUnsent) return;
    while (this.hasUnsent && this.#ring.tryWrite(this.#unsent[0]!)) this.#unsent.shift();
    this.wake();
  }

  /** Wakes the worker if it sleeps. */
  wake(): void {
    this.#ring.wake();
  }

  release(): void {
    this.#isReleased = true;
    this.#ring.release();
  }

  #sendItems(job: Job, { id, bytes, isStarred, isShared }: Program, items: readonly Item[]): boolean {
    if (!this.#programs.has(id)) {
      if (!this.#ring.tryWrite(head(Kind.Program, id, isStarred ? 1 : 0), bytes)) return false;
      this.#programs.add(id);
      if (isShared) this.#share(id);
    }
    const inputs = items.map(({ input }) => input);
    const parts = encodeParts(inputs, { root: 'inputs' }); // to be written before anything else is encoded
    job.estimate.learnSize(parts.reduce((sum, { length }) => sum + length, 0) / items.length);
    return this.#ring.tryWrite(head(Kind.Items, id, items.length), ...parts);
  }

  /** Those that belong to no job are forgotten when there are many, oldest first. */
  #share(id: number): void {
    this.#shared.push(id);
    if (this.#shared.length > MAX_SHARED) this.forget(this.#shared.shift()!);
  }
}
