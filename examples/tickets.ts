// The ticket rush: a file says how many tickets are left, and ten buyers want one each. They look, think for a moment, and
// buy. Whoever looks while another thinks sees a ticket that will be gone: without a lock more are sold than there are.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Barrier, Lock, Process } from 'multiprocess';

const TICKETS = 3;
const BUYERS = 10;

const folder = mkdtempSync(path.join(tmpdir(), 'tickets-'));
const file = path.join(folder, 'tickets.json');
const lock = new Lock();
const opening = new Barrier(BUYERS);

async function buyWithoutLock() {
  await opening.wait();
  await buy();
}

async function buyWithLock() {
  await opening.wait();
  await lock.acquire(); // one at a time, from here to the end of the function
  try {
    await buy();
  } finally {
    lock.release();
  }
}

/** Who comes too late leaves with exit code 1. */
async function buy() {
  const { left } = JSON.parse(readFileSync(file, 'utf8'));
  await sleep(50 + Math.random() * 50);
  if (left === 0) process.exit(1);
  writeFileSync(file, JSON.stringify({ left: left - 1 }));
}

for (const [how, target] of [
  ['without a lock', buyWithoutLock],
  ['with a lock', buyWithLock],
] as const) {
  writeFileSync(file, JSON.stringify({ left: TICKETS }));
  const buyers = Array.from({ length: BUYERS }, () => new Process({ target }));
  for (const buyer of buyers) buyer.start();
  for (const buyer of buyers) await buyer.join();
  const sold = buyers.filter((buyer) => buyer.exitCode === 0).length;
  console.log(`${how}: ${TICKETS} tickets, ${sold} sold${sold > TICKETS ? ': oversold' : ''}`);
}
rmSync(folder, { recursive: true });
