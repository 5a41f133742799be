/** What the rounds of the stress have in common. */
import { CONTROL, type Ledger, readLedger } from './ledger.ts';
import type { Way, Worker } from './worker.ts';

/** Nothing that works takes this long, in ms, however busy the machine. */
export const PATIENCE = 30_000;

export interface Totals {
  kills: number;
  pauses: number;
  put: number;
  /** Items that a killed consumer of a plain queue took with it. */
  lostInHands: number;
  /** Items that were delivered again. */
  redelivered: number;
}

export interface Given {
  ledger: Ledger;
  random: () => number;
  totals: Totals;
  /** Whether this round may use what takes long to start: spawned processes, threads. */
  isSlow: boolean;
}

export const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
export const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export function pickWay({ random, isSlow }: Given): Way {
  return isSlow ? pick(random, ['forkserver', 'forkserver', 'spawn', 'thread'] as const) : 'forkserver';
}

/** Waits until so many workers have begun; false: they have not. */
export async function haveStarted({ control }: Ledger, count: number): Promise<boolean> {
  const deadline = Date.now() + PATIENCE;
  while (control[CONTROL.started]! < count && Date.now() < deadline) await delay(1);
  return control[CONTROL.started]! >= count;
}

/** Waits until so many items have been put, for a moment at most: perhaps nobody can. */
export async function someWork({ tried }: Ledger, items: number): Promise<void> {
  const sum = () => tried.reduce((all, one) => all + one);
  const enough = sum() + items;
  for (const end = Date.now() + 30; sum() < enough && Date.now() < end; ) await delay(1);
}

/** Kills, or stops for a while, one of these at a random moment. Gives the killed one. */
export async function strike({ ledger, random, totals }: Given, workers: Worker[]): Promise<Worker | undefined> {
  await someWork(ledger, random() * 60);
  await delay(random() * 2);
  const victim = pick(random, workers);
  if (victim.pause && random() < 0.15) {
    totals.pauses++;
    await victim.pause(random() * 20);
    return undefined;
  }
  totals.kills++;
  workers.splice(workers.indexOf(victim), 1);
  await victim.kill();
  return victim;
}

/** What is wrong with all that the ledger says, whatever the kind of round. */
export function faults(ledger: Ledger): string[] {
  const { control } = ledger;
  const wrong: string[] = [];
  if (control[CONTROL.torn]! > 0) wrong.push(`${control[CONTROL.torn]} items were torn`);
  if (control[CONTROL.order]! > 0) wrong.push(`${control[CONTROL.order]} items came in the wrong order`);
  const { invented } = readLedger(ledger);
  if (invented > 0) wrong.push(`${invented} items were got that nobody has put`);
  return wrong;
}
