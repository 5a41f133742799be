/** Who has come and was not accepted yet, and who waits for somebody to come. */
import { timedOut } from '../channel/index.ts';
import { MultiprocessError } from '../errors.ts';
import { cancelled, limited, type Wait, type WaitOptions } from '../timeout.ts';

/** Failures that are kept until somebody asks; further ones are dropped. */
const MAX_FAILURES = 16;

type Outcome<T> = { value: T } | { error: MultiprocessError };

export class Arrivals<T> {
  readonly #limit: number;
  readonly #onWaiting: (isWaiting: boolean) => void;
  readonly #outcomes: Outcome<T>[] = [];
  readonly #takers = new Set<Wait<T>>();
  #closed = false;

  /** `onWaiting` is told when somebody waits, and when nobody does any more. */
  constructor(limit: number, onWaiting: (isWaiting: boolean) => void) {
    this.#limit = limit;
    this.#onWaiting = onWaiting;
  }

  get isFull(): boolean {
    return this.#outcomes.length - this.#failures() >= this.#limit;
  }

  /** False when this is closed: the value is still the caller's. */
  add(value: T): boolean {
    if (this.#closed) return false;
    const [taker] = this.#takers;
    if (taker) taker.resolve(value);
    else this.#outcomes.push({ value });
    return true;
  }

  /** For whoever is next. */
  fail(error: MultiprocessError): void {
    const [taker] = this.#takers;
    if (taker) taker.reject(error);
    else if (!this.#closed && this.#failures() < MAX_FAILURES) this.#outcomes.push({ error });
  }

  async next({ timeout = Infinity, signal }: WaitOptions): Promise<T> {
    if (this.#closed) throw listenerClosed();
    if (signal?.aborted) throw cancelled(signal);
    const outcome = this.#outcomes.shift();
    if (outcome && 'error' in outcome) throw outcome.error;
    if (outcome) return outcome.value;
    const late = (): never => {
      throw timedOut('waiting for a client');
    };
    return limited<T>({ timeout, signal }, late, (taker) => {
      this.#takers.add(taker);
      if (this.#takers.size === 1) this.#onWaiting(true);
      taker.ends.push(() => {
        this.#takers.delete(taker);
        if (this.#takers.size === 0) this.#onWaiting(false);
      });
    });
  }

  /** Rejects who waits, and hands out who has come. False when this was closed before. */
  close(drop: (value: T) => void): boolean {
    if (this.#closed) return false;
    this.#closed = true;
    for (const taker of this.#takers) taker.reject(listenerClosed());
    for (const outcome of this.#outcomes.splice(0)) if ('value' in outcome) drop(outcome.value);
    return true;
  }

  #failures(): number {
    return this.#outcomes.filter((outcome) => 'error' in outcome).length;
  }
}

const listenerClosed = () => new MultiprocessError('ERR_MP_CLOSED', 'listener is closed');
