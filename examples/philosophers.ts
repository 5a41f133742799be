// Dining philosophers (Dijkstra, 1965), each a process: five at a table, a fork between any two, and two forks to eat.
// If each takes the left one first, nobody ever gets a right one. In Python the program would hang; here one of them gets
// ERR_MP_DEADLOCK, gives its fork back, and the others eat. With the forks taken in the same order by all, everybody eats.
import { Barrier, type DeadlockError, Lock, Process } from 'multiprocess';

const NAMES = ['Plato', 'Aristotle', 'Hypatia', 'Confucius', 'Arendt'];
const forks = NAMES.map(() => new Lock());
const seated = new Barrier(NAMES.length);

async function dine(name: string, first: Lock, second: Lock, waitForAll: boolean) {
  await first.acquire();
  if (waitForAll) await seated.wait(); // the unlucky moment: everybody has one fork
  try {
    await second.acquire();
    console.log(`${name} eats`);
    second.release();
  } catch (error) {
    const { code, cycle } = error as DeadlockError;
    if (code !== 'ERR_MP_DEADLOCK') throw error;
    console.log(`${name} gets ${code}: ${cycle.map((link) => link.process).join(' waits for ')} waits for ${name}`);
    console.log(`${name} gives the fork back, hungry`);
  } finally {
    first.release();
  }
}

async function dinner(waitForAll: boolean, order: (seat: number) => [Lock, Lock]) {
  const philosophers = NAMES.map(
    (name, seat) => new Process({ name, target: dine, args: [name, ...order(seat), waitForAll] }),
  );
  for (const philosopher of philosophers) philosopher.start();
  for (const philosopher of philosophers) await philosopher.join();
}

const left = (seat: number) => forks[seat]!;
const right = (seat: number) => forks[(seat + 1) % NAMES.length]!;

console.log('the left fork first:');
await dinner(true, (seat) => [left(seat), right(seat)]);

console.log('the fork with the lower number first:');
await dinner(false, (seat) => (seat < NAMES.length - 1 ? [left(seat), right(seat)] : [right(seat), left(seat)]));
