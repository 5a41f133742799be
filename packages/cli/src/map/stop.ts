import { constants } from 'node:os';
import { activeChildren } from 'multiprocess';
import { Exit } from '../failure.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What ends a run early: Ctrl-C and its like. The second one ends it at once. */
export class Stop implements Disposable {
  readonly #controller = new AbortController();
  readonly #onSignal = (name: NodeJS.Signals) => this.#receive(name);
  /** 128 plus the number of the signal that came; undefined: none. */
  exitStatus: number | undefined;

  constructor() {
    for (const name of SIGNALS) process.on(name, this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #receive(name: NodeJS.Signals): void {
    if (this.exitStatus !== undefined) {
      for (const child of activeChildren()) child.kill();
      process.exit(this.exitStatus);
    }
    this.exitStatus = Exit.signal + constants.signals[name];
    this.#controller.abort();
  }

  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.off(name, this.#onSignal);
  }
}
