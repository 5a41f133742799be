/**
 * The engine of a pool: takes jobs, and sees to it that everything settles.
 *
 * ```
 *   submit -> Work --Handout--> link --send--> ring -> gate -> runs -> ring --Reception--> Settling -> job
 *               ^                |
 *               +--- giveBack ---+   taken back from a worker that is stuck, or left unstarted by one that died
 * ```
 *
 * An item is in one of these places, and is started at most once. A worker's death costs the item that was running.
 */
import { MultiprocessError } from '../errors.ts';
import { doorbell } from '../memory/index.ts';
import { watchChildren } from '../process/internal.ts';
import { onAbort } from '../timeout.ts';
import { Crew } from './crew.ts';
import { brokenPool, terminated, tookTooLong } from './errors.ts';
import { Handout } from './handout.ts';
import type { Item, Job } from './job.ts';
import type { LinkOptions, WorkerLink } from './link.ts';
import { Lookout } from './lookout.ts';
import type { Policy } from './policy.ts';
import { Polling } from './polling.ts';
import { Reception } from './reception.ts';
import { Settling } from './settling.ts';
import { Tally } from './stats.ts';
import { Stopping } from './stopping.ts';
import { Work } from './work.ts';

export interface EngineOptions extends Omit<LinkOptions, 'onEnd'> {
  policy?: Policy | undefined;
  /** Workers are started when there is something to do for them, and no idle one. */
  lazy?: boolean;
  /** Then workers that have had nothing to do for so long end, in ms. */
  idleTimeout?: number | undefined;
}

/** A signal that cancels a job, and the error with which the job then ends. */
export interface Ending {
  readonly signal: AbortSignal;
  reason(): Error;
}

