/** What Lock and RLock share: the owner word, its queue, and what becomes of it when the owner dies. */
import {
  addressOf,
  cellFor,
  changesSoon,
  Given,
  IDENTITY_MASK,
  isLiving,
  type SharedCell,
  selfId,
  slotOf,
  spinWhile,
  table,
  takeAt,
} from '../memory/index.ts';
import { Acquirable } from './acquirable.ts';
import type { SharedObject } from './cell.ts';
import { checkDeadlock } from './deadlock.ts';
import { CELL_SIZE, MONITOR, OWNED, RECORD, State } from './layout.ts';
import { Monitor } from './monitor.ts';
import { call, mark, type Urge, type Wait } from './parking.ts';
import { at, records } from './records.ts';
import { noteAcquired, noteReleased, TRACING } from './sites.ts';

/** Base class: not for use by itself. */
export abstract class OwnedLock extends Acquirable implements SharedObject {
  /** @internal */
  readonly cell: SharedCell;
  protected readonly words: Int32Array;
  protected readonly ownerIndex: number;
  protected readonly depthIndex: number;
  protected readonly abandonedIndex: number;
  /** Of the queue, for WebAssembly (OWNER in memory/instructions.ts); 0: Atomics do, as while acquisitions are recorded. */
  protected readonly address: number;
  protected readonly acquisition: Wait<true>;
  readonly #monitor: Monitor;

  constructor(kind: number) {
    super();
    this.cell = cellFor(CELL_SIZE, kind).cell;
    this.#monitor = new Monitor(this.cell.offset);
    const { words, index } = this.#monitor;
    this.words = words;
    this.ownerIndex = index + OWNED.owner;
    this.depthIndex = index + OWNED.depth;
    this.abandonedIndex = index + OWNED.abandoned;
    this.address = TRACING ? 0 : addressOf(this.cell.offset + MONITOR.head * 4);
    this.acquisition = {
      monitor: this.#monitor,
      spin: () => this.spin(),
      attempt: (record, urge) => this.#attempt(record, urge),
      isDue: () => this.#isFreeSoon(),
    };
  }

  /** Acquires once more what this thread owns already; false for a lock that is not recursive. */
  protected abstract reenter(): boolean;

  /** True while somebody who is alive holds it. */
  locked(): boolean {
    const owner = this.ownerId;
    return owner !== 0 && isLiving(owner);
  }

  /** True while the calling thread holds it. A plain load does: only the thread itself makes this true. @internal */
  isOwned(): boolean {
    return (this.words[this.ownerIndex]! & IDENTITY_MASK) === selfId();
  }

  /** True when its last owner died while holding it: what it protects may be half changed. Until it is released. */
  get abandoned(): boolean {
    return this.words[this.abandonedIndex] !== 0;
  }

  /**
   * Fencing number: it grows with every acquisition. Send it along with what you write elsewhere, and let the receiver
   * refuse a smaller one than it has seen: an owner that was stopped for too long then does no harm (Kleppmann, "How to do
   * distributed locking", 2016).
   */
  get token(): number {
    const low = this.ownerIndex + 1;
    return (this.words[low]! >>> 0) + this.words[low + 1]! * 2 ** 32;
  }

  /** If its last owner died, the next one must still be told. */
  protected override giveBack(): void {
    if (this.abandoned && this.words[this.depthIndex] === 1) this.releaseSlowly();
    else this.release();
  }

  /** Lets go of it however often it was acquired; how often that was. For conditions. @internal */
  releaseAll(): number {
    const depth = this.words[this.depthIndex]!;
    this.words[this.depthIndex] = 1;
    this.release();
    return depth;
  }

  /** After an acquisition: as if it had been acquired `depth` times. For conditions. @internal */
  restore(depth: number): void {
    this.words[this.depthIndex]! += depth - 1; // another function of this thread may hold it, too
  }

  protected spin(): boolean {
    const word = this.words[this.ownerIndex]!;
    return (word & IDENTITY_MASK) === 0 || spinWhile(this.words, this.ownerIndex, word);
  }

  protected get ownerId(): number {
    return Atomics.load(this.words, this.ownerIndex) & IDENTITY_MASK;
  }

  protected ownerName(): string {
    const owner = this.ownerId;
    return owner !== 0 && isLiving(owner) ? table.name(slotOf(owner)) : 'None'; // its slot may be another's by now
  }

  /** Takes it if it is free, and not kept for anybody. */
  protected takeFree(): boolean {
    if (this.address !== 0) return takeAt(this.address) !== 0;
    if (Atomics.compareExchange(this.words, this.ownerIndex, 0, selfId()) !== 0) return false;
    this.countAcquisition();
    return true;
  }

