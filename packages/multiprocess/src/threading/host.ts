/**
 * The worker threads that this thread has made. Each runs one `Thread` after the other: a new worker has to set up a heap and to load
 * the library, some tens of milliseconds of processor time, and one that rests is there in a fraction of one.
 *
 * ```
 *   Busy ──── worker: its thread has ended, and left nothing behind ──▶ Resting
 *   Resting ── starter: gives it the next thread ─────────────────────▶ Busy
 *   Resting ── starter: has no use for it ────────────────────────────▶ Gone
 * ```
 *
 * The state is a word that both share, because a starter that blocks in `joinSync()` gets no messages. So is the exit code, and whether
 * the thread has printed the error that ends it: one that ends before it can, or for want of memory, or by an error in a handler of
 * errors, has not.
 */
import { MessageChannel, type MessagePort, SHARE_ENV, Worker } from 'node:worker_threads';
import { entryUrl } from '../location.ts';
import { table } from '../memory/index.ts';
import { native } from '../native.ts';
import { inheritableExecArgv, printUncaught, type ThreadPreparation } from '../process/internal.ts';
import type { ThreadState } from './state.ts';

/** Words that both share. */
export const WORD = { turn: 0, exitCode: 1, hasReported: 2 } as const;
/** What {@link WORD.turn} says. */
export const Turn = { Busy: 0, Resting: 1, Gone: 2 } as const;

/** What a thread is started with. */
export interface ThreadStart {
  slot: number;
  generation: number;
  daemon: boolean;
  name: string;
  preparation: ThreadPreparation;
  /** A `ThreadProgram`, encoded. */
  program: Uint8Array;
}

/** What a worker is made with. The starter sends further starts to `port`, or undefined for the end; the worker, the `ident` of a thread that has ended. */
export interface WorkerStart {
  start: ThreadStart;
  port: MessagePort;
  words: Int32Array;
}

/** How long a worker rests until it goes, ms. */
const REST = 1000;
/** More do not rest at a time. */
const MOST = 4;

/** After so many workers there is freed memory that is worth giving back: most by V8, after 8 s, the rest by us, after {@link TRIM}. */
const MANY = 8;
const TRIM = 10_000;

const hosts = new Set<Host>();
let gone = 0;

/** Whether threads that were started here still have, or rest in, workers. */
export const hasHosts = (): boolean => hosts.size > 0;

/** Has a worker run the thread: one that rests, or else a new one. Throws what `new Worker` throws. */
export function host(start: ThreadStart, state: ThreadState): Host {
  for (const one of hosts) if (one.take(start, state)) return one;
  return new Host(start, state);
}

export class Host {
  readonly worker: Worker;
  readonly #port: MessagePort;
  readonly #words = new Int32Array(new SharedArrayBuffer(12));
  #state: ThreadState;
  #going: NodeJS.Timeout | undefined;

  constructor(start: ThreadStart, state: ThreadState) {
    const { port1, port2 } = new MessageChannel();
    const workerData: WorkerStart = { start, port: port2, words: this.#words };
    this.worker = new Worker(entryUrl('thread'), {
      ...{ workerData, transferList: [port2], name: start.name, env: SHARE_ENV },
      ...inherited(),
    });
    this.#port = port1;
    this.#state = state;
    port1.on('message', (ident: number) => this.#onEnd(ident));
    port1.unref(); // the worker itself keeps this thread alive, while it has something to do
    this.worker.on('error', (error: Error) => this.#onError(error));
    this.worker.once('exit', (code) => this.#onExit(code));
    if (state.daemon) this.worker.unref();
    hosts.add(this);
  }

  /** Of the thread that it has run; 1, too, when that was ended from outside. */
  get exitCode(): number {
    return Atomics.load(this.#words, WORD.exitCode);
  }

  /** Gives it a thread to run; false when it does not rest. */
  take(start: ThreadStart, state: ThreadState): boolean {
    if (!this.#move(Turn.Busy)) return false;
    finish(this.#state, 0); // its message may still be on the way
    this.#state = state;
    clearTimeout(this.#going);
    state.daemon ? this.worker.unref() : this.worker.ref();
    this.#port.postMessage(start);
    return true;
  }

  #move(turn: number): boolean {
    return Atomics.compareExchange(this.#words, WORD.turn, Turn.Resting, turn) === Turn.Resting;
  }

  #onEnd(ident: number): void {
    if (ident !== this.#state.ident || isFinished(this.#state)) return; // it is at the next one
    finish(this.#state, 0);
    this.worker.unref();
    this.#going = setTimeout(() => this.#dismiss(), REST).unref();
    const resting = [...hosts].filter((one) => isFinished(one.#state));
    if (resting.length > MOST) this.#dismiss();
  }

  #dismiss(): void {
    clearTimeout(this.#going);
    if (this.#move(Turn.Gone)) this.#port.postMessage(undefined);
  }

  #onError(error: Error): void {
    if (isFinished(this.#state) || Atomics.load(this.#words, WORD.hasReported) !== 0) return;
    printUncaught(error, `Exception in thread ${this.#state.name}:`);
  }

  #onExit(code: number): void {
    const { slot, generation } = this.#state;
    hosts.delete(this);
    if (++gone >= MANY && hosts.size === 0) {
      gone = 0;
      setTimeout(() => native.memoryTrim(), TRIM).unref();
    }
    clearTimeout(this.#going);
    if (isFinished(this.#state)) return;
    if (table.generation(slot) === generation) table.releaseSlot(slot); // it never took it
    finish(this.#state, code);
  }
}

const isFinished = (state: ThreadState) => state.exitCode !== undefined;

function finish(state: ThreadState, code: number): void {
  if (isFinished(state)) return;
  state.exitCode = code;
  for (const onEnd of [...state.onEnd]) onEnd(code);
  state.onEnd.clear();
}

/** Worker threads have the options of the process by themselves; `--input-type` keeps them from loading a file. */
function inherited(): { execArgv?: string[] } {
  const refused = process.execArgv.some((option) => option.startsWith('--input-type'));
  return refused ? { execArgv: inheritableExecArgv() } : {};
}
