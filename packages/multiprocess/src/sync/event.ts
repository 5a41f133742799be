/** Event: a flag to wait for. */
import { cellFor, type SharedCell } from '../memory/index.ts';
import { blockingTimeout, type WaitOptions, waitOptions } from '../timeout.ts';
import { registerKnown } from '../transport/index.ts';
import { registerShared, type SharedObject } from './cell.ts';
import { CELL_SIZE, EVENT, Kind, RECORD, State } from './layout.ts';
import { Monitor } from './monitor.ts';
import { call, mark, type Wait, waitAsync, waitSync } from './parking.ts';
import { at, records } from './records.ts';

/**
 * A flag that processes and threads wait for. Safe to use anywhere: it holds no lock, so `set()` in a signal handler, or a
 * killed waiter, holds nobody up.
 *
 * @example
 * const ready = new Event();
 * new Process({ target: () => { …; ready.set(); } }).start();
 * await ready.wait();
 */
export class Event implements SharedObject {
  /** @internal */
  readonly cell: SharedCell;
  readonly #monitor: Monitor;
  readonly #wait: Wait<true>;

  constructor() {
    this.cell = cellFor(CELL_SIZE, Kind.Event).cell;
    this.#monitor = new Monitor(this.cell.offset);
    this.#wait = { monitor: this.#monitor, attempt: (record) => this.#attempt(record) };
  }

  isSet(): boolean {
    return Atomics.load(this.#monitor.words, this.#monitor.index + EVENT.isSet) === 1;
  }

  /**
   * Sets the flag and wakes all who wait for it. In one piece: a wait that begins after a later `clear()` is not ended by
   * what is left of this call.
   */
  set(): void {
    if (this.isSet()) return;
    const monitor = this.#monitor;
    const queue = monitor.run(() => {
      Atomics.store(monitor.words, monitor.index + EVENT.isSet, 1);
      const waiting = monitor.queue();
      for (const record of waiting) monitor.release(record, State.Released);
      return waiting;
    });
    for (const record of queue) call(record);
  }

  /** Takes the flag back. Who was waiting when it was set has been woken. */
  clear(): void {
    Atomics.store(this.#monitor.words, this.#monitor.index + EVENT.isSet, 0);
  }

  /** Resolves with true once the flag is set, with false when `timeout` ms have passed. Rejects with `ERR_MP_CANCELLED`. */
  async wait(timeout?: number | WaitOptions): Promise<boolean> {
    const options = waitOptions(timeout);
    return (!options.signal?.aborted && this.isSet()) || (await waitAsync(this.#wait, options)) === true;
  }

  /** As {@link wait}, blocking this thread. */
  waitSync(timeout?: number | WaitOptions): boolean {
    const limit = blockingTimeout(timeout);
    return this.isSet() || waitSync(this.#wait, limit) === true;
  }

  /** As Python prints it: `Event(unset)`. */
  toString(): string {
    return `Event(${this.isSet() ? 'set' : 'unset'})`;
  }

  #attempt(record: number): true | undefined {
    if (records()[at(record, RECORD.state)] === State.Released) return true; // though it be cleared again
    if (!this.#monitor.isQueued(record)) {
      mark(record, State.Waiting);
      this.#monitor.push(record);
    }
    return this.isSet() ? true : undefined;
  }
}

registerShared(Event, 'Event', Kind.Event);
registerKnown('Event', Event);
