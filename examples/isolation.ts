// A child has a memory of its own: what it changes is not seen by its parent.
import { Process } from 'multiprocess';

let n = 100;

const child = new Process({
  target: () => {
    console.log(`child  ${process.pid}: n is ${n}`);
    n = 0;
    console.log(`child  ${process.pid}: n is ${n} now, for me`);
  },
});

console.log(`parent ${process.pid}: n is ${n}`);
child.start(); // here the child gets its copy of n
await child.join();
console.log(`parent ${process.pid}: n is still ${n}`);