  /** As {@link giveLastAt}, for a lock that has no address. */
  protected giveByAtomics(): number {
    const { words, ownerIndex } = this;
    if (words[ownerIndex] !== selfId() || words[this.depthIndex] !== 1 || this.#isAwaited) return Given.No;
    this.#end();
    Atomics.store(words, ownerIndex, 0);
    return this.#isAwaited ? Given.Awaited : Given.Yes;
  }

  get #isAwaited(): boolean {
    return Atomics.load(this.words, this.#monitor.index + MONITOR.head) !== 0;
  }

  /** Gives it up whoever owns it and waits; false when nobody does own it. */
  protected giveUp(): boolean {
    this.#end();
    return this.releaseSlowly();
  }

  #end(): void {
    if (TRACING) noteReleased(this.cell.offset);
    if (this.abandoned) this.words[this.abandonedIndex] = 0;
  }

  protected countAcquisition(): void {
    const { words } = this;
    const low = this.ownerIndex + 1;
    const next = (words[low]! + 1) | 0;
    words[low] = next;
    if (next === 0) words[low + 1]!++;
    words[this.depthIndex] = 1;
    if (TRACING) noteAcquired(this.cell.offset);
  }

  /** Takes a lock that was kept for somebody who is dead, or whose owner is. */
  protected tryAcquireSlowly(): boolean {
    const { words, ownerIndex } = this;
    const self = selfId();
    for (;;) {
      const word = Atomics.load(words, ownerIndex);
      const owner = word & IDENTITY_MASK;
      if (owner === 0 ? this.#isKept(word) : isLiving(owner)) return false;
      if (Atomics.compareExchange(words, ownerIndex, word, self) !== word) continue;
      if (owner !== 0) this.#inherit();
      this.countAcquisition();
      return true;
    }
  }

  /** Gives it up though somebody waits, or though another owns it; false when nobody does. */
  protected releaseSlowly(): boolean {
    const { words, ownerIndex } = this;
    const monitor = this.#monitor;
    let released = false;
    let called = 0;
    monitor.enter();
    for (;;) {
      const word = Atomics.load(words, ownerIndex);
      if ((word & IDENTITY_MASK) === 0) break;
      const first = monitor.first();
      const isKept = first !== 0 && records()[at(first, RECORD.state)] === State.Starving;
      called ||= markWoken(first);
      if (Atomics.compareExchange(words, ownerIndex, word, isKept ? OWNED.RESERVED : 0) !== word) continue;
      released = true;
      break;
    }
    monitor.exit();
    if (called !== 0) call(called);
    return released;
  }

  /** For who gave it up and then saw that somebody waits. */
  protected callFirst(): void {
    this.#monitor.enter();
    const called = markWoken(this.#monitor.first());
    this.#monitor.exit();
    if (called !== 0) call(called);
  }

  #attempt(record: number, urge: Urge): true | undefined {
    const { words, ownerIndex } = this;
    const monitor = this.#monitor;
    for (;;) {
      const word = Atomics.load(words, ownerIndex);
      const owner = word & IDENTITY_MASK;
      if (owner === selfId() && this.reenter()) return true;
      if (owner !== 0 && isLiving(owner, urge.polling && urge.waited > 200)) break;
      if ((word & OWNED.RESERVED) !== 0 && !urge.polling && monitor.first() !== record) break;
      if (Atomics.compareExchange(words, ownerIndex, word, selfId()) !== word) continue;
      if (owner !== 0) this.#inherit();
      this.countAcquisition();
      return true;
    }
    if (urge.polling && !urge.limited) checkDeadlock(record, urge);
    if (!monitor.isQueued(record)) monitor.push(record);
    mark(record, urge.starving ? State.Starving : State.Waiting);
    return undefined;
  }

  /**
   * Right after joining the queue: its owner may have given it up before he saw that, and this thread has not seen it yet. What
   * it does itself it sees at once.
   */
  #isFreeSoon(): boolean {
    const word = this.words[this.ownerIndex]!;
    const owner = word & IDENTITY_MASK;
    return owner === 0 || (owner !== selfId() && changesSoon(this.words, this.ownerIndex, word));
  }

  /**
   * Free, but kept for a waiter who lives. The dead come for nothing, and nobody else might ever wait, and so look for them.
   * A look without the guard: at worst somebody is overtaken once more.
   */
  #isKept(word: number): boolean {
    if ((word & OWNED.RESERVED) === 0) return false;
    const first = this.words[this.#monitor.index + MONITOR.head]!;
    return first !== 0 && isLiving(records()[at(first, RECORD.owner)]!);
  }

  #inherit(): void {
    this.words[this.abandonedIndex] = 1;
  }
}

/** With the guard held. Who is to be called then: nobody (0) if the record is nobody's, or was marked before. */
function markWoken(record: number): number {
  if (record === 0 || records()[at(record, RECORD.state)] === State.Woken) return 0;
  mark(record, State.Woken);
  return record;
}
