/** One side of a queue: those who put, or those who get. How they try, wait, and are called. */
import {
  at,
  call,
  type Monitor,
  mark,
  markFirst,
  RECORD,
  records,
  State,
  type Urge,
  WATCHER,
  type Wait,
} from '../sync/internal.ts';

/** What a side does, and when. All of it is called under the guard. */
export interface Work<T> {
  /** How many could do it now. */
  available(): number;
  /** Does it; undefined: it cannot be done after all. `polling`: perhaps somebody died. */
  act(polling: boolean): T | undefined;
  /** Throws when waiting for it would be in vain. */
  checkHope(urge: Urge): void;
}

export class Side {
  readonly monitor: Monitor;
  readonly #head: number;
  readonly #hint: number;

  /** `hint`: index of a word that is not 0 while somebody may wait here uncalled; without it callers look at the queue. */
  constructor(monitor: Monitor, hint?: number) {
    this.monitor = monitor;
    this.#head = monitor.index + 1;
    this.#hint = hint ?? this.#head;
  }

  /** Whether anybody may wait on this side, and has not been called. */
  get isAwaited(): boolean {
    return this.monitor.words[this.#hint] !== 0;
  }

  /** Without waiting; undefined when it cannot be done now, or the last chance is kept for one who starves. */
  try<T>(work: Work<T>): T | undefined {
    const { monitor } = this;
    monitor.enter();
    try {
      if (monitor.words[this.#head] !== 0 && this.#isStarving(0) && work.available() <= 1) return undefined;
      return work.act(false);
    } finally {
      monitor.exit();
    }
  }

  /** How to wait for it. */
  waiting<T>(work: Work<T>): Wait<T> {
    const attempt = (record: number, urge: Urge): T | undefined => {
      const result = this.#tryFor(work, record, urge);
      if (result !== undefined) return result;
      work.checkHope(urge);
      this.#queueUp(record, urge.starving ? State.Starving : State.Waiting, urge.starving ? 1 : 0);
      return this.#tryFor(work, record, urge); // who acted meanwhile has seen nobody waiting
    };
    return { monitor: this.monitor, attempt };
  }

  /** How to wait until `isReady` without doing anything: whoever does that takes nobody's place. */
  watching(isReady: () => boolean): Wait<true> {
    const attempt = (record: number): true | undefined => {
      this.#queueUp(record, State.Waiting, WATCHER);
      return isReady() ? true : undefined;
    };
    return { monitor: this.monitor, attempt };
  }

  /** `count` of those who wait here can go on. No system call unless one of them sleeps. */
  callFirst(count: number): void {
    if (!this.isAwaited || count <= 0) return;
    const { monitor } = this;
    monitor.enter();
    const called = markFirst(monitor, count);
    if (this.#hint !== this.#head && !this.#hasUncalled()) Atomics.store(monitor.words, this.#hint, 0);
    monitor.exit();
    for (const record of called) call(record);
  }

  callAll(): void {
    this.callFirst(Number.POSITIVE_INFINITY);
  }

  /** Those that were called and are still on their way need no other call: who must wait again says so (`queueUp`). */
  #hasUncalled(): boolean {
    const table = records();
    let record = this.monitor.words[this.#head]!;
    while (record !== 0 && table[at(record, RECORD.state)] === State.Woken) record = table[at(record, RECORD.next)]!;
    return record !== 0;
  }

  #queueUp(record: number, state: number, value: number): void {
    const { monitor } = this;
    if (!monitor.isQueued(record)) monitor.push(record);
    if (this.#hint !== this.#head) Atomics.store(monitor.words, this.#hint, 1);
    records()[at(record, RECORD.value)] = value;
    mark(record, state);
  }

  #tryFor<T>(work: Work<T>, record: number, { polling }: Urge): T | undefined {
    if (polling) return work.act(true);
    return work.available() > (this.#isStarving(record) ? 1 : 0) ? work.act(false) : undefined;
  }

  /** Whether the first of the queue is another than `record`, and has been overtaken for too long. */
  #isStarving(record: number): boolean {
    const first = this.monitor.words[this.#head]!;
    return (
      first !== 0 && first !== record && records()[at(first, RECORD.value)] === 1 && this.monitor.first() === first
    );
  }
}
