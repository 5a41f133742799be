// As shared-number.ts, but all run at once, and each waits for the others before it prints: what is shared has its last value by then.
import { Barrier, Process, Value } from 'multiprocess';
import { Thread } from 'multiprocess/threading';

const shared = new Value('i32', 100);
let copied = 100;
const everyone = new Barrier(4);

const addAndWait = () => {
  shared.add(1);
  copied++;
  everyone.waitSync();
  console.log(`  shared ${shared.value}, copied ${copied}`);
};

for (const [kind, Class] of [
  ['threads', Thread],
  ['processes', Process],
] as const) {
  console.log(`four ${kind}:`);
  const all = Array.from({ length: 4 }, () => new Class({ target: addAndWait }));
  for (const one of all) one.start();
  for (const one of all) await one.join();
  shared.value = 100;
}
