/**
 * The engine of a pool: distributes work to workers, and sees to it that everything settles.
 *
 * ```
 *   submit -> Work --nextBatch--> link --send--> ring -> gate -> runs -> ring --receive--> settle -> job
 *               ^                  |
 *               +----- giveBack ---+   taken back from a worker that is stuck, or left unstarted by one that died
 * ```
 *
 * An item is in one of these places, and is started at most once. A worker's death costs the item that was running.
 */
import { MultiprocessError } from '../errors.ts';
import { doorbell } from '../memory/index.ts';
import { watchChildren } from '../process/internal.ts';
import { loads } from '../transport/index.ts';
import { Crew } from './crew.ts';
import { Deadlines } from './deadlines.ts';
import { brokenPool, died, terminated, tookTooLong } from './errors.ts';
import { taskEnded, taskRetried, taskStarted, workerEnded } from './events.ts';
import { Histogram } from './histogram.ts';
import { type Item, type Job, newItem, type Outcome } from './job.ts';
import type { LinkOptions, WorkerLink } from './link.ts';
import { failureOf, outcomeOf } from './outcome.ts';
import type { Policy } from './policy.ts';
import { Kind, type Message } from './protocol.ts';
import { delayOf } from './terms.ts';
import { Work } from './work.ts';

/** How often is looked for tasks that wait behind one that takes unexpectedly long, in ms. */
const LOOK_INTERVAL = 20;
/** A cancelled task that still runs after this long costs its worker the life, in ms. */
const CANCEL_GRACE = 500;

export interface EngineOptions extends Omit<LinkOptions, 'onEnd'> {
  policy?: Policy | undefined;
  /** Workers are started when there is something to do for them, and no idle one. */
  lazy?: boolean;
  /** Then workers that have had nothing to do for so long end, in ms. */
  idleTimeout?: number | undefined;
}

export class Engine {
  state: 'running' | 'closed' | 'terminated' | 'broken';
  completed = 0;
  failed = 0;
  retried = 0;
  /** Of calls, and of the first items of maps: from the call until a worker begins. */
  readonly waitTimes = new Histogram();
  readonly runTimes = new Histogram();
  readonly crew: Crew;
  readonly work: Work;
  #breakage: Error | undefined;
  #isScheduled = false;
  /** Answers that wait for modules to be imported. */
  #decoding = 0;
  /** Items that wait for their next attempt. */
  readonly #retries = new Set<NodeJS.Timeout>();
  readonly #deadlines = new Deadlines((link, item) => this.#expired(link, item));
  readonly #isLazy: boolean;
  #keepAlive: (() => void) | undefined;
  #lookout: NodeJS.Timeout | undefined;
  #joiners: (() => void)[] = [];
  readonly #stopListening: (() => void)[] = [];

