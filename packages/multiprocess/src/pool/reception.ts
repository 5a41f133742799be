/** What workers say: that they are ready, how far they are, what came of their tasks; and that they have ended. */
import type { MultiprocessError } from '../errors.ts';
import type { Crew } from './crew.ts';
import { brokenPool, died } from './errors.ts';
import { taskStarted, workerEnded } from './events.ts';
import type { Outcome } from './job.ts';
import type { WorkerLink } from './link.ts';
import { failureOf } from './outcome.ts';
import { Kind, type Message } from './protocol.ts';
import type { Settling } from './settling.ts';
import type { Tally } from './stats.ts';
import type { Stopping } from './stopping.ts';
import type { Work } from './work.ts';

export interface ReceptionOptions {
  crew: Crew;
  work: Work;
  tally: Tally;
  settling: Settling;
  stopping: Stopping;
  /** The pool cannot go on. */
  onBreak(error: MultiprocessError): void;
}

export class Reception {
  readonly #options: ReceptionOptions;

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  /** Reads all that a worker has said; whether it had said anything. With `ring`, it will ring for what it says next. */
  receive(link: WorkerLink, ring = true): boolean {
    let message = link.receive(ring);
    if (!message) return false;
    const now = performance.now();
    for (; message; message = link.receive(ring)) this.#handle(link, message, now);
    return true;
  }

  /** The oldest task of a worker is about to run. */
  begin(link: WorkerLink, now: number): void {
    const item = link.first;
    if (item) {
      item.job.begin(item);
      taskStarted(item, link.host);
      if (item.index === 0 && item.attempt === 0) this.#options.tally.waitTimes.record(now - item.job.arrived);
    }
    this.#options.stopping.begin(link, item);
  }

  /** A worker has ended, however it did. The task that it ran fails; what else it had goes to others. */
  ended(link: WorkerLink): void {
    const { crew, work, settling, stopping, onBreak } = this.#options;
    this.receive(link);
    workerEnded(link.host);
    const breakage = crew.ended(link);
    const { running } = link;
    stopping.begin(link, undefined);
    work.giveBack(link.abandon());
    link.release();
    if (running) settling.settle(running, { status: 'rejected', reason: died(link.host, running) });
    if (breakage && !link.hasReported) onBreak(breakage);
  }

  #handle(link: WorkerLink, message: Message, now: number): void {
    const { crew, settling } = this.#options;
    if (message.kind === Kind.Ready) crew.ready(link);
    else if (message.kind === Kind.Progress) {
      if (link.first) settling.report(link.first, message);
    } else if (message.kind === Kind.Retire) link.retire();
    else if (message.kind === Kind.Resumed) link.resumed();
    else if (message.kind === Kind.InitFailed) this.#initializerFailed(link, message.body);
    else this.#answered(link, message, now);
  }

  #answered(link: WorkerLink, message: Message, now: number): void {
    const { work, tally, settling } = this.#options;
    const item = link.answered();
    this.begin(link, now);
    if (link.isLeaving && link.inFlight === 0) link.expectEnd();
    if (message.kind === Kind.Undecodable && item.wasBatched) {
      item.isAlone = true;
      work.giveBack([item]);
      return;
    }
    if (message.kind !== Kind.Undecodable) {
      item.job.estimate.learnDuration(message.number);
      item.job.estimate.learnResultSize(message.size);
      link.busy += message.number;
      tally.runTimes.record(message.number);
    }
    settling.answer(item, message);
  }

  #initializerFailed(link: WorkerLink, body: Uint8Array): void {
    link.hasReported = true;
    const outcome = failureOf(body, undefined);
    if (outcome instanceof Promise) void outcome.then((loaded) => this.#breakByInitializer(loaded));
    else this.#breakByInitializer(outcome);
  }

  #breakByInitializer(outcome: Outcome): void {
    const cause = (outcome as PromiseRejectedResult).reason;
    this.#options.onBreak(brokenPool(`its initializer failed: ${cause?.message ?? cause}`, { cause }));
  }
}
