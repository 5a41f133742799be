/** Rounds of the stress of queues and pipes, one after the other; after each, memory must be as it was before. */
import { setForkserverPreload } from 'multiprocess';
import { memoryStats } from '../../../dist/memory/index.js';
import { collectUntil, settle } from '../../shared/support/collect.ts';
import { clearLedger, makeLedger } from './ledger.ts';
import { pipeRound } from './pipe-round.ts';
import { plainRound, redeliveringRound } from './queue-round.ts';
import type { Given, Totals } from './round.ts';
import { killRest, takeFailed } from './worker.ts';

const ROUNDS: Record<string, (given: Given) => Promise<string[]>> = {
  queue: plainRound,
  redeliver: redeliveringRound,
  pipe: pipeRound,
};
const ORDER = ['queue', 'redeliver', 'queue', 'redeliver', 'pipe'];

export class Stresser {
  readonly failures: string[] = [];
  readonly totals: Totals = { kills: 0, pauses: 0, put: 0, lostInHands: 0, redelivered: 0 };
  readonly rounds: Record<string, number> = {};
  readonly #random: () => number;
  readonly #slowEvery: number;
  readonly #ledger = makeLedger();
  #before: { cells: number; references: number } | undefined;
  #count = 0;

  /** In every `slowEvery`th round there are spawned processes and threads among the workers. */
  constructor(random: () => number, slowEvery: number) {
    this.#random = random;
    this.#slowEvery = slowEvery;
    setForkserverPreload([new URL('hands.ts', import.meta.url).href]);
  }

  async round(): Promise<void> {
    const kind = ORDER[this.#count % ORDER.length]!;
    const isSlow = this.#count % this.#slowEvery === this.#slowEvery - 1;
    this.#count++;
    this.rounds[kind] = (this.rounds[kind] ?? 0) + 1;
    clearLedger(this.#ledger);
    const given = { ledger: this.#ledger, random: this.#random, totals: this.totals, isSlow };
    try {
      for (const wrong of await ROUNDS[kind]!(given)) this.#report(kind, wrong);
    } catch (error) {
      this.#report(kind, (error as Error).stack ?? String(error));
      await killRest();
    }
    for (const wrong of takeFailed()) this.#report(kind, wrong);
    await this.#checkMemory(kind);
  }

  /** The first round makes what stays. */
  async #checkMemory(kind: string): Promise<void> {
    this.#before ??= await settle();
    const { cells, references } = this.#before;
    const isBack = () => memoryStats().cells <= cells && memoryStats().references <= references;
    if (await collectUntil(isBack)) return;
    const after = await settle();
    this.#report(kind, `${cells} -> ${after.cells} cells, ${references} -> ${after.references} references`);
    this.#before = after;
  }

  #report(kind: string, wrong: string): void {
    this.failures.push(`round ${this.#count} (${kind}): ${wrong.slice(0, 600)}`);
  }
}
