import { MultiprocessError } from '../errors.ts';
import { registerKnown } from '../transport/index.ts';

/** One thread of a deadlock, and the lock that it waits for; the next thread of the cycle holds that. */
export interface DeadlockLink {
  /** Name of the process or thread. */
  process: string;
  pid: number;
  /** The lock that it waits for, such as `Lock 0x8020040`. */
  waitsFor: string;
  /** Where its holder acquired that lock, as `file:///app.ts:3:9`; only with `MP_TRACE_LOCKS=1` in the environment. */
  acquiredAt?: string;
}

/** Waiting for a lock would never end. `cycle` names every thread and lock of it, beginning with the one that throws. */
export class DeadlockError extends MultiprocessError {
  readonly cycle: readonly DeadlockLink[];

  constructor(cycle: readonly DeadlockLink[]) {
    super(
      'ERR_MP_DEADLOCK',
      `deadlock: ${inWords(cycle)}. Acquire locks in the same order everywhere, or with a timeout`,
    );
    this.cycle = cycle;
  }

  static {
    DeadlockError.prototype.name = 'DeadlockError';
  }
}

/** A barrier was broken, before or during the wait; `cause` is why, where that is known. */
export class BrokenBarrierError extends MultiprocessError {
  constructor(message = 'the barrier is broken', options?: { cause?: unknown }) {
    super('ERR_MP_BROKEN_BARRIER', message, options);
  }

  static {
    BrokenBarrierError.prototype.name = 'BrokenBarrierError';
  }
}

function inWords(cycle: readonly DeadlockLink[]): string {
  const [first] = cycle;
  if (cycle.length === 1) return `${name(first!)} waits for ${first!.waitsFor}, which it holds itself${since(first!)}`;
  return cycle
    .map(
      (link, i) =>
        `${i === 0 ? name(link) : 'which'} waits for ${link.waitsFor}, held by ${name(cycle[(i + 1) % cycle.length]!)}${since(link)}`,
    )
    .join(', ');
}

function since({ acquiredAt }: DeadlockLink): string {
  return acquiredAt === undefined ? '' : ` since ${acquiredAt}`;
}

function name({ process, pid }: DeadlockLink): string {
  return `${process} (pid ${pid})`;
}

registerKnown('DeadlockError', DeadlockError);
registerKnown('BrokenBarrierError', BrokenBarrierError);
