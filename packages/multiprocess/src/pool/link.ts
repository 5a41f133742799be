/** The pool's end of one worker: its process, its two rings, its gate, and what has been sent to it and not answered. */
import { createRing, freeRing, RingReader } from '../channel/index.ts';
import { doorbell, selfSlot } from '../memory/index.ts';
import { workerStarted } from './events.ts';
import { Fifo } from './fifo.ts';
import { createGate, freeGate, Gate } from './gate.ts';
import type { Host, StartHost } from './host.ts';
import type { Item, Job } from './job.ts';
import { head, Kind, type Message, parse } from './protocol.ts';
import { Sender } from './sender.ts';
import type { WorkerConfig } from './worker.ts';

/** Where nothing is known about a task: longer than anything that is batched. */
const UNKNOWN_DURATION = 1e9;
/** A worker that was told to stop, or terminated, gets SIGKILL after this long, in ms. */
const STOP_GRACE = 5000;
const TERMINATE_GRACE = 1000;

export interface LinkOptions {
  /** Makes what the workers are. */
  startHost: StartHost;
  initializer: Uint8Array | undefined;
  maxTasks: number;
  /** Bytes; 0: no limit. */
  maxMemory: number;
  /** What the initializer was made of: shared objects in it must live as long as workers are started. */
  keeps: readonly unknown[];
  /** It has ended; its rings can still be read. */
  onEnd(link: WorkerLink): void;
}

export class WorkerLink {
  readonly host: Host;
  /** Its initializer has run. */
  isReady = false;
  /** It has said why it cannot work. */
  hasReported = false;
  /** It has been told to stop, or is being ended. */
  isLeaving = false;
  /** Since when it has had nothing to do, in ms (`performance.now`); while it has nothing. */
  idleSince = performance.now();
  /** How long it has been running tasks, in ms. */
  busy = 0;
  /** Expected time that it needs for what it has, in ms. */
  backlog = 0;
  /** How many tasks it may still get. */
  quota: number;
  readonly #offsets: WorkerConfig;
  readonly #tasks: Sender;
  readonly #results: RingReader;
  readonly #gate: Gate;
  /** Sent and not answered, oldest first. */
  readonly #inFlight = new Fifo<Item>();
  /** Modulo 2 ** 31, as the gate counts. */
  #answered = 0;
  #isRevoked = false;
  #isReleased = false;
  #startedAtLastLook = -1;
  #stuckSince = 0;
  #killer: NodeJS.Timeout | undefined;

