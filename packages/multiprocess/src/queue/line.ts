/** A line: the messages of a queue, or of one direction of a pipe, with all who wait for them. */
import { Turns } from '../channel/index.ts';
import { MultiprocessError } from '../errors.ts';
import { free, type SharedCell, selfSlot, spinBetweenTurns, spinWhile, trimScratch } from '../memory/index.ts';
import { native } from '../native.ts';
import { Monitor, type Urge, type Wait, waitAsync, waitSync } from '../sync/internal.ts';
import type { WaitOptions } from '../timeout.ts';
import { Deliveries } from './deliveries.ts';
import { Closing, OPTION, QUEUE } from './layout.ts';
import { discard, dropReferences, type Incoming, keep, type Outgoing, ownBytes, unspill } from './message.ts';
import { Side, type Work } from './side.ts';
import { MessageStore } from './store.ts';

export interface Limits {
  /** 0: any number. */
  maxSize: number;
  maxBytes: number;
  options: number;
}

/** Why nobody on the other side will ever answer; undefined: somebody may. */
export type Hopeless = (urge: Urge, blocking: boolean) => MultiprocessError | undefined;

const NO_URGE: Urge = { starving: false, polling: false, waited: 0, limited: true, changed: 0, last: false };

export class Line {
  readonly store: MessageStore;
  readonly getters: Side;
  readonly putters: Side;
  readonly joiners: Side;
  readonly deliveries: Deliveries | undefined;
  readonly #cell: SharedCell;
  readonly #hopeless: Hopeless;
  readonly #getting: Work<Incoming>;
  readonly #putting: Work<true> & { message: Outgoing };
  /** Asynchronous calls of this thread are served in the order in which they were made. */
  readonly #puts = new Turns();
  readonly #gets = new Turns();

  /** `limits`: of a line that is being made. */
  constructor(cell: SharedCell, limits: Limits | undefined, hopeless: Hopeless) {
    this.#cell = cell;
    this.#hopeless = hopeless;
    this.store = new MessageStore(cell, limits);
    const sideAt = (word: number, hint?: number) =>
      new Side(new Monitor(cell.offset + word * 4, undefined, cell.offset), hint && this.store.index + hint);
    this.putters = sideAt(QUEUE.putters, QUEUE.putterWaits);
    this.getters = sideAt(QUEUE.getters, QUEUE.getterWaits);
    this.joiners = sideAt(QUEUE.joiners);
    if (this.store.get(QUEUE.options) & OPTION.redeliver) this.deliveries = new Deliveries(this.store);
    this.#getting = this.#toGet(false, false);
    this.#putting = this.#toPut(undefined as never, false);
  }

