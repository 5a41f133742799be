/** Barrier: threads wait for each other until all have come. */
import { invalidArgument } from '../errors.ts';
import { around, cellFor, isLiving, type PackedCell, packCell, type SharedCell, unpackCell } from '../memory/index.ts';
import { blockingTimeout, checkTimeout, type WaitOptions, waitOptions } from '../timeout.ts';
import { registerHandle, registerKnown } from '../transport/index.ts';
import { printsAsString, type SharedObject } from './cell.ts';
import { BrokenBarrierError } from './errors.ts';
import { BARRIER, BarrierState, CELL_SIZE, Kind, RECORD, State } from './layout.ts';
import { Monitor } from './monitor.ts';
import { call, mark, type Urge, type Wait, waitAsync, waitSync } from './parking.ts';
import { at, records } from './records.ts';

const MOST = 0x7fffffff;

export interface BarrierOptions {
  /** Called by the last to arrive, before any is let go. What it throws breaks the barrier. May be async for `wait`. */
  action?: (() => unknown) | undefined;
  /** For waits that name no time of their own, in ms. @default no limit */
  timeout?: number | undefined;
}

/** What a wait comes to. The last to arrive in a round acts for it. */
interface Arrival {
  index: number;
  round: number;
}

/**
 * A meeting point: `wait` returns when `parties` threads have called it; then the next round begins.
 *
 * It breaks, and every wait fails with {@link BrokenBarrierError}, when one of them times out, is cancelled or dies while
 * it waits, or when the action fails; until `reset()`.
 *
 * @example
 * const barrier = new Barrier(3, { action: () => console.log('all here') });
 * const index = await barrier.wait(); // 0, 1 or 2, each once in a round
 */
export class Barrier implements SharedObject {
  /** @internal */
  readonly cell: SharedCell;
  /** @internal */
  readonly options: BarrierOptions;
  readonly #monitor: Monitor;
  readonly #wait: Wait<Arrival>;
  #toCall: number[] = [];

  /** Throws `ERR_MP_INVALID_ARG` unless `parties` is an integer from 1 to 2 ** 31 - 1. */
  constructor(parties: number, options: BarrierOptions = {}) {
    checkOptions(parties, options);
    this.options = options;
    const { cell, isNew } = cellFor(CELL_SIZE, Kind.Barrier);
    this.cell = cell;
    this.#monitor = new Monitor(cell.offset);
    this.#wait = { monitor: this.#monitor, attempt: (record, urge) => this.#attempt(record, urge) };
    if (isNew) this.#set(BARRIER.parties, parties);
  }

  /**
   * Waits for the others. Resolves with the index of arrival, 0 to parties - 1. Rejects with `ERR_MP_BROKEN_BARRIER`, with
   * `ERR_MP_CANCELLED`, or with what the action has thrown here.
   */
  async wait(timeout?: number | WaitOptions): Promise<number> {
    const { timeout: limit = this.options.timeout, signal } = waitOptions(timeout);
    try {
      const options = { timeout: limit ?? Number.POSITIVE_INFINITY, ...(signal && { signal }) };
      const arrival = (await waitAsync(this.#wait, options, (lost) => this.#forsake(lost))) as Arrival;
      if (arrival.index === this.parties - 1) await this.#act(arrival.round);
      return arrival.index;
    } finally {
      this.#callAll();
    }
  }

  /** As {@link wait}, blocking this thread; what an asynchronous action does later is not waited for. */
  waitSync(timeout?: number | WaitOptions): number {
    const limit = blockingTimeout(timeout) ?? this.options.timeout;
    try {
      const arrival = waitSync(this.#wait, limit) as Arrival;
      if (arrival.index === this.parties - 1) this.#actSync(arrival.round);
      return arrival.index;
    } finally {
      this.#callAll();
    }
  }

  /** Begins anew: those who wait get `ERR_MP_BROKEN_BARRIER`, and the barrier is whole. */
  reset(): void {
    this.#monitor.run(() => {
      this.#break(); // should we be killed before it is whole again
      this.#set(BARRIER.round, this.#get(BARRIER.round) + 1);
      this.#set(BARRIER.state, BarrierState.Filling);
    });
    this.#callAll();
  }

  /** Breaks the barrier, for those who wait and who come. */
  abort(): void {
    this.#monitor.run(() => this.#break());
    this.#callAll();
  }

  /** How many it takes. */
  get parties(): number {
    return this.#get(BARRIER.parties);
  }

  /** How many wait now. */
  get nWaiting(): number {
    return this.#monitor.run(() => (this.#is(BarrierState.Filling) ? this.#monitor.queue().length : 0));
  }

  get broken(): boolean {
    return this.#is(BarrierState.Broken);
  }

  toString(): string {
    return `Barrier(${this.broken ? 'broken' : `${this.nWaiting}/${this.parties}`})`;
  }

  #attempt(record: number, { polling, waited, last }: Urge): Arrival | undefined {
    if (polling) this.#breakForTheDead(waited > 200);
    if (this.#state(record) === State.Idle) this.#arrive(record);
    if (this.#isBroken(record)) throw new BrokenBarrierError();
    const index = this.#value(record);
    if (this.#state(record) === State.Released || (this.#is(BarrierState.Acting) && index === this.parties - 1)) {
      return { index, round: this.#get(BARRIER.round) };
    }
    if (!last) return undefined;
    this.#break();
    throw new BrokenBarrierError('the barrier is broken: this wait was not ended in time');
  }

  /** Also when whoever broke the barrier was killed before it had let all go. */
  #isBroken(record: number): boolean {
    return this.#state(record) === State.Broken || (this.broken && this.#state(record) !== State.Released);
  }

  #arrive(record: number): void {
    if (this.broken) {
      mark(record, State.Broken);
      return;
    }
    const index = this.#is(BarrierState.Acting) ? -1 : this.#monitor.queue().length;
    this.#setValue(record, index);
    mark(record, State.Waiting);
    this.#monitor.push(record);
    if (index === this.parties - 1) this.#beginActing(record);
  }

  #beginActing(last: number): void {
    this.#set(BARRIER.actor, records()[at(last, RECORD.owner)]!);
    this.#set(BARRIER.state, BarrierState.Acting);
  }

