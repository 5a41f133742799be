/** What producers and consumers say that they have done, in shared memory: it stands whoever is killed. */
import { RawArray } from 'multiprocess';

/** Producers of one round, those that took the place of the killed included; and items of each. */
export const PRODUCERS = 10;
export const ITEMS = 1200;

export interface Ledger {
  /** Of each producer, how many items it has begun to put; its last ones may be in the queue or not. */
  tried: Int32Array;
  /** Of each item: 1 once `put` has returned. */
  put: Uint8Array;
  /** Of each item, how many times it was got. */
  got: Uint8Array;
  /** Of each item, how many times it was about to be reported as done. */
  done: Uint8Array;
  control: Int32Array;
}

/** Words of `control`: producers are to stop; workers that have begun; items that were torn, or came in the wrong order. */
export const CONTROL = { stop: 0, started: 1, torn: 2, order: 3 } as const;

export function makeLedger(): Ledger {
  const bytes = () => new RawArray('u8', PRODUCERS * ITEMS).array as Uint8Array;
  const words = (n: number) => new RawArray('i32', n).array as Int32Array;
  return { tried: words(PRODUCERS), put: bytes(), got: bytes(), done: bytes(), control: words(8) };
}

export function clearLedger(ledger: Ledger): void {
  for (const array of Object.values(ledger)) array.fill(0);
}

export const place = (producer: number, number: number) => producer * ITEMS + number;

/** What the ledger says about every item that was begun, told apart. */
export function readLedger({ tried, put, got, done }: Ledger) {
  const report = { put: 0, got: 0, lost: [] as string[], doubled: 0, undone: [] as string[], invented: 0 };
  for (let producer = 0; producer < PRODUCERS; producer++) {
    for (let number = 0; number < ITEMS; number++) {
      const at = place(producer, number);
      const name = `${producer}:${number}`;
      report.put += put[at]!;
      report.got += got[at]! > 0 ? 1 : 0;
      report.doubled += Math.max(0, got[at]! - 1);
      if (put[at] && !got[at]) report.lost.push(name);
      if (put[at] && !done[at]) report.undone.push(name);
      if (got[at] && number >= tried[producer]!) report.invented++;
    }
  }
  return report;
}
