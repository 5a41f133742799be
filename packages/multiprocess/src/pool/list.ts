import type { Outcome } from './job.ts';
import type { Sink } from './mapping.ts';

/** Collects the outcomes of a map in the order of its inputs. */
export class ResultList implements Sink {
  readonly promise: Promise<unknown[]>;
  readonly #outcomes: Outcome[] = [];
  readonly #settleEach: boolean;
  readonly #resolve: (values: unknown[]) => void;
  readonly #reject: (reason: unknown) => void;

  /** `settleEach`: resolve to outcomes, failed ones included. */
  constructor(settleEach: boolean) {
    const { promise, resolve, reject } = Promise.withResolvers<unknown[]>();
    this.promise = promise;
    this.#settleEach = settleEach;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  mayTake(): boolean {
    return true;
  }

  settle(index: number, outcome: Outcome): void {
    this.#outcomes[index] = outcome;
  }

  end(_count: number, error: { reason: unknown } | undefined): void {
    if (this.#settleEach && !error) {
      this.#resolve(this.#outcomes.map((outcome, index) => ({ ...outcome, index })));
      return;
    }
    const values: unknown[] = [];
    for (const outcome of this.#outcomes) {
      if (outcome.status === 'fulfilled') values.push(outcome.value);
      else if (!this.#settleEach) {
        this.#reject(outcome.reason);
        return;
      }
    }
    if (error) this.#reject(error.reason);
    else this.#resolve(values);
  }

  cancel(reason: unknown, isOrdered: boolean): void {
    if (isOrdered) this.promise.catch(() => {});
    this.#reject(reason);
  }
}
