/**
 * Monitors: a cell's guard, and its queue of waiting threads (Hoare, "Monitors: an operating system structuring concept",
 * 1974). The guard is held for a few memory accesses, never while waiting or while user code runs.
 *
 * Death with the guard: the next to enter finds it held by somebody who is not living, takes it, and repairs. The queue
 * is a chain of `next` from `head`, and every change to that chain is one store, so it is whole at any moment; `tail` is
 * found again by walking. What else a kind keeps under the guard it repairs itself (`repair`).
 */
import { addressOf, compareExchangeAt, isLiving, selfId, wordIndex, wordsAt } from '../memory/index.ts';
import { native } from '../native.ts';
import { STORES_IN_ORDER } from '../platform.ts';
import { MONITOR, RECORD, State } from './layout.ts';
import { at, disposeRecord, records } from './records.ts';

const SPINS = 200;

export class Monitor {
  readonly offset: number;
  /** The cell in which the monitor lies. */
  readonly cell: { readonly offset: number; readonly generation: number };
  /** The window in which the cell lies, and where in it. */
  readonly words: Int32Array;
  readonly index: number;
  /** Of the guard, for WebAssembly; 0: Atomics do. */
  readonly #address: number;
  readonly #repair: (() => void) | undefined;

  /** The monitor at `offset`, in the cell that begins at `cell`. */
  constructor(offset: number, repair?: () => void, cell = offset) {
    this.offset = offset;
    this.cell = { offset: cell, generation: native.cellGeneration(cell) };
    this.words = wordsAt(offset);
    this.index = wordIndex(offset);
    this.#address = addressOf(offset + MONITOR.guard * 4);
    this.#repair = repair;
  }

  /** Runs `body` with the guard held. */
  run<T>(body: () => T): T {
    this.enter();
    try {
      return body();
    } finally {
      this.exit();
    }
  }

  enter(): void {
    const address = this.#address;
    const holder =
      address !== 0
        ? compareExchangeAt(address, 0, selfId())
        : Atomics.compareExchange(this.words, this.index, 0, selfId());
    if (holder !== 0) this.#enterHeld();
  }

  /** The guard is held for so short a time that waiting for it needs no queue: its holder runs, or is stopped or dead. */
  #enterHeld(): void {
    const { words, index } = this;
    const self = selfId();
    for (let turn = 0; ; turn++) {
      const holder = Atomics.compareExchange(words, index, 0, self);
      if (holder === 0) return;
      if (turn < SPINS) continue;
      native.futexWait(this.offset, holder, Math.min(0.05 * (turn - SPINS), 5));
      if (isLiving(holder, turn % 16 === 0)) continue;
      if (Atomics.compareExchange(words, index, holder, self) !== holder) continue;
      this.#findTail();
      this.#repair?.();
      return;
    }
  }

  /** Whoever waits for the guard looks again by itself. */
  exit(): void {
    if (STORES_IN_ORDER) this.words[this.index] = 0;
    else Atomics.store(this.words, this.index, 0);
  }

  /** Puts a record at the end of the queue. */
  push(record: number): void {
    const { words, index } = this;
    const table = records();
    table[at(record, RECORD.next)] = 0;
    table[at(record, RECORD.linked)] = 1;
    const last = words[index + MONITOR.tail]!;
    if (last === 0) Atomics.store(words, index + MONITOR.head, record);
    else Atomics.store(table, at(last, RECORD.next), record);
    words[index + MONITOR.tail] = record;
  }

  /** Takes a record out of the queue, wherever it stands. */
  remove(record: number): void {
    const table = records();
    this.#unlink(record);
    table[at(record, RECORD.state)] = State.Idle;
    Atomics.store(table, at(record, RECORD.linked), 0);
  }

  /**
   * Takes a record out of the queue and ends the wait of its owner, who is then to be called. The state is stored first: were
   * we killed in between, the owner would wait outside the queue, for nobody.
   */
  release(record: number, state: number): void {
    const table = records();
    Atomics.store(table, at(record, RECORD.state), state);
    this.#unlink(record);
    Atomics.store(table, at(record, RECORD.linked), 0);
  }

  isQueued(record: number): boolean {
    return records()[at(record, RECORD.linked)] === 1;
  }

  /** The first record whose owner lives; 0: none. Drops those before it. */
  first(): number {
    for (;;) {
      const record = this.words[this.index + MONITOR.head]!;
      if (record === 0 || isLiving(records()[at(record, RECORD.owner)]!)) return record;
      this.drop(record);
    }
  }

  /** Takes the record of a dead thread out of the queue and frees it. */
  drop(record: number): void {
    this.#unlink(record);
    disposeRecord(record);
  }

  /** The queue as it is, the dead included. */
  queue(): number[] {
    const found: number[] = [];
    const table = records();
    for (let one = this.words[this.index + MONITOR.head]!; one !== 0; one = table[at(one, RECORD.next)]!)
      found.push(one);
    return found;
  }

  /** A linked record that is not in the chain was being taken out by somebody who died meanwhile. */
  #unlink(record: number): void {
    const { words, index } = this;
    const table = records();
    let before = 0;
    let one = words[index + MONITOR.head]!;
    while (one !== record && one !== 0) {
      before = one;
      one = table[at(one, RECORD.next)]!;
    }
    if (one === 0) return;
    const next = table[at(record, RECORD.next)]!;
    if (before === 0) Atomics.store(words, index + MONITOR.head, next);
    else Atomics.store(table, at(before, RECORD.next), next);
    if (next === 0) words[index + MONITOR.tail] = before;
  }

  #findTail(): void {
    this.words[this.index + MONITOR.tail] = this.queue().at(-1) ?? 0;
  }
}
