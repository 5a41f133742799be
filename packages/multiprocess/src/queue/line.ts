/** A line: the messages of a queue, or of one direction of a pipe, with all who wait for them. */
import { MultiprocessError } from '../errors.ts';
import { type SharedCell, selfSlot, spinWhile } from '../memory/index.ts';
import { native } from '../native.ts';
import { Monitor, type Urge, waitAsync, waitSync } from '../sync/internal.ts';
import type { WaitOptions } from '../timeout.ts';
import { Deliveries } from './deliveries.ts';
import { Closing, OPTION, QUEUE } from './layout.ts';
import { discard, dropReferences, fetch, type Incoming, keep, type Outgoing, ownBytes } from './message.ts';
import { Side, type Work } from './side.ts';
import { MessageStore } from './store.ts';

export interface Limits {
  /** 0: any number. */
  maxSize: number;
  maxBytes: number;
  options: number;
}

/**
 * Why nobody on the other side will ever answer; undefined: somebody may. `isPossible`: whether it could be done now, to be
 * asked once nobody is left, because the last one may have changed that.
 */
export type Hopeless = (urge: Urge, blocking: boolean, isPossible: () => boolean) => MultiprocessError | undefined;

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

  /** `limits`: of a line that is being made. */
  constructor(cell: SharedCell, limits: Limits | undefined, hopeless: Hopeless) {
    this.#cell = cell;
    this.#hopeless = hopeless;
    this.store = new MessageStore(cell, limits);
    const sideAt = (word: number) => new Side(new Monitor(cell.offset + word * 4, undefined, cell.offset));
    this.putters = sideAt(QUEUE.putters);
    this.getters = sideAt(QUEUE.getters);
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
    if (!quietly && this.getters.isAwaited) this.announce();
    return true;
  }

  /** Waits for room; false when the time is up. The message is discarded unless it was put. */
  async put(message: Outgoing, options: WaitOptions): Promise<boolean> {
    const kept = keep(message);
    try {
      return this.#hasPut(kept, await waitAsync(this.putters.waiting(this.#toPut(kept, false)), options));
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
    const message = this.getters.try(this.#getting);
    if (message === undefined) {
      if (this.closing !== Closing.Open && this.getters.monitor.run(() => this.#isOver)) throw shutDown();
      return undefined;
    }
    if (!quietly && this.putters.isAwaited) this.makeRoom();
    this.announceEnd();
    return message.cell === 0 ? message : fetch(message);
  }

  /** Waits for a message; undefined when the time is up. */
  async get(options: WaitOptions): Promise<Incoming | undefined> {
    return this.#hasGot(await waitAsync(this.getters.waiting(this.#toGet(false)), options));
  }

  getSync(timeout: number | undefined): Incoming | undefined {
    return this.#hasGot(waitSync(this.getters.waiting(this.#toGet(true)), timeout));
  }

  /** Spins a little while nothing is there; whether that has changed. */
  spin(): boolean {
    const { words, index } = this.store;
    return spinWhile(words, index + QUEUE.puts, words[index + QUEUE.gets]!);
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

  get isEmpty(): boolean {
    return this.store.size === 0;
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
    const hasRoom = () => store.hasRoom(message.size);
    return {
      message,
      available() {
        return store.hasRoom(this.message.size) ? store.room : 0;
      },
      act() {
        if (store.get(QUEUE.closing) !== Closing.Open || !store.hasRoom(this.message.size)) return undefined;
        store.append(this.message);
        return true;
      },
      checkHope: (urge) => {
        if (this.closing !== Closing.Open) throw shutDown();
        this.#checkHope(urge, blocking, hasRoom);
      },
    };
  }

  /** `late`: the message is looked at later, when others may have been taken. */
  #toGet(blocking: boolean, late = true): Work<Incoming> {
    const { store, deliveries } = this;
    const mayReturn = () => deliveries !== undefined && this.closing !== Closing.Closed;
    const available = () => store.size || (mayReturn() && deliveries!.hasAbandoned() ? 1 : 0);
    const isPossible = () => available() > 0;
    return {
      available,
      act: (polling) => {
        const message = store.take(deliveries) ?? (mayReturn() ? deliveries!.takeOver(polling) : undefined);
        if (message && late && message.cell === 0) message.bytes = ownBytes(message);
        return message;
      },
      checkHope: (urge) => {
        if (this.#isOver) throw shutDown();
        this.#checkHope(urge, blocking, isPossible);
      },
    };
  }

  /**
   * Nothing can be got any more: looks first whether the queue was shut down, because something may have been put right
   * before that. What others are working on may come back. Under the guard.
   */
  get #isOver(): boolean {
    const { closing } = this;
    if (closing === Closing.Open || !this.isEmpty) return false;
    return closing === Closing.Closed || !this.deliveries?.mayReturn();
  }

  #checkHope(urge: Urge, blocking: boolean, isPossible: () => boolean): void {
    const error = this.#hopeless(urge, blocking, isPossible);
    if (error) throw error;
  }

  #hasPut(message: Outgoing, result: true | undefined): boolean {
    if (result === undefined) discard(message);
    else if (this.getters.isAwaited) this.announce();
    return result !== undefined;
  }

  #hasGot(message: Incoming | undefined): Incoming | undefined {
    if (message === undefined) return undefined;
    if (this.putters.isAwaited) this.makeRoom();
    this.announceEnd();
    return fetch(message);
  }

  #clear(): number {
    return this.getters.monitor.run(() => {
      let dropped = 0;
      this.deliveries?.dropVoid(); // while it can be told by the count
      for (let message = this.store.take(); message; message = this.store.take()) {
        if (message.cell !== 0) native.cellRelease(message.reference, message.cell);
        dropReferences(message.references);
        dropped++;
      }
      return dropped;
    });
  }
}

/** CPython's `queue.ShutDown`. */
export const shutDown = () => new MultiprocessError('ERR_MP_QUEUE_SHUTDOWN', 'queue has been shut down');
