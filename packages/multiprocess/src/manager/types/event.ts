/** Event of a manager. */
import { limitOf, type Timeout, Waiters } from '../waiters.ts';

export class ManagedEvent {
  readonly #waiters = new Waiters();
  #set = false;

  isSet(): boolean {
    return this.#set;
  }

  set(): void {
    this.#set = true;
    this.#waiters.callAll();
  }

  clear(): void {
    this.#set = false;
  }

  /** True once it is set; false when the time was up first. */
  wait(timeout?: Timeout): boolean | Promise<boolean> {
    const limit = limitOf(timeout);
    return this.#set || this.#waiters.wait(limit);
  }
}
