// A table with a lock for each row, against one lock for all of it. Writers change a row each, which takes a while (here: a
// wait for a disk). With one lock they queue up behind each other; with row locks only those who want the same row do.
import { Barrier, Lock, Process, Semaphore } from 'multiprocess';

const ROWS = 8;
const WRITERS = 4;
const WRITES = 25;
const DISK = 2; // ms

const rowLocks = Array.from({ length: ROWS }, () => new Lock());
const tableLock = new Lock();

async function write(writer: number, locks: Lock[], start: Barrier, done: Semaphore) {
  await start.wait();
  for (let i = 0; i < WRITES; i++) {
    const row = (writer * 2 + i) % ROWS;
    await locks[row % locks.length]!.acquire();
    try {
      await new Promise((resolve) => setTimeout(resolve, DISK));
      done.release();
    } finally {
      locks[row % locks.length]!.release();
    }
  }
}

/** Writes per second. */
async function throughput(locks: Lock[]): Promise<number> {
  const start = new Barrier(WRITERS + 1);
  const done = new Semaphore(0);
  const writers = Array.from(
    { length: WRITERS },
    (_, i) => new Process({ target: write, args: [i, locks, start, done] }),
  );
  for (const writer of writers) writer.start();
  await start.wait();
  const begin = performance.now();
  for (let i = 0; i < WRITERS * WRITES; i++) await done.acquire();
  const seconds = (performance.now() - begin) / 1000;
  for (const writer of writers) await writer.join();
  return (WRITERS * WRITES) / seconds;
}

const table = await throughput([tableLock]);
const rows = await throughput(rowLocks);
console.log(`one lock for the table: ${Math.round(table)} writes/s`);
console.log(`one lock for each row:  ${Math.round(rows)} writes/s, ${(rows / table).toFixed(1)} times as many`);
