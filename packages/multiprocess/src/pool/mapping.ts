import { type Estimate, estimateOf } from './estimate.ts';
import { Inputs } from './inputs.ts';
import { type Item, Job, nameOf, newItem, type Outcome } from './job.ts';
import { newProgram, type Program } from './program.ts';
import type { Terms } from './terms.ts';

/** Where the outcomes of a map go: into an array, or to whoever iterates. */
export interface Sink {
  /** How many more items may be under way; `underWay` have been taken, and not been consumed yet. */
  mayTake(underWay: number): boolean;
  settle(index: number, outcome: Outcome): void;
  /** All items have settled; `error`: what the iterable of the inputs threw after item `count`. */
  end(count: number, error: { reason: unknown } | undefined): void;
  cancel(reason: unknown, isOrdered: boolean): void;
}

export interface Progress {
  /** Items that have settled, failed ones included. */
  done: number;
  /** Items in all; undefined while the iterable has not said it. */
  total: number | undefined;
  /** What a task has said by `reportProgress`: how far it is, from 0 to 1. Absent when an item has settled. */
  fraction?: number;
  detail?: unknown;
  /** The item that has said it. */
  index?: number;
}

/** The job behind `map`, `starmap`, `imap` and `imapUnordered`: one function, many inputs. */
export class Mapping extends Job {
  override readonly program: Program;
  override readonly chunkSize: number | undefined;
  readonly estimate: Estimate;
  readonly #fn: Function;
  readonly #kind: string;
  readonly #inputs: Inputs;
  readonly #sink: Sink;
  #taken = 0;
  #settled = 0;

  /** Throws `ERR_MP_CAPTURE`. `kind` is what it is called in messages; `onArrival`: there may be something to take. */
  constructor(
    caller: Function,
    fn: Function,
    iterable: Iterable<unknown> | AsyncIterable<unknown>,
    kind: 'map' | 'starmap' | 'imap' | 'imapUnordered',
    sink: Sink,
    { chunkSize, kwargs, ...terms }: Terms & { chunkSize: number | undefined; kwargs: object | undefined },
    onArrival: (mapping: Mapping) => void,
  ) {
    super(caller, fn, terms);
    this.program = newProgram(fn, kwargs ? [kwargs] : [], kind === 'starmap');
    this.chunkSize = chunkSize;
    this.estimate = estimateOf(fn);
    this.#fn = fn;
    this.#kind = kind;
    this.#sink = sink;
    this.#inputs = new Inputs(iterable, () => onArrival(this));
    this.#inputs.fetch();
  }

  /** Items that keep one worker busy while others come. */
  get itemsAhead(): number {
    return this.chunkSize === undefined ? this.estimate.itemsAhead : 2 * this.chunkSize;
  }

  get isReady(): boolean {
    return this.#inputs.isReady && this.#sink.mayTake(this.#taken);
  }

  get isExhausted(): boolean {
    return this.#inputs.hasEnded;
  }

  get remaining(): number | undefined {
    return this.#inputs.total === undefined ? undefined : this.#inputs.total - this.#taken;
  }

  take(): Item | undefined {
    if (!this.isReady) return undefined;
    const input = this.#inputs.next();
    if (!input) return undefined;
    return newItem(this, this.#taken++, input.value);
  }

  settle(item: Item, outcome: Outcome): boolean {
    this.#settled++;
    if (this.isCancelled) return false;
    this.#sink.settle(item.index, outcome);
    this.terms.onProgress?.(this.#standing);
    return this.endIfComplete();
  }

  override progress({ index }: Item, fraction: number, detail: unknown): void {
    this.terms.onProgress?.({ ...this.#standing, index, fraction, detail });
  }

  get #standing(): Progress {
    return { done: this.#settled, total: this.isExhausted ? this.#taken : this.#inputs.total };
  }

  endIfComplete(): boolean {
    if (this.isCancelled || this.#settled < this.#taken) return false;
    if (this.#sink.mayTake(this.#taken)) this.#inputs.peek(); // only then it is known whether there is another one
    if (!this.isExhausted) return false;
    this.#sink.end(this.#taken, this.#inputs.error);
    return true;
  }

  /** Its consumer is slow, and nothing more is to be taken: it ends with an error behind what has been taken. */
  stopReading(reason: unknown): void {
    if (this.isExhausted || this.#sink.mayTake(this.#taken)) return;
    this.#inputs.stop();
    this.#inputs.error ??= { reason };
  }

  cancel(reason: unknown, isOrdered: boolean): void {
    if (this.isCancelled) return;
    this.isCancelled = true;
    this.#inputs.stop();
    this.#sink.cancel(reason, isOrdered);
  }

  describe(index: number): string {
    return `item ${index} of ${this.#kind}(${nameOf(this.#fn)})`;
  }
}