  /** Starts the workers, or, when `lazy`, leaves that to the work. Throws what starting throws. */
  constructor(size: number, { policy, lazy = false, idleTimeout, ...options }: EngineOptions) {
    this.#isLazy = lazy;
    if (idleTimeout !== undefined) this.#dismissIdle(idleTimeout);
    this.work = new Work(size, policy);
    this.crew = new Crew(size, { ...options, onEnd: (link) => this.#ended(link) }, () => this.schedule());
    this.#stopListening.push(
      doorbell.subscribe(() => this.#listen()),
      watchChildren(),
    );
    this.state = 'terminated'; // if the next line throws, there is only to be tidied up
    if (!lazy) this.crew.fillOrFail();
    this.state = 'running';
  }

  /** Throws `ERR_MP_POOL_CLOSED` or `ERR_MP_BROKEN_POOL` unless the pool takes work. */
  checkOpen(): void {
    if (this.#breakage) throw this.#breakage;
    if (this.state !== 'running') throw new MultiprocessError('ERR_MP_POOL_CLOSED', 'Pool not running');
  }

  submit(job: Job): void {
    this.work.add(job);
    this.arrived(job);
  }

  /** There may be more to take from a job, or it may have turned out that there is nothing more. */
  arrived(job: Job): void {
    if (job.endIfComplete()) this.#forget(job);
    this.schedule();
  }

  /** Has the work distributed once nothing else is to run: however many inputs and results come in a row, it is done once. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      this.#distribute();
    });
  }

  /** Ends a job with an error. Its tasks that run get a little time; then their workers are killed, and no other task. */
  cancel(job: Job, reason: unknown): void {
    for (const link of this.drop(job, reason)) {
      const { running } = link;
      if (running?.job === job) this.#stop(link, running);
    }
  }

  /** Takes back a call that no worker has begun; false when one has. */
  withdraw(job: Job): boolean {
    for (const link of this.crew) {
      if (!link.has(job)) continue;
      const items = link.takeBack(); // from here on there is no doubt what has begun
      this.work.giveBack(items);
      this.schedule();
      if (!items.some((item) => item.job === job)) return false;
    }
    this.drop(job);
    return true;
  }

  /** Ends a job, and lets its tasks that run come to their end. Returns the workers that had some of its tasks. */
  drop(job: Job, reason?: unknown): WorkerLink[] {
    job.cancel(reason, true);
    if (!this.#forget(job)) return [];
    const involved = [...this.crew].filter((link) => link.has(job));
    for (const link of involved) this.work.giveBack(link.takeBack());
    this.schedule();
    return involved;
  }

  /** Changes how many workers there are to be. */
  resize(size: number): void {
    this.crew.size = size;
    this.crew.shrink();
    this.schedule();
  }

  close(): void {
    if (this.state === 'running') this.state = 'closed';
    this.schedule();
  }

  /** Ends the workers by a signal; work that is not done is cancelled. */
  terminate(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): void {
    if (this.state === 'running' || this.state === 'closed') this.#giveUp('terminated', terminated);
    if (signal === 'SIGKILL') for (const link of this.crew) link.host.kill();
  }

  /** Resolves once no worker is left. */
  async join(): Promise<void> {
    const release = doorbell.keepAlive();
    this.schedule();
    while (!this.#hasEnded) await new Promise<void>((resolve) => this.#joiners.push(resolve));
    release();
  }

  get #hasEnded(): boolean {
    return this.state !== 'running' && this.crew.count === 0 && this.work.isDone;
  }

  #listen(): void {
    for (const link of this.crew) this.#receive(link);
    this.#distribute();
  }

  #receive(link: WorkerLink): void {
    for (let message = link.receive(); message; message = link.receive()) this.#handle(link, message);
  }

  #handle(link: WorkerLink, message: Message): void {
    if (message.kind === Kind.Ready) this.crew.ready(link);
    else if (message.kind === Kind.Progress) this.#reported(link, message);
    else if (message.kind === Kind.Retire) link.retire();
    else if (message.kind === Kind.Resumed) link.resumed();
    else if (message.kind === Kind.InitFailed) this.#initializerFailed(link, message.body);
    else this.#answered(link, message);
  }

  #answered(link: WorkerLink, message: Message): void {
    const item = link.answered();
    this.#begin(link);
    if (link.isLeaving && link.inFlight === 0) link.expectEnd();
    if (message.kind === Kind.Undecodable && item.wasBatched) {
      item.isAlone = true;
      this.work.giveBack([item]);
      return;
    }
    if (message.kind !== Kind.Undecodable) {
      item.job.estimate.learnDuration(message.number);
      link.busy += message.number;
      this.runTimes.record(message.number);
    }
    const outcome = outcomeOf(item, message);
    if (outcome instanceof Promise) void this.#settleLater(item, outcome);
    else this.#settle(item, outcome);
  }