  /**
   * Puts a message without waiting, and calls who waits for it unless `quietly`; false when there is no room now. A message
   * with which it throws is discarded.
   */
  tryPut(message: Outgoing, quietly = false): boolean {
    try {
      this.#putting.message = message;
      if (!this.putters.try(this.#putting)) {
        if (this.closing !== Closing.Open) throw shutDown();
        return false;
      }
    } catch (error) {
      discard(message);
      throw error;
    }
    message.parcel?.sent();
    if (!quietly && this.getters.isAwaited) this.announce();
    return true;
  }

  /** {@link tryPut}, unless earlier calls of this thread wait. */
  tryPutInTurn(message: Outgoing, quietly = false): boolean {
    return !this.#puts.busy && this.tryPut(message, quietly);
  }

  /** {@link tryGet}, unless earlier calls of this thread wait. */
  tryGetInTurn(): Incoming | undefined {
    if (this.#gets.busy) return undefined;
    return this.tryGet() ?? (this.spin(spinBetweenTurns) ? this.tryGet() : undefined);
  }

  /** Waits for room; false when the time is up. The message is discarded unless it was put. */
  async put(message: Outgoing, options: WaitOptions): Promise<boolean> {
    const kept = keep(message);
    try {
      return this.#hasPut(
        kept,
        await this.#inTurn(this.#puts, this.putters.waiting(this.#toPut(kept, false)), options),
      );
    } catch (error) {
      discard(kept);
      throw error;
    }
  }

  putSync(message: Outgoing, timeout: number | undefined): boolean {
    const kept = keep(message);
    try {
      return this.#hasPut(kept, waitSync(this.putters.waiting(this.#toPut(kept, true)), timeout));
    } catch (error) {
      discard(kept);
      throw error;
    }
  }

  /** Takes a message without waiting; it is to be used before the next one is taken. */
  tryGet(quietly = false): Incoming | undefined {
    const message = this.take(quietly);
    if (message === undefined && this.closing !== Closing.Open && this.getters.monitor.run(() => this.isOver)) {
      throw shutDown();
    }
    return message;
  }

  /** The same; undefined also where the line has been shut down. */
  take(quietly = false): Incoming | undefined {
    const message = this.getters.try(this.#getting);
    if (message === undefined) return undefined;
    if (!quietly && this.putters.isAwaited) this.makeRoom();
    this.announceEnd();
    return this.#fetch(message);
  }

  /** Waits for a message; undefined when the time is up. */
  async get(options: WaitOptions): Promise<Incoming | undefined> {
    return this.#hasGot(await this.#inTurn(this.#gets, this.getters.waiting(this.#toGet(false)), options));
  }

  getSync(timeout: number | undefined): Incoming | undefined {
    return this.#hasGot(waitSync(this.getters.waiting(this.#toGet(true)), timeout));
  }

  /** Spins a little while nothing is there; whether that has changed. */
  spin(spinWith = spinWhile): boolean {
    const { words, index } = this.store;
    return spinWith(words, index + QUEUE.puts, words[index + QUEUE.gets]!);
  }

  /** Messages have been put: calls those who wait for them. */
  announce(): void {
    this.getters.callFirst(this.store.size);
  }

  /** Less is left of a queue that was shut down: calls those who wait for what will not come any more. */
  announceEnd(): void {
    if (this.closing !== Closing.Open && this.isEmpty && this.getters.isAwaited) this.getters.callAll();
  }

  /** Messages have been taken: calls those who wait for room. */
  makeRoom(): void {
    this.putters.callFirst(this.store.room);
  }

  /** Nothing to get. What is there when the line is closed is dropped, by whoever closes it. */
  get isEmpty(): boolean {
    return this.store.size === 0 || this.closing === Closing.Closed;
  }

  /** Under the getters' guard: whether there is an item to be delivered again. */
  get hasAbandoned(): boolean {
    return this.closing !== Closing.Closed && this.deliveries !== undefined && this.deliveries.hasAbandoned();
  }

  get closing(): number {
    return this.store.get(QUEUE.closing);
  }

  /** Ends it for everybody: nothing can be put any more; with `Closed` nothing be got either. How many were dropped. */
  shutDown(how: number): number {
    // Under the guard of those who put: once it is free, nobody puts any more.
    this.putters.monitor.run(() => {
      if (this.closing < how) this.store.set(QUEUE.closing, how);
    });
    const dropped = how === Closing.Closed ? this.#clear() : 0;
    for (const side of [this.putters, this.getters, this.joiners]) side.callAll();
    return dropped;
  }

  /** True while no other process or thread can reach this line. */
  get isSole(): boolean {
    return native.cellIsSole(this.#cell.offset, selfSlot());
  }

  #toPut(message: Outgoing, blocking: boolean): Work<true> & { message: Outgoing } {
    const { store } = this;
    return {
      message,
      available() {
        return store.hasRoom(this.message.size) ? store.room : 0;
      },
      act() {
        if (store.get(QUEUE.closing) !== Closing.Open || !store.admits(this.message.size)) return undefined;
        store.append(this.message);
        return true;
      },
      checkHope: (urge) => {
        if (this.closing !== Closing.Open) throw shutDown();
        this.#checkHope(urge, blocking, () => store.hasRoom(message.size));
      },
    };
  }

  /** `late`: the message is looked at later, when others may have been taken. */
  #toGet(blocking: boolean, late = true): Work<Incoming> {
    const { store, deliveries } = this;
    return {
      available: () => (this.isEmpty ? 0 : store.size) || (this.hasAbandoned ? 1 : 0),
      act: (polling) => {
        if (this.closing === Closing.Closed) return undefined;
        const message = deliveries?.takeOver(polling) ?? store.take(deliveries);
        if (!message && polling) trimScratch(); // nothing has come for a while
        if (message && late && message.cell === 0) message.bytes = ownBytes(message);
        return message;
      },
      checkHope: (urge) => {
        if (this.isOver) throw shutDown();
        this.#checkHope(urge, blocking, () => !this.isEmpty || this.hasAbandoned);
      },
    };
  }

  /** undefined when the time is up. */
  async #inTurn<T>(turns: Turns, wait: Wait<T>, options: WaitOptions): Promise<T | undefined> {
    try {
      return await turns.take(options, (rest) => {
        // It may have been closed while others had their turn. What has come before the end can still be got.
        const error = this.#hopeless(NO_URGE, false);
        if (error && (turns === this.#puts || error.code === 'ERR_MP_CLOSED')) throw error;
        return waitAsync(wait, rest);
      });
    } catch (error) {
      if (error instanceof MultiprocessError && error.code === 'ERR_MP_TIMEOUT') return undefined;
      throw error;
    }
  }

  /**
   * Nothing can be got any more: looks first whether the queue was shut down, because something may have been put right
   * before that. What others are working on may come back. Under the getters' guard.
   */
  get isOver(): boolean {
    const { closing } = this;
    if (closing === Closing.Open || !this.isEmpty) return false;
    return closing === Closing.Closed || !this.deliveries?.mayReturn();
  }

  /** Throws when waiting is in vain. `isPossible`: the last one has made it possible right before it went. */
  #checkHope(urge: Urge, blocking: boolean, isPossible: () => boolean): void {
    const error = this.#hopeless(urge, blocking);
    if (error && (error.code === 'ERR_MP_CLOSED' || !isPossible())) throw error;
  }

  #hasPut(message: Outgoing, result: true | undefined): boolean {
    if (result === undefined) {
      discard(message);
      return false;
    }
    message.parcel?.sent();
    if (this.getters.isAwaited) this.announce();
    return true;
  }

  #hasGot(message: Incoming | undefined): Incoming | undefined {
    if (message === undefined) return undefined;
    if (this.putters.isAwaited) this.makeRoom();
    this.announceEnd();
    return this.#fetch(message);
  }

  /** Gets the bytes of a message that was taken: without the guard, because a large one is copied here. */
  #fetch(message: Incoming): Incoming {
    if (message.cell !== 0) unspill(message);
    return message;
  }

  #clear(): number {
    return this.getters.monitor.run(() => {
      this.deliveries?.dropAbandoned(); // and what is void, while it can be told by the count
      let dropped = 0;
      for (let message = this.store.take(); message; message = this.store.take()) {
        if (message.cell !== 0) free(message.cell);
        dropReferences(message.references);
        dropped++;
      }
      return dropped;
    });
  }
}

/** CPython's `queue.ShutDown`. */
export const shutDown = () => new MultiprocessError('ERR_MP_QUEUE_SHUTDOWN', 'queue has been shut down');
