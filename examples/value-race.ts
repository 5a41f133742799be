// Four processes count on one number. `+=` reads and writes, and what others wrote in between is lost.
import { Barrier, Process, Value } from 'multiprocess';

const PROCESSES = 4;
const ROUNDS = 200_000;

const ways = {
  // Two steps: 7 is read here and there, and 8 is written twice.
  'value += 1': (counter: Value<'i32'>) => {
    counter.value += 1;
  },
  // One step, by one machine instruction.
  'add(1)': (counter: Value<'i32'>) => {
    counter.add(1);
  },
  // Two steps, and nobody else in between.
  'with the lock': (counter: Value<'i32'>) => {
    counter.acquireSync();
    counter.value += 1;
    counter.release();
  },
};

function count(begin: Barrier, counter: Value<'i32'>, step: (counter: Value<'i32'>) => void) {
  begin.waitSync(); // until all are there
  for (let i = 0; i < ROUNDS; i++) step(counter);
}

console.log(`${PROCESSES} processes count to ${ROUNDS} each: ${PROCESSES * ROUNDS} together`);
for (const [name, step] of Object.entries(ways)) {
  const counter = new Value('i32');
  const begin = new Barrier(PROCESSES);
  const children = Array.from(
    { length: PROCESSES },
    () => new Process({ target: count, args: [begin, counter, step] }),
  );
  for (const child of children) child.start();
  for (const child of children) await child.join();
  console.log(`${name}: ${counter.value}, lost ${PROCESSES * ROUNDS - counter.value}`);
}