  async #settleLater(item: Item, outcome: Promise<Outcome>): Promise<void> {
    this.#decoding++;
    this.#settle(item, await outcome);
    this.#decoding--;
    this.schedule();
  }

  #settle(item: Item, outcome: Outcome): void {
    const { job } = item;
    if (job.isCancelled || item.isSettled) return;
    item.isSettled = true;
    if (outcome.status === 'fulfilled') this.completed++;
    else if (this.#retry(item, outcome.reason)) return;
    else this.failed++;
    taskEnded(item, outcome);
    try {
      if (job.settle(item, outcome)) this.#forget(job);
    } catch (error) {
      this.cancel(job, error); // thrown by the user's onProgress
    }
  }

  /** Has a task that failed run once more, if it may; whether it will be. */
  #retry(item: Item, reason: unknown): boolean {
    const { job, index, input, attempt } = item;
    const { retries } = job.terms;
    if (attempt >= retries.max || (this.state !== 'running' && this.state !== 'closed')) return false;
    this.retried++;
    taskRetried(item, reason);
    const again = newItem(job, index, input, attempt + 1);
    const timer = setTimeout(
      () => {
        this.#retries.delete(timer);
        this.work.giveBack([again]);
        this.schedule();
      },
      delayOf(retries, attempt + 1),
    );
    this.#retries.add(timer);
    return true;
  }

  /** The oldest task of a worker is about to run. */
  #begin(link: WorkerLink): void {
    const item = link.first;
    if (item) {
      item.job.begin(item);
      taskStarted(item, link.host);
      if (item.index === 0 && item.attempt === 0) this.waitTimes.record(performance.now() - item.job.arrived);
    }
    this.#deadlines.begin(link, item);
  }

  #expired(link: WorkerLink, item: Item): void {
    this.#receive(link);
    if (link.first !== item || !this.crew.has(link)) return;
    this.#settle(item, { status: 'rejected', reason: tookTooLong(item) });
    this.#stop(link, item);
    this.schedule();
  }

  /** A worker is to run a task no longer: what waits behind it goes to others; then it has a little time to end by itself. */
  #stop(link: WorkerLink, item: Item): void {
    this.work.giveBack(link.takeBack());
    if (link.first !== item) return;
    link.cancelRunning();
    setTimeout(() => this.#killIfRunning(link, item), CANCEL_GRACE).unref();
  }

  #reported(link: WorkerLink, { number, body }: Message): void {
    const item = link.first;
    if (!item || item.job.isCancelled || item.isSettled) return;
    void loads(body).then((detail) => {
      try {
        item.job.progress(item, number, detail);
      } catch (error) {
        this.cancel(item.job, error); // thrown by the user's onProgress
      }
    });
  }

  #forget(job: Job): boolean {
    if (job.program) for (const link of this.crew) link.forget(job);
    return this.work.remove(job);
  }

  #distribute(): void {
    for (const link of this.crew) link.flush();
    if (this.state === 'running' || this.state === 'closed') {
      this.#refill();
      const written = new Set<WorkerLink>();
      for (let link = this.crew.freest(); link; link = this.crew.freest()) {
        if (!this.#sendBatch(link)) break;
        written.add(link);
      }
      for (const link of written) link.wake();
    }
    if (this.state === 'closed' && this.work.isDone) this.crew.stop();
    this.#watch();
    if (this.#hasEnded) this.#end();
  }

  #refill(): void {
    if (!this.work.isReady) return;
    try {
      this.crew.fill(this.#isLazy ? this.work.wanted : this.crew.size);
    } catch (cause) {
      this.#break(brokenPool(`no worker can be started: ${(cause as Error).message}`, { cause }));
    }
  }

  /** False: there is nothing for this worker, and so for none. */
  #sendBatch(link: WorkerLink): boolean {
    const items = this.work.nextBatch(link);
    if (items.length === 0) return false;
    try {
      const wasIdle = link.inFlight === 0;
      if (link.send(items)) {
        if (wasIdle) this.#begin(link);
        return true;
      }
      this.work.giveBack(items);
      return false;
    } catch (reason) {
      if (items.length === 1) this.#settle(items[0]!, { status: 'rejected', reason });
      else {
        for (const item of items) item.isAlone = true;
        this.work.giveBack(items);
      }
      return true;
    }
  }

  /** While there is something to do, the event loop stays alive, and what is stuck is looked for. */
  #watch(): void {
    const isActive = this.state === 'running' || this.state === 'closed';
    let isBusy = this.#decoding > 0 || this.#retries.size > 0 || (isActive && this.work.isReady);
    let isQueued = false;
    for (const link of this.crew) {
      isBusy ||= isActive && link.inFlight > 0;
      isQueued ||= link.inFlight > 1 || link.isClogged;
    }
    if (isBusy) this.#keepAlive ??= doorbell.keepAlive();
    else {
      this.#keepAlive?.();
      this.#keepAlive = undefined;
    }
    if (isQueued) this.#lookout ??= setInterval(() => this.#look(), LOOK_INTERVAL).unref();
    else {
      clearInterval(this.#lookout);
      this.#lookout = undefined;
    }
  }

  // Chunks are made of tasks that used to be short. When one is not, those behind it go to others.
  #look(): void {
    for (const link of this.crew) this.#receive(link);
    const isAnyIdle = [...this.crew].some((link) => link.isReady && link.inFlight === 0);
    for (const link of this.crew) {
      const isStuck = link.isStuck();
      if (isStuck && (isAnyIdle || !link.hasChosenChunk)) this.work.giveBack(link.takeBack());
    }
    this.#distribute();
  }

  #killIfRunning(link: WorkerLink, item: Item): void {
    if (!this.crew.has(link)) return;
    this.#receive(link);
    if (link.running !== item) return;
    this.work.giveBack(link.takeBack()); // from here on it starts nothing else
    link.host.kill();
  }

  #ended(link: WorkerLink): void {
    this.#receive(link);
    workerEnded(link.host);
    const breakage = this.crew.ended(link);
    const { running } = link;
    this.#deadlines.begin(link, undefined);
    this.work.giveBack(link.abandon());
    link.release();
    if (running) this.#settle(running, { status: 'rejected', reason: died(link.host, running) });
    if (breakage && !link.hasReported) this.#break(breakage);
    this.schedule();
  }

  #initializerFailed(link: WorkerLink, body: Uint8Array): void {
    link.hasReported = true;
    const outcome = failureOf(body, undefined);
    if (outcome instanceof Promise) void outcome.then((loaded) => this.#breakByInitializer(loaded));
    else this.#breakByInitializer(outcome);
  }

  #breakByInitializer(outcome: Outcome): void {
    const cause = (outcome as PromiseRejectedResult).reason;
    this.#break(brokenPool(`its initializer failed: ${cause?.message ?? cause}`, { cause }));
  }

  #break(error: Error): void {
    if (this.state === 'terminated' || this.state === 'broken') return;
    this.#breakage = error;
    this.#giveUp('broken', () => error);
  }

  #giveUp(state: 'terminated' | 'broken', reason: () => Error): void {
    this.state = state;
    for (const job of [...this.work.jobs]) {
      job.cancel(reason(), state === 'terminated');
      this.work.remove(job);
    }
    for (const timer of this.#retries) clearTimeout(timer);
    this.#retries.clear();
    this.#deadlines.clear();
    this.crew.terminate();
    this.schedule();
  }

  #dismissIdle(limit: number): void {
    const timer = setInterval(() => this.crew.dismissIdle(limit), Math.max(50, limit / 4)).unref();
    this.#stopListening.push(() => clearInterval(timer));
  }

  #end(): void {
    for (const stop of this.#stopListening.splice(0)) stop();
    for (const resolve of this.#joiners.splice(0)) resolve();
  }
}
