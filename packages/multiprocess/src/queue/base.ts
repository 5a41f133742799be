/** What all queues have in common: putting, getting, and the end of it. */
import { MultiprocessError } from '../errors.ts';
import { cellFor, type SharedCell } from '../memory/index.ts';
import { type SharedObject, type Urge, waitAsync } from '../sync/internal.ts';
import { blockingTimeout, cancelled, type WaitOptions, waitOptions } from '../timeout.ts';
import { OPTION, QUEUE, QUEUE_SIZE } from './layout.ts';
import { type Limits, Line } from './line.ts';
import { discard, encode } from './message.ts';
import { Uses } from './uses.ts';
import { open, openSync } from './value.ts';

type Timeout = number | WaitOptions;

const done = Promise.resolve();

/** Base class: not for use by itself. */
export abstract class MessageQueue<T> implements AsyncIterable<T>, Disposable, SharedObject {
  /** @internal */
  readonly cell: SharedCell;
  /** @internal */
  readonly line: Line;
  readonly #uses = new Uses();
  #closed = false;

  constructor(kind: number, limits: Limits) {
    const { cell, isNew } = cellFor(QUEUE_SIZE, kind);
    this.cell = cell;
    this.line = new Line(cell, isNew ? limits : undefined, (urge, blocking) => this.#hopeless(urge, blocking));
  }

  /**
   * Puts a value, as it is now: later changes do not leak in. Resolves when it is in the queue, from where the receiver gets
   * it even if this process ends at once.
   *
   * Throws `ERR_MP_QUEUE_FULL` when there was no room for `timeout` ms, `ERR_MP_CAPTURE` (with the path to what cannot be
   * sent), `ERR_MP_QUEUE_SHUTDOWN`, `ERR_MP_PEER_GONE`, `ERR_MP_CANCELLED`, `ERR_MP_CLOSED`.
   */
  put(value: T, timeout?: Timeout): Promise<void> {
    try {
      const options = waitOptions(timeout);
      if (options.signal?.aborted) throw cancelled(options.signal);
      const message = encode(value, this.use().store.owner);
      return this.line.tryPutInTurn(message) ? done : this.during(this.line.put(message, options)).then(checkPut);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@link put}, blocking this thread while there is no room. */
  putSync(value: T, timeout?: Timeout): void {
    const limit = timeout === undefined ? undefined : blockingTimeout(timeout);
    const message = encode(value, this.use().store.owner);
    if (!this.line.tryPut(message)) checkPut(this.line.putSync(message, limit));
  }

  /** Puts a value unless that had to wait; whether it did. */
  tryPut(value: T): boolean {
    const message = encode(value, this.use().store.owner);
    if (this.line.tryPut(message)) return true;
    discard(message);
    return false;
  }

  /**
   * Takes the oldest value; waits while there is none.
   *
   * Throws `ERR_MP_QUEUE_EMPTY` when none came for `timeout` ms, `ERR_MP_QUEUE_SHUTDOWN` when none will,
   * `ERR_MP_PEER_GONE` when every other process and thread that had this queue is gone, `ERR_MP_CANCELLED`, `ERR_MP_CLOSED`,
   * and whatever goes wrong when the value is rebuilt here.
   */
  get(timeout?: Timeout): Promise<T> {
    try {
      const options = waitOptions(timeout);
      if (options.signal?.aborted) throw cancelled(options.signal);
      const message = this.use().tryGetInTurn();
      if (message) return Promise.resolve(open<T>(message));
      return this.during(this.line.get(options)).then((later) => open<T>(later ?? throwEmpty()));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@link get}, blocking this thread and its event loop meanwhile. */
  getSync(timeout?: Timeout): T {
    const limit = timeout === undefined ? undefined : blockingTimeout(timeout);
    const { line } = this;
    let message = this.use().tryGet();
    if (!message && limit !== 0 && line.spin()) message = line.tryGet();
    return openSync<T>(message ?? line.getSync(limit) ?? throwEmpty());
  }

  /** Takes the oldest value if there is one. */
  tryGet(): { value: T } | undefined {
    const message = this.use().tryGet();
    return message && { value: openSync<T>(message) };
  }

  /** True while there is nothing to get. */
  isEmpty(): boolean {
    return this.use().isEmpty;
  }

  /** Every value, until the queue is shut down. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      let value: T;
      try {
        value = await this.get();
      } catch (error) {
        if (error instanceof MultiprocessError && error.code === 'ERR_MP_QUEUE_SHUTDOWN') return;
        throw error;
      }
      yield value;
    }
  }

  /**
   * Lets go of the queue in this thread; others may go on. Every later use of this object throws `ERR_MP_CLOSED`, and so do
   * calls that wait. Closing twice is fine. A queue that nobody has any more goes, with all that is in it.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const side of [this.line.getters, this.line.putters, this.line.joiners]) side.callAll();
    this.#uses.end(() => this.cell[Symbol.dispose]());
  }

  get closed(): boolean {
    return this.#closed;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** As Python would print it: `<Queue size=3>`. */
  toString(): string {
    return `<${this.constructor.name} ${this.#closed ? 'closed' : `size=${this.line.store.size}`}>`;
  }

  /** For `wait()`: there is something to get, or nothing will ever be. @internal */
  isReady(): boolean {
    return this.#closed || this.line.getters.monitor.run(() => this.#wouldNotWait());
  }

  /** For `wait()`: calls back once, when `isReady()` becomes true; what it returns takes that back. @internal */
  onceReady(callback: () => void): () => void {
    const controller = new AbortController();
    const watch = this.line.getters.watching(() => this.#closed || this.#wouldNotWait());
    this.during(waitAsync(watch, { signal: controller.signal })).then(callback, () => {});
    return () => controller.abort();
  }

  /** Under the getters' guard: `get()` would not wait. */
  #wouldNotWait(): boolean {
    const { line } = this;
    return (
      !line.isEmpty ||
      line.isOver ||
      line.hasAbandoned ||
      this.#hopeless({ polling: true, limited: true }, false) !== undefined
    );
  }

  /** The line; throws `ERR_MP_CLOSED`. @internal */
  use(): Line {
    if (this.#closed) throw closed(this);
    return this.line;
  }

  /** Keeps the cell while something waits. */
  protected during<R>(work: Promise<R>): Promise<R> {
    return this.#uses.during(work);
  }

  /**
   * Nobody else has the queue, so nobody will ever answer. A thread that blocks cannot answer itself; one that does not
   * could, so it waits on unless others had the queue once.
   */
  #hopeless({ polling, limited }: Pick<Urge, 'polling' | 'limited'>, blocking: boolean): MultiprocessError | undefined {
    if (this.#closed) return closed(this);
    const { line } = this;
    const { store } = line;
    if (!polling || store.get(QUEUE.options) & OPTION.waitForPeers) return undefined;
    if (store.get(QUEUE.shared) === 0 && !(blocking && !limited)) return undefined;
    if (!line.isSole) return undefined;
    return new MultiprocessError(
      'ERR_MP_PEER_GONE',
      'every other process and thread that had this queue is gone, so this wait would never end ' +
        '(others will come later? make it with { waitForPeers: true })',
    );
  }
}

export function checkPut(wasPut: boolean): void {
  if (!wasPut) throw new MultiprocessError('ERR_MP_QUEUE_FULL', 'queue is full: nothing was taken within the timeout');
}

function throwEmpty(): never {
  throw new MultiprocessError('ERR_MP_QUEUE_EMPTY', 'queue is empty: nothing was put within the timeout');
}

const closed = (queue: object) => new MultiprocessError('ERR_MP_CLOSED', `${queue.constructor.name} is closed`);
