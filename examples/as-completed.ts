// Futures: what has been submitted, and is not there yet. asCompleted() gives each once it is done, whichever is first; a task that fails
// fails alone.
import { setTimeout as sleep } from 'node:timers/promises';
import { asCompleted, type Future, ProcessPoolExecutor } from 'multiprocess';

async function cook(dish: string, minutes: number): Promise<string> {
  await sleep(minutes * 5);
  if (dish === 'soufflé') throw new Error('the soufflé has collapsed');
  return `${dish}: ready after ${minutes} minutes`;
}

const executor = new ProcessPoolExecutor({ maxWorkers: 4 });
try {
  const dishes: [dish: string, minutes: number][] = [
    ['roast', 90],
    ['soufflé', 50],
    ['egg', 10],
    ['potatoes', 30],
  ];
  const orders: Future<string>[] = dishes.map(([dish, minutes]) => executor.submit(cook, dish, minutes));
  console.log(`ordered: ${dishes.map(([dish]) => dish).join(', ')}`);

  for await (const order of asCompleted(orders)) {
    try {
      console.log(await order); // it is done: this does not wait
    } catch (error) {
      console.log(`one has failed: ${(error as Error).message}`);
    }
  }

  // What no worker has begun can still be cancelled.
  const late = dishes.concat(dishes).map(() => executor.submit(cook, 'cake', 20));
  console.log(`the last cake is cancelled: ${late.at(-1)!.cancel()}`);
  console.log(`and the first one? ${await late[0]}`);
} finally {
  await executor.shutdown({ cancelFutures: true });
}
