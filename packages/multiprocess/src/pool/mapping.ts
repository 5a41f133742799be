import { dumps } from '../transport/index.ts';
import { type Estimate, estimateOf } from './estimate.ts';
import { Inputs } from './inputs.ts';
import { type Item, Job, nameOf, type Outcome } from './job.ts';

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
}

export interface MappingOptions {
  chunkSize?: number | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** The job behind `map`, `starmap`, `imap` and `imapUnordered`: one function, many inputs. */
export class Mapping extends Job {
  override readonly program: Uint8Array;
  override readonly chunkSize: number | undefined;
  readonly estimate: Estimate;
  readonly #fn: Function;
  readonly #kind: string;
  readonly #inputs: Inputs;
  readonly #sink: Sink;
  readonly #onProgress: MappingOptions['onProgress'];
  #taken = 0;
  #settled = 0;

  /** Throws `ERR_MP_CAPTURE`. `kind` is what it is called in messages; `onArrival`: there may be something to take. */
  constructor(
    caller: Function,
    fn: Function,
    iterable: Iterable<unknown> | AsyncIterable<unknown>,
    kind: 'map' | 'starmap' | 'imap' | 'imapUnordered',
    sink: Sink,
    { chunkSize, onProgress }: MappingOptions,
    onArrival: () => void,
  ) {
    super(caller);
    this.program = dumps(fn, { root: nameOf(fn) });
    this.chunkSize = chunkSize;
    this.estimate = estimateOf(fn);
    this.#fn = fn;
    this.#kind = kind;
    this.#sink = sink;
    this.#onProgress = onProgress;
    this.#inputs = new Inputs(iterable, onArrival);
    this.#inputs.fetch();
  }

  get isStarred(): boolean {
    return this.#kind === 'starmap';
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
    return { job: this, index: this.#taken++, input: input.value, isAlone: false, wasBatched: false };
  }

  settle(item: Item, outcome: Outcome): boolean {
    this.#settled++;
    if (this.isCancelled) return false;
    this.#sink.settle(item.index, outcome);
    this.#onProgress?.({ done: this.#settled, total: this.isExhausted ? this.#taken : this.#inputs.total });
    return this.endIfComplete();
  }

  endIfComplete(): boolean {
    if (this.isCancelled || this.#settled < this.#taken) return false;
    this.#inputs.peek(); // only then it is known whether there is another one
    if (!this.isExhausted) return false;
    this.#sink.end(this.#taken, this.#inputs.error);
    return true;
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
