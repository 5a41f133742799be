/** Timer: a thread that waits before it runs. CPython: threading.Timer. */
import { invalidArgument } from '../errors.ts';
import { Event } from '../sync/index.ts';
import { registerKnown } from '../transport/index.ts';
import { Thread } from './thread.ts';

/**
 * A thread that calls `fn(...args)` after `interval` ms, unless `cancel()` comes first.
 *
 * @example
 * const timer = new Timer(1000, () => console.log('a second later'));
 * timer.start();
 */
export class Timer<A extends readonly unknown[] = readonly unknown[]> extends Thread {
  static override readonly isLibraryClass = false as never;
  readonly interval: number;
  readonly fn: (...args: A) => unknown;
  readonly fnArgs: A;
  /** Set once it has run or been cancelled. */
  readonly finished = new Event();

  /** Throws `ERR_MP_INVALID_ARG`. */
  constructor(interval: number, fn: (...args: A) => unknown, ...[args]: [] extends A ? [args?: A] : [args: A]) {
    if (typeof interval !== 'number' || !(interval >= 0))
      throw invalidArgument('interval', 'a number of milliseconds', interval);
    if (typeof fn !== 'function') throw invalidArgument('fn', 'a function', fn);
    if (args !== undefined && !Array.isArray(args)) throw invalidArgument('args', 'an array of arguments', args);
    super();
    this.interval = interval;
    this.fn = fn;
    this.fnArgs = args ?? ([] as unknown as A);
  }

  /** Keeps it from running, if it is still waiting. */
  cancel(): void {
    this.finished.set();
  }

  override async run(): Promise<void> {
    if (await this.finished.wait(this.interval)) return;
    await this.fn(...this.fnArgs);
    this.finished.set();
  }
}

registerKnown('Timer', Timer);
