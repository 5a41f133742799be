/** Who holds how many permits of a semaphore: a list of records, one for each thread that has used it. */
import { isLiving, selfId } from '../memory/index.ts';
import { RECORD, SEMAPHORE } from './layout.ts';
import type { Monitor } from './monitor.ts';
import { at, claimRecord, disposeRecord, records } from './records.ts';

/** All methods are called with the guard held. What the words mean stands in layout.ts. */
export class Accounts {
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #monitor: Monitor;

  constructor(monitor: Monitor) {
    this.#words = monitor.words;
    this.#index = monitor.index;
    this.#monitor = monitor;
  }

  /** The record of this thread's account, opened if need be. */
  open(): number {
    const self = selfId();
    for (const record of this.#list()) if (records()[at(record, RECORD.owner)] === self) return record;
    const record = claimRecord(this.#monitor.cell);
    records()[at(record, RECORD.linked)] = 1;
    records()[at(record, RECORD.next)] = this.#get(SEMAPHORE.accounts);
    this.#set(SEMAPHORE.accounts, record);
    return record;
  }

  /** Closes the accounts of the dead; true when permits came back. `ask` asks the kernel who is dead. */
  closeDead(ask: boolean): boolean {
    const before = this.#get(SEMAPHORE.available);
    const table = records();
    for (let record = this.#get(SEMAPHORE.accounts), next = 0; record !== 0; record = next) {
      next = table[at(record, RECORD.next)]!;
      if (!isLiving(table[at(record, RECORD.owner)]!, ask)) this.#close(record);
    }
    return this.#get(SEMAPHORE.available) > before;
  }

  /** After the death of a thread with the guard: finishes what it was closing, and counts again. */
  repair(): void {
    for (const record of this.#list()) {
      if (records()[at(record, RECORD.parked)] === 1) this.#finishClosing(record);
    }
    let sum = 0;
    for (const record of this.#list()) sum += this.#balance(record);
    this.#set(SEMAPHORE.available, this.#get(SEMAPHORE.base) - sum);
  }

  #close(record: number): void {
    const balance = this.#balance(record);
    let held = 0;
    for (const other of this.#list()) if (other !== record) held += Math.max(0, this.#balance(other));
    const missing = this.#get(SEMAPHORE.initial) - this.#get(SEMAPHORE.available) - held;
    const returned = Math.max(0, Math.min(balance, missing));
    const table = records();
    table[at(record, RECORD.state)] = this.#get(SEMAPHORE.base) - balance + returned;
    Atomics.store(table, at(record, RECORD.parked), 1);
    this.#finishClosing(record);
    this.#set(SEMAPHORE.available, this.#get(SEMAPHORE.available) + returned);
  }

  #finishClosing(record: number): void {
    const table = records();
    this.#set(SEMAPHORE.base, table[at(record, RECORD.state)]!);
    const before = this.#list().find((one) => table[at(one, RECORD.next)] === record);
    const next = table[at(record, RECORD.next)]!;
    if (before === undefined) this.#set(SEMAPHORE.accounts, next);
    else Atomics.store(table, at(before, RECORD.next), next);
    disposeRecord(record);
  }

  #list(): number[] {
    const found: number[] = [];
    for (let one = this.#get(SEMAPHORE.accounts); one !== 0; one = records()[at(one, RECORD.next)]!) found.push(one);
    return found;
  }

  #balance = (record: number): number => records()[at(record, RECORD.value)]!;

  #get(word: number): number {
    return this.#words[this.#index + word]!;
  }

  #set(word: number, value: number): void {
    Atomics.store(this.#words, this.#index + word, value);
  }
}
