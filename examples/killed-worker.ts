// A worker is killed in the middle of a map, as the kernel does when memory runs out. One task goes with it; all others are done, by the
// other worker and by the one that takes its place. (In Python Pool.map then waits for ever, and an executor is broken.)
import { Pool, Value, type WorkerDiedError } from 'multiprocess';

const NUMBERS = Array.from({ length: 1000 }, (_, i) => i);
const UNLUCKY = 400;
const kills = new Value('i32'); // how many there are to be: shared by all processes

function square(x: number) {
  if (x === UNLUCKY && kills.value > 0) {
    kills.add(-1);
    process.kill(process.pid, 'SIGKILL');
  }
  return x * x;
}

const pool = new Pool(2);
try {
  kills.value = 1;
  const outcomes = await pool.map(square, NUMBERS, { settle: true });
  const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
  console.log(`settled: ${outcomes.length - failed.length} squares, ${failed.length} failure`);
  for (const { index, reason } of failed) {
    const { code, pid, signal } = reason as WorkerDiedError;
    console.log(`  number ${index}: ${code}, process ${pid} was ended by ${signal}`);
  }

  // Without settle the promise would be rejected by that failure. What may run twice can be tried again instead.
  kills.value = 1;
  const squares = await pool.map(square, NUMBERS, { retries: 1 });
  const { deaths, retried } = pool.stats();
  console.log(`retried: ${squares.length} squares; ${deaths} workers have died by now, ${retried} task was run again`);
} finally {
  pool.close();
  await pool.join();
}
