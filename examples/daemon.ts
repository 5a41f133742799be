// A daemon is a helper: it is terminated when its parent's own work is done. A plain child is waited for.
import { setTimeout as sleep } from 'node:timers/promises';
import { Process } from 'multiprocess';

const STEPS = 8;

async function work(who: string) {
  console.log(`${who} ${process.pid}: starts, ${STEPS} steps to do`);
  for (let step = 1; step <= STEPS; step++) {
    await sleep(250);
    console.log(`${who} ${process.pid}: step ${step}`);
  }
  console.log(`${who} ${process.pid}: done`);
}

const daemon = new Process({ target: work, args: ['daemon'], daemon: true });
const plain = new Process({ target: work, args: ['child '] });
daemon.start();
plain.start();

await sleep(800);
console.log(`parent ${process.pid}: my work is done; the daemon goes, the child may finish`);
