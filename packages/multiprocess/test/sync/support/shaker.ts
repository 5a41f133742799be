/** Kills those who use shared objects, at random moments, and looks whether the others and the objects survive it. */
import type { Process } from 'multiprocess';
import { inspect, makeShared, startWorker, stillWorking } from './shaken.ts';

export class Shaker {
  kills = 0;
  readonly failures: string[] = [];
  readonly #shared;
  readonly #workers: Process[];

  constructor(workers: number) {
    this.#shared = makeShared(workers);
    this.#workers = Array.from({ length: workers }, (_, index) => startWorker(this.#shared, index));
  }

  /** In each step half of them are killed, the others have to go on. In the end all are killed and everything is inspected. */
  async round(steps: number): Promise<void> {
    const all = [...this.#workers.keys()];
    for (let step = 0; step < steps; step++) {
      const shuffled = all.map((index) => [Math.random(), index] as const).sort(([a], [b]) => a - b);
      const victims = shuffled.slice(0, all.length >> 1).map(([, index]) => index);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 6)); // a random moment
      await this.#kill(victims);
      const survivors = all.filter((index) => !victims.includes(index));
      this.#report(await stillWorking(this.#shared, survivors));
      this.#start(victims);
    }
    await this.#kill(all);
    for (const wrong of await inspect(this.#shared)) this.#report(wrong);
    this.#start(all);
  }

  async end(): Promise<void> {
    await this.#kill([...this.#workers.keys()]);
  }

  async #kill(victims: number[]): Promise<void> {
    for (const index of victims) this.#workers[index]!.kill();
    for (const index of victims) await this.#workers[index]!.join();
    this.kills += victims.length;
  }

  #start(indices: number[]): void {
    for (const index of indices) this.#workers[index] = startWorker(this.#shared, index);
  }

  #report(wrong: string | undefined): void {
    if (wrong !== undefined) this.failures.push(`after ${this.kills} kills: ${wrong}`);
  }
}
