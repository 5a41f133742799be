// A number that all threads share goes up with each of them; of a plain variable each has a copy, as processes have.
import { Process, Value } from 'multiprocess';
import { Thread } from 'multiprocess/threading';

const shared = new Value('i32', 100);
let copied = 100;

const add = () => console.log(`  shared ${shared.add(1)}, copied ${++copied}`);

for (const [kind, Class] of [
  ['threads', Thread],
  ['processes', Process],
] as const) {
  console.log(`four ${kind}:`);
  for (let i = 0; i < 4; i++) {
    const one = new Class({ target: add });
    one.start();
    await one.join();
  }
  shared.value = 100;
}
console.log(`at the end, copied is still ${copied}`);