  async #act(round: number): Promise<void> {
    try {
      await this.options.action?.();
    } catch (error) {
      this.abort();
      throw error;
    }
    this.#finish(round);
  }

  #actSync(round: number): void {
    try {
      this.options.action?.();
    } catch (error) {
      this.abort();
      throw error;
    }
    this.#finish(round);
  }

  /**
   * Lets the others go. Those who have come meanwhile begin the next round; if they are enough, the last of them acts. The
   * state says Acting until each has its index: were we killed before, the barrier would break.
   */
  #finish(round: number): void {
    this.#monitor.run(() => {
      if (!this.#isActing(round)) return; // aborted or reset meanwhile
      this.#releaseAll(State.Released, (record) => this.#value(record) >= 0);
      const arrived = this.#monitor.queue().slice(0, this.parties);
      for (const [index, record] of arrived.entries()) this.#setValue(record, index);
      this.#set(BARRIER.round, round + 1);
      const last = arrived[this.parties - 1];
      if (last === undefined) {
        this.#set(BARRIER.state, BarrierState.Filling);
        return;
      }
      this.#beginActing(last);
      mark(last, State.Woken);
      this.#toCall.push(last);
    });
  }

  /** Its wait was cancelled just when it was to act for its round, which will not end otherwise. */
  #forsake({ index, round }: Arrival): void {
    this.#monitor.run(() => {
      if (index === this.parties - 1 && this.#isActing(round)) this.#break();
    });
  }

  #isActing(round: number): boolean {
    return this.#is(BarrierState.Acting) && this.#get(BARRIER.round) === round;
  }

  #breakForTheDead(ask: boolean): void {
    const dead = (id: number) => !isLiving(id, ask);
    const acting = this.#is(BarrierState.Acting) && dead(this.#get(BARRIER.actor));
    if (acting || this.#monitor.queue().some((record) => dead(records()[at(record, RECORD.owner)]!))) this.#break();
  }

  #break(): void {
    this.#set(BARRIER.state, BarrierState.Broken);
    this.#releaseAll(State.Broken);
  }

  #releaseAll(state: number, which: (record: number) => boolean = () => true): void {
    for (const record of this.#monitor.queue().filter(which)) {
      this.#monitor.release(record, state);
      this.#toCall.push(record);
    }
  }

  #callAll(): void {
    for (const record of this.#toCall.splice(0)) call(record);
  }

  #state = (record: number): number => records()[at(record, RECORD.state)]!;
  #value = (record: number): number => records()[at(record, RECORD.value)]!;

  #setValue(record: number, value: number): void {
    records()[at(record, RECORD.value)] = value;
  }

  #is(state: number): boolean {
    return this.#get(BARRIER.state) === state;
  }

  #get(word: number): number {
    return Atomics.load(this.#monitor.words, this.#monitor.index + word);
  }

  #set(word: number, value: number): void {
    Atomics.store(this.#monitor.words, this.#monitor.index + word, value);
  }
}

function checkOptions(parties: unknown, options: BarrierOptions): void {
  if (!Number.isInteger(parties) || (parties as number) < 1 || (parties as number) > MOST)
    throw invalidArgument('parties', `an integer from 1 to ${MOST}`, parties);
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', '{ action, timeout }', options);
  for (const key of Object.keys(options)) {
    if (key !== 'action' && key !== 'timeout') throw invalidArgument('options', '{ action, timeout }', `{ ${key} }`);
  }
  const { action, timeout } = options;
  if (action !== undefined && typeof action !== 'function') throw invalidArgument('action', 'a function', action);
  checkTimeout(timeout);
}

printsAsString(Barrier);
registerHandle<Barrier, [PackedCell, BarrierOptions]>(Barrier, {
  tag: 'Barrier',
  pack: (barrier) => [packCell(barrier.cell), barrier.options],
  unpack: ([packed, options]) => around(unpackCell(packed, Kind.Barrier), () => new Barrier(1, options)),
});
registerKnown('Barrier', Barrier);
