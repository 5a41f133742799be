// A program ends when its threads have ended. It does not wait for daemons: they end with it, whatever they are doing.
import { setTimeout as sleep } from 'node:timers/promises';
import { Thread } from 'multiprocess/threading';

const STEPS = 8;

async function work(who: string) {
  for (let step = 1; step <= STEPS; step++) {
    await sleep(100);
    console.log(`${who}: step ${step}`);
  }
  console.log(`${who}: done`);
}

const plain = new Thread({ target: work, args: ['plain thread'] });
const daemon = new Thread({ target: () => work('daemon').then(() => work('daemon')), daemon: true });
plain.start();
daemon.start();
console.log('main: my work is done');
process.on('exit', () => console.log(`main: the program ends; plain ${plain.isAlive()}, daemon ${daemon.isAlive()}`));