export class Engine {
  state: 'running' | 'closed' | 'terminated' | 'broken';
  readonly crew: Crew;
  readonly work: Work;
  readonly tally = new Tally();
  readonly #settling: Settling;
  readonly #stopping: Stopping;
  readonly #reception: Reception;
  readonly #handout: Handout;
  readonly #lookout: Lookout;
  readonly #polling = new Polling({
    look: () => this.#poll(),
    busy: () => this.crew.busy,
    onStart: () => {
      for (const link of this.crew) link.silence();
    },
    onStop: () => {
      if (this.#receive(true)) this.#distribute();
    },
  });
  /** Why it is broken: an error of its own for each who is told. */
  #breakage: (() => Error) | undefined;
  #isScheduled = false;
  #joiners: (() => void)[] = [];
  readonly #stopListening: (() => void)[] = [];

  /** Starts the workers, or, when `lazy`, leaves that to the work. Throws what starting throws. */
  constructor(size: number, { policy, lazy = false, idleTimeout, ...options }: EngineOptions) {
    const { tally } = this;
    const work = new Work(size, policy);
    const crew = new Crew(size, { ...options, onEnd: (link) => this.#ended(link) }, () => this.schedule());
    [this.work, this.crew] = [work, crew];
    this.#settling = new Settling({
      tally,
      onComplete: (job) => this.#forget(job),
      onError: (job, error) => this.cancel(job, error),
      onRetry: (item) => this.#putBack(item),
      onDecoded: () => this.schedule(),
    });
    this.#stopping = new Stopping({
      crew,
      work,
      receive: (link) => this.#reception.receive(link),
      onExpiry: (item) => this.#fail(item, tookTooLong(item)),
    });
    this.#reception = new Reception({
      crew,
      work,
      tally,
      settling: this.#settling,
      stopping: this.#stopping,
      onBreak: (error) => this.#break(error),
    });
    this.#handout = new Handout({
      crew,
      work,
      isLazy: lazy,
      onBegin: (link) => this.#reception.begin(link, performance.now()),
      onRefusal: (item, reason) => this.#fail(item, reason),
      onNoWorker: (cause) => this.#break(brokenPool(`no worker can be started: ${cause.message}`, { cause })),
    });
    this.#lookout = new Lookout(crew, work, () => this.#look());
    if (idleTimeout !== undefined) this.#dismissIdle(idleTimeout);
    this.#stopListening.push(
      doorbell.subscribe(() => this.#listen()),
      watchChildren(),
    );
    this.state = 'terminated'; // if the next line throws, there is only to be tidied up
    if (!lazy) crew.fillOrFail();
    this.state = 'running';
  }

  /** Throws `ERR_MP_POOL_CLOSED` or `ERR_MP_BROKEN_POOL` unless the pool takes work. */
  checkOpen(): void {
    if (this.#breakage) throw this.#breakage();
    if (this.state !== 'running') throw new MultiprocessError('ERR_MP_POOL_CLOSED', 'Pool not running');
  }

  /** `endings`: what cancels it; `onEnd` is called once it has ended, however it did. */
  submit(job: Job, endings: readonly Ending[], onEnd?: () => void): void {
    if (endings.length > 0) {
      const stops = endings.map(({ signal, reason }) => onAbort(signal, () => this.cancel(job, reason())));
      job.onEnd = () => {
        for (const stop of stops) stop();
        onEnd?.();
      };
    } else job.onEnd = onEnd;
    this.work.add(job);
    this.arrived(job);
    for (const { signal, reason } of endings) if (signal.aborted) this.cancel(job, reason());
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
      if (running?.job === job) this.#stopping.stop(link, running);
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
    if (this.#isActive) this.#giveUp('terminated', terminated, signal);
    else if (signal === 'SIGKILL') this.crew.terminate(signal);
  }

  /** Resolves once no worker is left. */
  async join(): Promise<void> {
    const release = doorbell.keepAlive();
    this.schedule();
    while (!this.#hasEnded) await new Promise<void>((resolve) => this.#joiners.push(resolve));
    release();
  }

  /** What it has been given is to be done. */
  get #isActive(): boolean {
    return this.state === 'running' || this.state === 'closed';
  }

  get #hasEnded(): boolean {
    return this.state !== 'running' && this.crew.count === 0 && this.work.isDone;
  }

  /** Whether anything has come. */
  #receive(ring: boolean): boolean {
    let hasCome = false;
    for (const link of this.crew) hasCome = this.#reception.receive(link, ring) || hasCome;
    return hasCome;
  }

  #listen(): void {
    if (this.#receive(true)) this.#polling.rung();
    this.#distribute();
  }

  #poll(): boolean {
    const hasCome = this.#receive(false);
    if (hasCome) this.#distribute();
    return hasCome;
  }

  #distribute(): void {
    for (const link of this.crew) link.flush();
    if (this.#isActive && this.#handout.run()) this.#polling.sent();
    if (this.state === 'closed' && this.work.isDone) this.crew.stop();
    const isActive = this.#isActive;
    this.#lookout.watch(isActive, this.#settling.isBusy || (isActive && this.work.isReady));
    if (this.#hasEnded) this.#end();
  }

  #look(): void {
    this.#receive(true);
    this.#lookout.relieve();
    this.#distribute();
  }

  #ended(link: WorkerLink): void {
    this.#reception.ended(link);
    this.schedule();
  }

  #putBack(item: Item): void {
    this.work.giveBack([item]);
    this.schedule();
  }

  #fail(item: Item, reason: unknown): void {
    this.#settling.settle(item, { status: 'rejected', reason });
    this.schedule();
  }

  #forget(job: Job): boolean {
    if (job.program) for (const link of this.crew) link.forget(job);
    return this.work.remove(job);
  }

  #break(error: MultiprocessError): void {
    if (!this.#isActive) return;
    const { code, message, cause } = error;
    this.#breakage = () => new MultiprocessError(code, message, { cause });
    this.#giveUp('broken', this.#breakage);
  }

  #giveUp(state: 'terminated' | 'broken', reason: () => Error, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): void {
    this.state = state;
    this.#settling.giveUp();
    for (const job of [...this.work.jobs]) {
      job.cancel(reason(), state === 'terminated');
      this.work.remove(job);
    }
    this.#stopping.clear();
    this.crew.terminate(signal);
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
