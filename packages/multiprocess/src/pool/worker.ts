/** What a worker process does: reads tasks, runs one after the other, answers. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { RingReader } from '../channel/index.ts';
import { sendingTo } from '../memory/index.ts';
import {
  dumps,
  dumpsError,
  encodeInto,
  encodeParts,
  loadsOwned,
  registerKnown,
  scratch,
  tryLoadsSync,
} from '../transport/index.ts';
import { Answers } from './answers.ts';
import { Gate } from './gate.ts';
import { isLoopBusy } from './loop.ts';
import { Kind, type Message, parse } from './protocol.ts';
import { setRunningTask } from './task.ts';

/** Offsets of what the worker shares with its pool. */
export interface WorkerConfig {
  tasks: number;
  results: number;
  gate: number;
  /** The slot of the thread that has the pool. */
  pool: number;
  /** It is to be replaced once it uses so many bytes; 0: never. */
  maxMemory: number;
  /** [initializer, initArgs] */
  initializer: Uint8Array | undefined;
}

/** Timers and I/O of the tasks get their turn at least this often, in ms. */
const TURN_INTERVAL = 5;
/** How often its memory is looked at, in ms. */
const MEMORY_INTERVAL = 50;
/** An idle worker first sleeps on the ring itself, which wakes quicker than an event loop; in ms. */
const PARK_LIMIT = 5;

type Task = (...args: unknown[]) => unknown;

interface Program {
  /** The function, and its arguments after the input. */
  parts: Promise<ProgramParts> | ProgramParts;
  isStarred: boolean;
}

type ProgramParts = [fn: Task, rest: readonly unknown[]];

/** The target of worker processes and threads. */
export async function runWorker(config: WorkerConfig): Promise<void> {
  const worker = new Worker(config, false);
  const isReady = await worker.initialize(config.initializer);
  if (isReady) await worker.serve();
  // Not simply returning: what tasks have left open (a connection, an interval) must not keep a stopped worker alive.
  process.exit(isReady ? undefined : 1);
}

registerKnown('runWorker', runWorker);

/** A worker within the thread that has the pool. `done` resolves once it has ended, which `stop` makes it do. */
export function serveInline(config: WorkerConfig): { done: Promise<void>; stop: () => void } {
  const worker = new Worker(config, true);
  const serve = async () => {
    if (await worker.initialize(config.initializer)) await worker.serve();
  };
  return { done: serve(), stop: () => worker.stop() };
}

