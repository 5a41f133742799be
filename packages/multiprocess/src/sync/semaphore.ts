/** Semaphore and BoundedSemaphore: counted permits, which come back when their holder dies. */
import { invalidArgument, MultiprocessError } from '../errors.ts';
import { addressOf, cellFor, movePermitsAt, type SharedCell, selfId, spinWhile } from '../memory/index.ts';
import { registerKnown } from '../transport/index.ts';
import { Accounts } from './accounts.ts';
import { Acquirable } from './acquirable.ts';
import { markFirst } from './calling.ts';
import { registerShared, type SharedObject } from './cell.ts';
import { CELL_SIZE, Kind, MONITOR, RECORD, SEMAPHORE, State } from './layout.ts';
import { Monitor } from './monitor.ts';
import { call, mark, type Urge, type Wait } from './parking.ts';
import { at, records, valueOffset } from './records.ts';

const MOST = 0x7fffffff;

/**
 * Permits that several may hold at a time (Dijkstra, "Cooperating sequential processes", 1965). Any process or thread may
 * release, whether or not it acquired.
 *
 * The permits of a holder that ends, in whatever way, come back; as far as the semaphore was made with them: one that
 * begins with 0 and counts events gets none.
 *
 * @example
 * const slots = new Semaphore(4);
 * { using slot = await slots.hold(); … }
 */
export class Semaphore extends Acquirable implements SharedObject {
  /** @internal */
  readonly cell: SharedCell;
  protected readonly acquisition: Wait<true>;
  readonly #monitor: Monitor;
  readonly #accounts: Accounts;
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #records: Int32Array;
  /** Of the monitor, for WebAssembly; 0: Atomics do. */
  readonly #address: number;
  /** Index of this thread's balance, its address, and the thread: a forked child has a copy of its parent's object. */
  #balance = 0;
  #balanceAddress = 0;
  #balanceOf = 0;