  /** Starts the worker. Throws what `Process.start()` throws. */
  constructor({ startHost, initializer, maxTasks, maxMemory, onEnd }: LinkOptions) {
    this.#offsets = {
      tasks: createRing(),
      results: createRing(),
      gate: createGate(),
      pool: selfSlot(),
      maxMemory,
      initializer,
    };
    this.#tasks = new Sender(this.#offsets.tasks);
    this.#results = new RingReader(this.#offsets.results);
    this.#gate = new Gate(this.#offsets.gate);
    this.quota = maxTasks;
    this.#results.arm(); // now, while nothing can have come: nobody looks before the first ring
    try {
      this.host = startHost(this.#offsets, () => onEnd(this));
      workerStarted(this.host);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** The oldest task that it has not answered: it runs, or is about to. */
  get first(): Item | undefined {
    return this.#inFlight.front;
  }

  /** The task that the worker has started and not answered. */
  get running(): Item | undefined {
    return this.#runningCount > 0 ? this.first : undefined;
  }

  /** It could work, and has nothing to do. */
  get isIdle(): boolean {
    return this.isReady && this.#inFlight.size === 0;
  }

  /** Expected time for what waits behind its first task, in ms. */
  get waiting(): number {
    return this.#inFlight.size > 1 && !this.#isRevoked ? this.backlog - this.first!.expected : 0;
  }

  /** Whether something waits for room in its ring: nobody rings when there is some. */
  get isClogged(): boolean {
    return this.#tasks.isClogged;
  }

  /** Whether tasks of a job have been sent to it and not been answered. */
  has(job: Job): boolean {
    for (const item of this.#inFlight) if (item.job === job) return true;
    return false;
  }

  get canTake(): boolean {
    return this.isReady && !this.isLeaving && this.quota > 0 && !this.#isRevoked && !this.#tasks.hasUnsent;
  }

  /** Sends items of one job in one message; false when there is no room. Throws `ERR_MP_CAPTURE`. */
  send(items: readonly Item[]): boolean {
    const { job } = items[0]!;
    if (!this.#tasks.send(items)) return false;
    const expected = job.estimate.duration ?? UNKNOWN_DURATION;
    for (const item of items) {
      item.wasBatched = items.length > 1;
      item.expected = expected;
      this.#inFlight.push(item);
      this.backlog += expected;
    }
    this.quota -= items.length;
    if (this.quota === 0) this.stop();
    return true;
  }

  /** Sends control messages that found no room before. */
  flush(): void {
    this.#tasks.flush();
  }

  /** Wakes the worker if it sleeps. */
  wake(): void {
    this.#tasks.wake();
  }

  /** The next message of the worker; when there is none, and `ring` is true, the worker will ring for the one that comes. */
  receive(ring = true): Message | undefined {
    while (!this.#isReleased) {
      const message = this.#results.tryReadInPlace(parse);
      if (message) return message;
      if (!ring || this.#results.arm()) break;
    }
    return undefined;
  }

  /** Its messages need not ring: they are looked for. */
  silence(): void {
    this.#results.disarm();
  }

  /** The oldest task has been answered. */
  answered(): Item {
    const item = this.#inFlight.shift()!;
    this.#answered = (this.#answered + 1) & 0x7fffffff;
    const isIdle = this.#inFlight.size === 0;
    if (isIdle) this.idleSince = performance.now();
    this.backlog = isIdle ? 0 : this.backlog - item.expected;
    return item;
  }

  /** Takes back what the worker has not started; after that it goes on with the next message. */
  takeBack(): Item[] {
    // Nothing has been sent since. Another Resume would undo a later revocation, when the worker reads it after that.
    if (this.#isRevoked) return [];
    this.#gate.revoke();
    this.#isRevoked = true;
    const items = this.#cut(this.#runningCount);
    this.#tasks.control(head(Kind.Resume));
    return items;
  }

  /** Asks the running task to end by itself. */
  cancelRunning(): void {
    this.#gate.cancel(this.#gate.started);
    doorbell.ring(this.#tasks.readerSlot);
  }

  /** The worker has read that it may go on. */
  resumed(): void {
    this.#isRevoked = false;
  }

  /** After its end: what it has not started. `running` is lost. */
  abandon(): Item[] {
    const items = this.#cut(this.#runningCount);
    this.#inFlight.cut(0);
    return items;
  }

  /** How long the same task has been running, with others behind it, as far as this has been asked, in ms. */
  stuckFor(): number {
    const { started } = this.#gate;
    const now = performance.now();
    if (started !== this.#startedAtLastLook) {
      this.#startedAtLastLook = started;
      this.#stuckSince = now;
    }
    const isStuck = this.inFlight > this.#runningCount && this.#runningCount > 0 && !this.#isRevoked;
    return isStuck ? now - this.#stuckSince : 0;
  }

  /** The job is over: its function need not be kept. */
  forget({ program }: Job): void {
    if (program && !program.isShared) this.#tasks.forget(program.id);
  }

  /** The worker ends once it has done what it has. */
  stop(): void {
    if (this.isLeaving) return;
    this.isLeaving = true;
    this.#tasks.control(head(Kind.Stop));
  }

  /** It is to be replaced, once it has done what it has: what it has not begun goes back by itself. */
  retire(): void {
    this.quota = 0;
    this.stop();
  }

  /** It has nothing more to do: if it does not end by itself, it is killed. */
  expectEnd(): void {
    this.#killer ??= setTimeout(() => this.host.kill(), STOP_GRACE).unref();
  }

  terminate(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.isLeaving = true;
    clearTimeout(this.#killer);
    if (signal === 'SIGKILL') {
      this.host.kill();
      return;
    }
    this.host.terminate();
    this.#killer = setTimeout(() => this.host.kill(), TERMINATE_GRACE).unref();
  }

  /** Once the process has ended, or has never been. */
  release(): void {
    clearTimeout(this.#killer);
    this.#isReleased = true;
    this.#results.recover();
    this.#results.release();
    this.#tasks.release();
    this.#gate.release();
    freeRing(this.#offsets.tasks);
    freeRing(this.#offsets.results);
    freeGate(this.#offsets.gate);
  }

  // 0 or 1; never more, because a task is answered before the next one is started.
  get #runningCount(): number {
    return (this.#gate.started - this.#answered) & 0x7fffffff;
  }

  #cut(length: number): Item[] {
    const removed = this.#inFlight.cut(length);
    this.quota += removed.length;
    this.backlog = 0;
    for (const { expected } of this.#inFlight) this.backlog += expected;
    return removed;
  }
}