class Worker {
  readonly #inbox: RingReader;
  readonly #answers: Answers;
  readonly #gate: Gate;
  readonly #pool: number;
  readonly #maxMemory: number;
  readonly #isInline: boolean;
  #isOver = false;
  readonly #current = {
    number: 0,
    isCancelled: () => this.#gate.isCancelled(this.#current.number),
    report: (fraction: number, detail: unknown) => this.#report(fraction, detail),
  };
  #isRetiring = false;
  #lastMemoryCheck = 0;
  readonly #programs = new Map<number, Program>();
  /** Tasks have been taken back: what is read up to Resume is not to be run. */
  #isRevoked = false;
  #lastTurn = 0;

  /** `isInline`: nothing may block its thread, which is the pool's. */
  constructor({ tasks, results, gate, pool, maxMemory }: WorkerConfig, isInline: boolean) {
    this.#isInline = isInline;
    this.#inbox = new RingReader(tasks);
    this.#answers = new Answers(results);
    this.#gate = new Gate(gate);
    this.#pool = pool;
    this.#maxMemory = maxMemory;
  }

  /** Runs the initializer; false when it failed. */
  async initialize(initializer: Uint8Array | undefined): Promise<boolean> {
    try {
      if (initializer) {
        const [fn, args] = (await load(initializer)) as [Task, unknown[]];
        await fn(...args);
      }
    } catch (error) {
      await this.#answers.say(Kind.InitFailed, 0, dumpsError(error));
      return false;
    }
    await this.#answers.say(Kind.Ready);
    return true;
  }

  /** Until Stop. */
  async serve(): Promise<void> {
    while (!this.#isOver) {
      const message = this.#inbox.tryReadInPlace(parse) ?? (await this.#next());
      if (!message || message.kind === Kind.Stop) break;
      // While the last message is worked on, the pool sends the next ones.
      if (this.#answers.isHeld && this.#inbox.isEmpty) this.#answers.announce();
      await this.#handle(message);
    }
    this.#answers.announce();
  }

  /** Ends it before the next task. */
  stop(): void {
    this.#isOver = true;
    this.#inbox.interrupt();
  }

  async #handle(message: Message): Promise<void> {
    if (message.kind === Kind.Call) await this.#call(message);
    else if (message.kind === Kind.Items) await this.#runItems(message);
    else if (message.kind === Kind.Program) this.#learn(message);
    else if (message.kind === Kind.Forget) this.#programs.delete(message.job);
    else if (message.kind === Kind.Resume) {
      this.#isRevoked = false;
      this.#gate.resume();
      await this.#answers.say(Kind.Resumed);
    }
  }

  #learn({ job, number, body }: Message): void {
    const parts = loadProgram(body);
    if (parts instanceof Promise) parts.catch(() => {}); // each item reports it
    this.#programs.set(job, { parts, isStarred: number === 1 });
  }

  async #call({ body }: Message): Promise<void> {
    if (!this.#start()) return;
    let call: [Task, unknown[]];
    try {
      call = (await load(body)) as [Task, unknown[]];
    } catch (error) {
      return this.#answer(Kind.Undecodable, performance.now(), dumpsError(error));
    }
    await this.#run(call[0], call[1]);
  }

  // The first item is started before anything is decoded: decoding, too, can end the process.
  async #runItems({ job, number: count, plain, body }: Message): Promise<void> {
    if (!this.#start()) return;
    const { parts, isStarred } = this.#programs.get(job)!;
    let inputs: unknown[];
    let program: ProgramParts;
    try {
      inputs = (plain ? plain.value : await load(body)) as unknown[];
      program = parts instanceof Promise ? await parts : parts;
    } catch (error) {
      const reason = dumpsError(error);
      for (let i = 0; i < count && (i === 0 || this.#start()); i++)
        await this.#answer(Kind.Undecodable, performance.now(), reason);
      return;
    }
    for (let i = 0; i < count && (i === 0 || this.#start()); i++) {
      const input = inputs[i];
      const [fn, rest] = program;
      const end = this.#run(fn, isStarred ? [...(input as Iterable<unknown>), ...rest] : [input, ...rest]);
      if (end) await end; // an await for each of thousands takes longer than they do
    }
  }

  #start(): boolean {
    this.#isRevoked ||= !this.#gate.start();
    return !this.#isRevoked;
  }

  /** Runs a task and answers; undefined when it is over on return. */
  #run(fn: Task, args: unknown[]): Promise<void> | undefined {
    const start = performance.now();
    this.#current.number = this.#gate.started;
    setRunningTask(this.#current);
    try {
      const value = fn(...args);
      return isThenable(value) ? this.#await(value, start) : this.#succeeded(value, start);
    } catch (error) {
      return this.#answer(Kind.Failure, start, dumpsError(error));
    }
  }

  async #await(pending: PromiseLike<unknown>, start: number): Promise<void> {
    this.#answers.announceSoon();
    let answered: Promise<void> | undefined;
    try {
      answered = this.#succeeded(await pending, start);
    } catch (error) {
      answered = this.#answer(Kind.Failure, start, dumpsError(error));
    }
    await answered; // what goes wrong from here on is no failure of the task, which has its answer
  }

  /** Throws when the value cannot be sent. */
  #succeeded(value: unknown, start: number): Promise<void> | undefined {
    const size = encodeInto(value);
    if (size >= 0) return this.#answer(Kind.Result, start, scratch.bytes.subarray(0, size));
    const parts = sendingTo(this.#pool, () => encodeParts(value, { root: 'result' }));
    return this.#answer(Kind.Result, start, ...parts);
  }

  async #checkMemory(now: number): Promise<void> {
    if (this.#isRetiring || now - this.#lastMemoryCheck < MEMORY_INTERVAL) return;
    this.#lastMemoryCheck = now;
    const used = process.memoryUsage.rss();
    if (used <= this.#maxMemory) return;
    this.#isRetiring = true;
    await this.#answers.say(Kind.Retire, used);
  }

  /** Answers a task that began at `start`. Throws `ERR_MP_NO_MEMORY`. */
  #answer(kind: Kind, start: number, ...body: Uint8Array[]): Promise<void> | undefined {
    setRunningTask(undefined);
    const now = performance.now();
    const added = this.#answers.add(kind, now - start, now, body);
    if (added) return added.then(() => this.#rest(now));
    return this.#maxMemory > 0 || now - this.#lastTurn > TURN_INTERVAL ? this.#rest(now) : undefined;
  }

  async #rest(now: number): Promise<void> {
    if (this.#maxMemory > 0) await this.#checkMemory(now);
    if (now - this.#lastTurn > TURN_INTERVAL) await this.#turn();
  }

  #report(fraction: number, detail: unknown): void {
    const body = sendingTo(this.#pool, () => dumps(detail, { root: 'detail' }));
    this.#answers.trySay(Kind.Progress, fraction, body);
  }

  /** Waits for the next message; undefined: it is over. */
  async #next(): Promise<Message | undefined> {
    this.#answers.announce();
    const early = !this.#isInline && this.#inbox.spin() ? this.#inbox.tryReadInPlace(parse) : undefined;
    if (early) return early;
    for (;;) {
      if (performance.now() - this.#lastTurn > TURN_INTERVAL) await this.#turn();
      // A blocked thread is quicker to wake, but nothing else runs on it meanwhile.
      if (this.#isInline) await this.#inbox.readable({ background: true });
      else if (isLoopBusy() || !this.#inbox.park(PARK_LIMIT)) await this.#inbox.readable();
      const message = this.#inbox.tryReadInPlace(parse);
      if (message || this.#isOver) return message;
    }
  }

  async #turn(): Promise<void> {
    await nextTurn();
    this.#lastTurn = performance.now();
  }
}

function load(bytes: Uint8Array): unknown {
  const loaded = tryLoadsSync(bytes, true);
  return loaded ? loaded.value : loadsOwned(bytes);
}

function loadProgram(bytes: Uint8Array): Promise<ProgramParts> | ProgramParts {
  try {
    return load(bytes) as Promise<ProgramParts> | ProgramParts;
  } catch (error) {
    return Promise.reject(error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
