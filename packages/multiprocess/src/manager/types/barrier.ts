/** Barrier of a manager. A client that dies while it waits breaks it. */
import { invalidArgument } from '../../errors.ts';
import { check, checkNames, isFunction, isWhole } from '../../options.ts';
import { BrokenBarrierError } from '../../sync/index.ts';
import { checkTimeout } from '../../timeout.ts';
import { limitOf, type Timeout, Waiters } from '../waiters.ts';

export interface ManagedBarrierOptions {
  /** Called in the manager by the last to arrive, before any is let go. What it throws breaks the barrier. */
  action?: () => unknown;
  /** For waits that name no time of their own, in ms. @default no limit */
  timeout?: number;
}

export class ManagedBarrier {
  readonly #parties: number;
  readonly #options: ManagedBarrierOptions;
  #waiters = new Waiters();
  #broken = false;

  constructor(parties: number, options: ManagedBarrierOptions = {}) {
    if (!isWhole(parties, 1, 0x7fffffff)) throw invalidArgument('parties', 'an integer above 0', parties);
    checkNames(options, ['action', 'timeout']);
    check('action', 'a function', options.action, isFunction);
    checkTimeout(options.timeout);
    this.#parties = parties;
    this.#options = options;
  }

  /** The index of arrival: 0 to parties - 1. Throws `ERR_MP_BROKEN_BARRIER`. */
  async wait(timeout?: Timeout): Promise<number> {
    const limit = limitOf(timeout ?? this.#options.timeout);
    if (this.#broken) throw new BrokenBarrierError();
    const index = this.#waiters.size;
    if (index === this.#parties - 1) {
      await this.#complete();
      return index;
    }
    try {
      if (await this.#waiters.wait(limit)) return index;
    } catch (error) {
      if (!(error instanceof BrokenBarrierError)) this.abort(); // else it has been broken, or has begun anew, already
      throw error;
    }
    this.abort();
    throw new BrokenBarrierError();
  }

  /** Begins anew; those who wait get `ERR_MP_BROKEN_BARRIER`. */
  reset(): void {
    this.#waiters.failAll(new BrokenBarrierError());
    this.#broken = false;
  }

  /** Breaks it for those who wait and who come. */
  abort(): void {
    this.#broken = true;
    this.#waiters.failAll(new BrokenBarrierError());
  }

  parties(): number {
    return this.#parties;
  }

  nWaiting(): number {
    return this.#waiters.size;
  }

  broken(): boolean {
    return this.#broken;
  }

  async #complete(): Promise<void> {
    const round = this.#waiters;
    this.#waiters = new Waiters();
    try {
      await this.#options.action?.();
    } catch (error) {
      this.#broken = true;
      round.failAll(new BrokenBarrierError(undefined, { cause: error }));
      throw error;
    }
    round.callAll();
  }
}
