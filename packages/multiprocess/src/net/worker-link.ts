/** The server's end of one worker. */
import { createRing, freeRing, RingReader } from '../channel/index.ts';
import { doorbell } from '../memory/index.ts';
import type { Process } from '../process/index.ts';
import { makeWorker, takeFailure } from '../process/internal.ts';
import { thrown } from './failure.ts';
import { acceptConnections, type WorkerConfig } from './worker.ts';

export interface LinkOptions {
  Process: typeof Process;
  name: string;
  config: Omit<WorkerConfig, 'reports'>;
  onError(error: Error): void;
  /** With what the worker has left: why it could not begin. */
  onEnd(failure: Error | undefined): void;
}

export class WorkerLink {
  readonly process: Process<typeof acceptConnections>;
  /** It accepts connections, or has done so. */
  isReady = false;
  /** Resolves when it does; never, if it ends before. */
  readonly ready: Promise<void>;
  /** It is being ended. */
  isLeaving = false;
  readonly #becomeReady: () => void;
  readonly #options: LinkOptions;
  readonly #offset: number;
  readonly #reports: RingReader;
  readonly #stopListening: () => void;
  #killer: NodeJS.Timeout | undefined;
  /** Its ring is somebody else's memory now; a ring of the doorbell may still be on its way round. */
  #isReleased = false;

  /** Starts the worker. Throws what `Process.start()` throws. */
  constructor(options: LinkOptions) {
    this.#options = options;
    ({ promise: this.ready, resolve: this.#becomeReady } = Promise.withResolvers<void>());
    this.#offset = createRing();
    this.#reports = new RingReader(this.#offset);
    this.process = new options.Process({
      target: acceptConnections,
      args: [{ ...options.config, reports: this.#offset }],
      name: options.name,
    }) as Process<typeof acceptConnections>;
    makeWorker(this.process, () => this.#ended());
    this.#stopListening = doorbell.subscribe(() => this.#read());
    try {
      this.process.start();
    } catch (error) {
      this.#release();
      throw error;
    }
    this.#read();
    void this.process.join(); // keeps the event loop alive
  }

  /** SIGTERM, and SIGKILL after `grace` ms. */
  terminate(grace: number): void {
    if (this.isLeaving) return;
    this.isLeaving = true;
    this.process.terminate();
    this.#killer = setTimeout(() => this.process.kill(), grace);
  }

  #read(): void {
    if (this.#isReleased) return;
    do {
      for (let bytes = this.#reports.tryRead(); bytes; bytes = this.#reports.tryRead()) {
        if (bytes.length > 0) this.#options.onError(thrown(bytes));
        else {
          this.isReady = true;
          this.#becomeReady();
        }
      }
    } while (!this.#reports.arm());
  }

  #ended(): void {
    this.#read();
    const failure = takeFailure(this.process);
    this.#release();
    this.#options.onEnd(failure && thrown(failure));
  }

  #release(): void {
    this.#isReleased = true;
    clearTimeout(this.#killer);
    this.#stopListening();
    this.#reports.recover();
    this.#reports.release();
    freeRing(this.#offset);
  }
}