  /**
   * @param value permits to begin with, an integer from 0 to 2 ** 31 - 1; default: 1
   * @throws `ERR_MP_INVALID_ARG`
   */
  constructor(value = 1) {
    super();
    if (!Number.isInteger(value) || value < 0 || value > MOST) {
      throw invalidArgument('value', `an integer from 0 to ${MOST}`, value);
    }
    const { cell, isNew } = cellFor(CELL_SIZE, this.kind);
    this.cell = cell;
    this.#monitor = new Monitor(cell.offset, () => this.#accounts.repair());
    this.#accounts = new Accounts(this.#monitor);
    this.#records = records();
    this.#address = addressOf(cell.offset);
    this.#words = this.#monitor.words;
    this.#index = this.#monitor.index;
    this.acquisition = { monitor: this.#monitor, attempt: (record, urge) => this.#attempt(record, urge) };
    if (isNew) for (const word of [SEMAPHORE.available, SEMAPHORE.base, SEMAPHORE.initial]) this.#set(word, value);
  }

  tryAcquire(): boolean {
    if (this.#move(1, MOST)) return true;
    this.#enter();
    const got = this.#take(0, false, false);
    this.#monitor.exit();
    return got;
  }

  /**
   * Gives `n` permits back, or adds them.
   *
   * @throws `ERR_MP_INVALID_ARG` unless n is an integer of at least 1; `ERR_MP_RELEASED_TOO_OFTEN` when there would be
   * more than 2 ** 31 - 1, or in a {@link BoundedSemaphore} more than it began with
   */
  release(n = 1): void {
    if (n !== 1 && (!Number.isInteger(n) || n < 1)) throw invalidArgument('n', 'an integer of at least 1', n);
    if (n === 1 && this.#move(-1, this.limit)) return;
    this.#enter();
    const words = this.#words;
    const available = words[this.#index + SEMAPHORE.available]! + n;
    if (available > this.limit) {
      this.#monitor.exit();
      throw new MultiprocessError('ERR_MP_RELEASED_TOO_OFTEN', 'semaphore or lock released too many times');
    }
    this.#records[this.#balance]! -= n;
    words[this.#index + SEMAPHORE.available] = available;
    const called = words[this.#index + MONITOR.head] === 0 ? undefined : markFirst(this.#monitor, available);
    this.#monitor.exit();
    if (called) for (const record of called) call(record);
  }

  /** Permits that are free now. */
  getValue(): number {
    return this.#monitor.run(() => {
      this.#accounts.closeDead(false);
      return this.#words[this.#index + SEMAPHORE.available]!;
    });
  }

  /** True while no permit is free. */
  locked(): boolean {
    return this.getValue() === 0;
  }

  /** As Python prints it: `Semaphore(value=1)`. */
  override toString(): string {
    return `Semaphore(value=${this.getValue()})`;
  }

  protected spin(): boolean {
    return spinWhile(this.#words, this.#index + SEMAPHORE.available, 0);
  }

  protected get kind(): number {
    return Kind.Semaphore;
  }

  protected get limit(): number {
    return MOST;
  }

  protected get initial(): number {
    return this.#words[this.#index + SEMAPHORE.initial]!;
  }

  #enter(): void {
    const self = selfId();
    if (this.#balanceOf !== self) this.#openAccount(self);
    this.#monitor.enter();
  }

  /** As most acquisitions and releases go: nobody has the guard, nobody waits, and there are enough. */
  #move(amount: number, limit: number): boolean {
    const address = this.#balanceAddress;
    return address !== 0 && this.#balanceOf === selfId() && movePermitsAt(this.#address, address, amount, limit) === 1;
  }

  #openAccount(self: number): void {
    const record = this.#monitor.run(() => this.#accounts.open());
    this.#balance = at(record, RECORD.value);
    this.#balanceAddress = this.#address === 0 ? 0 : addressOf(valueOffset(record));
    this.#balanceOf = self;
  }

  /**
   * Takes a permit unless none is free, or only the one that is kept for the first of the queue, which has been overtaken
   * too often; `insist` takes that, too.
   */
  #take(record: number, insist: boolean, ask: boolean): boolean {
    const available = this.#index + SEMAPHORE.available;
    if (this.#words[available]! <= 0 && !this.#accounts.closeDead(ask)) return false;
    const first = this.#monitor.first();
    if (first !== record && !insist && this.#words[available]! <= 1 && this.#isStarving(first)) return false;
    this.#records[this.#balance]!++;
    this.#words[available]!--;
    return true;
  }

  /** Not by its state, which is Woken from the release until it comes: just then others must not overtake it. */
  #isStarving(record: number): boolean {
    return record !== 0 && this.#records[at(record, RECORD.value)] === 1;
  }

  #attempt(record: number, { polling, waited, starving }: Urge): true | undefined {
    if (this.#take(record, polling, polling && waited > 200)) return true;
    if (!this.#monitor.isQueued(record)) this.#monitor.push(record);
    this.#records[at(record, RECORD.value)] = starving ? 1 : 0;
    mark(record, starving ? State.Starving : State.Waiting);
    return undefined;
  }

  #set(word: number, value: number): void {
    this.#words[this.#index + word] = value;
  }
}

/**
 * A semaphore that is never released more often than it was acquired: then `release` throws `ERR_MP_RELEASED_TOO_OFTEN`.
 */
export class BoundedSemaphore extends Semaphore {
  /** As Python prints it: `BoundedSemaphore(value=1, maxvalue=2)`. */
  override toString(): string {
    return `BoundedSemaphore(value=${this.getValue()}, maxvalue=${this.limit})`;
  }

  protected override get kind(): number {
    return Kind.BoundedSemaphore;
  }

  protected override get limit(): number {
    return this.initial;
  }
}

registerShared(Semaphore, 'Semaphore', Kind.Semaphore);
registerShared(BoundedSemaphore, 'BoundedSemaphore', Kind.BoundedSemaphore);
registerKnown('Semaphore', Semaphore);
registerKnown('BoundedSemaphore', BoundedSemaphore);
