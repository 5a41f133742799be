/** What a pool works on: jobs, which give out items one by one and take their outcomes. */
import type { Member } from './chain.ts';
import type { Estimate } from './estimate.ts';
import { type Origin, originOf } from './origin.ts';
import type { Program } from './program.ts';
import type { Terms } from './terms.ts';

export type Outcome = PromiseSettledResult<unknown>;

/** One task of a job. It is kept until it has settled, so that it can be sent once more if a worker never started it. */
export interface Item {
  readonly job: Job;
  readonly index: number;
  /** An input of its job's program; without one, the encoded function and arguments. */
  readonly input: unknown;
  /** It shared a message that could not be read: send it alone, to find the culprit. */
  isAlone: boolean;
  /** It was sent together with others. */
  wasBatched: boolean;
  /** How long its worker was expected to need for it when it was sent, in ms. */
  expected: number;
  /** How often it has been run before. */
  readonly attempt: number;
  /** Its outcome is known, or another item has taken its place: what its worker still answers is of no interest. */
  isSettled: boolean;
}

export function newItem(job: Job, index: number, input: unknown, attempt = 0): Item {
  return { job, index, input, isAlone: false, wasBatched: false, expected: 0, attempt, isSettled: false };
}

export abstract class Job implements Member<Job> {
  previous: Job | undefined = undefined;
  next: Job | undefined = undefined;
  /** What is sent once for many inputs; undefined: each input holds the function, too. */
  readonly program: Program | undefined = undefined;
  /** Items per message; undefined: the pool decides. */
  readonly chunkSize: number | undefined = undefined;
  abstract readonly estimate: Estimate;
  /** It has been cancelled: outcomes that still come are of no interest. */
  isCancelled = false;
  /** Called once it has ended, however it did. */
  onEnd: (() => void) | undefined;
  /** The call that made it: its stack is put under the remote ones of its errors. */
  readonly origin: Origin;

  readonly terms: Terms;
  /** When it was given to the pool, in ms. */
  readonly arrived = performance.now();

  /** `caller`: the method of the pool that the user has called. */
  constructor(caller: Function, fn: Function, terms: Terms) {
    this.terms = terms;
    this.origin = originOf(caller, fn, this.arrived);
  }

  /** Whether `take` may have an item now. */
  abstract readonly isReady: boolean;
  /** No item will come any more. */
  abstract readonly isExhausted: boolean;
  /** Items that have not been taken; undefined when that is not known. */
  abstract readonly remaining: number | undefined;

  abstract take(): Item | undefined;
  /** A worker is about to run one of its items. */
  begin(_item: Item): void {}
  /** One of its tasks has said how far it is. */
  progress(_item: Item, fraction: number, detail: unknown): void {
    this.terms.onProgress?.({ done: 0, total: 1, fraction, detail });
  }
  /** The outcome of one of its items; returns whether the job is complete. */
  abstract settle(item: Item, outcome: Outcome): boolean;
  /** Ends it if no item is left to take or to wait for; whether that is so. */
  abstract endIfComplete(): boolean;
  /** Ends the job with an error; nothing more is taken. `isOrdered`: by the user, who need not be told by an unhandled rejection. */
  abstract cancel(reason: unknown, isOrdered: boolean): void;
  /** One of its tasks, for messages. */
  abstract describe(index: number): string;
}

export function nameOf(fn: Function): string {
  return fn.name || '(anonymous)';
}
