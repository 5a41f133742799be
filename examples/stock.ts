// A shared stock: suppliers add to it, shops take from it, all at once, and nothing is lost or sold twice.
import { Event, Process, Value } from 'multiprocess';

const ROUNDS = 20_000;
const stock = new Value('i32', 100); // a number in shared memory, and a lock to go with it
const sold = new Value('i32');
const open = new Event();

// Looking and changing belong together: nobody else may come in between, so both happen with the lock held.
function supplier() {
  open.waitSync();
  for (let i = 0; i < ROUNDS; i++) {
    stock.acquireSync(); // from Node.js 24 on, or in TypeScript that is compiled: `using held = stock.holdSync()`
    try {
      stock.value += 1;
    } finally {
      stock.release();
    }
  }
  console.log(`supplier ${process.pid}: delivered ${ROUNDS}`);
}

function shop() {
  open.waitSync();
  let taken = 0;
  for (let i = 0; i < ROUNDS; i++) {
    stock.acquireSync();
    try {
      if (stock.value > 0) {
        stock.value -= 1;
        taken += 1;
      }
    } finally {
      stock.release();
    }
  }
  sold.add(taken); // a single change is atomic by itself
  console.log(`shop ${process.pid}: took ${taken}, found nothing ${ROUNDS - taken} times`);
}

const processes = [supplier, supplier, shop, shop].map((target) => new Process({ target }));
for (const child of processes) child.start();
console.log(`parent ${process.pid}: ${stock.value} in stock, the doors open`);
open.set();
for (const child of processes) await child.join();
console.log(`parent ${process.pid}: 100 + ${2 * ROUNDS} - ${sold.value} = ${stock.value} in stock`);
