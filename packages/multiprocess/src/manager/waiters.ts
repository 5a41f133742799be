/** Calls that wait inside the manager, first come first served. */
import type { MultiprocessError } from '../errors.ts';
import { type WaitOptions, waitOptions } from '../timeout.ts';
import { type Call, currentCall, type Holder } from './caller.ts';

export type Timeout = number | WaitOptions | undefined;

/** Longest wait in ms. */
export const limitOf = (timeout: Timeout): number => waitOptions(timeout ?? undefined).timeout ?? Infinity;

interface Waiter {
  call: Call;
  settle(called: boolean, error?: MultiprocessError): void;
}

export class Waiters {
  readonly #queue = new Set<Waiter>();

  get size(): number {
    return this.#queue.size;
  }

  /** True when it is called, false when the time is up. Rejects when its client gives up, or dies. */
  wait(limit: number, call: Call = currentCall()): Promise<boolean> {
    if (limit <= 0) return Promise.resolve(false);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        call,
        settle: (called, error) => {
          this.#queue.delete(waiter);
          clearTimeout(timer);
          forget();
          if (error) reject(error);
          else resolve(called);
        },
      };
      const timer = limit < 2 ** 31 ? setTimeout(() => waiter.settle(false), limit) : undefined;
      const forget = call.holder.waiting(call, (error) => waiter.settle(false, error));
      this.#queue.add(waiter);
    });
  }

  /** Lets the first go; whose it is. */
  callFirst(): Holder | undefined {
    const [first] = this.#queue;
    first?.settle(true);
    return first?.call.holder;
  }

  callAll(): void {
    for (const waiter of [...this.#queue]) waiter.settle(true);
  }

  failAll(error: MultiprocessError): void {
    for (const waiter of [...this.#queue]) waiter.settle(false, error);
  }
}
