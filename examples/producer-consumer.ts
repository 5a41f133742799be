// Producer and consumer: a bakery. To bake a loaf takes a while, and so does to sell one. One after the other, the times add
// up. With a queue between them both work at once: the baker puts, the seller gets, and waits while the shelf is empty.
// A JoinableQueue also knows when everything is sold: sellers say taskDone() for each loaf, and join() waits for the last.
import { Barrier, JoinableQueue, Process, Queue, Value } from 'multiprocess';

const LOAVES = 24;
const BAKE = 40; // ms for a loaf
const SELL = 40;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function bake(number: number): Promise<string> {
  await wait(BAKE);
  return `loaf ${number}`;
}

async function sell(_loaf: string, sold: Value<'i'>): Promise<void> {
  await wait(SELL);
  sold.add(1);
}

async function bakery(shelf: Queue<string>, opening: Barrier, baking: Value<'i'>, from: number, to: number) {
  await opening.wait();
  for (let number = from; number < to; number++) await shelf.put(await bake(number)); // waits while the shelf is full
  if (baking.add(-1) === 0) shelf.shutdown(); // the last baker: nothing more will come
}

async function shop(shelf: Queue<string>, opening: Barrier, closing: Barrier, sold: Value<'i'>) {
  await opening.wait();
  for await (const loaf of shelf) await sell(loaf, sold); // ends when the queue is shut down and empty
  await closing.wait();
}

async function shopForEver(shelf: JoinableQueue<string>, opening: Barrier, sold: Value<'i'>) {
  await opening.wait();
  for (;;) {
    await sell(await shelf.get(), sold);
    shelf.taskDone();
  }
}

/** One after the other, here. */
async function sequential(sold: Value<'i'>): Promise<number> {
  const opened = performance.now();
  for (let number = 0; number < LOAVES; number++) await sell(await bake(number), sold);
  return performance.now() - opened;
}

/** So many bakers and sellers, each a process, and a shelf for four loaves. */
async function withQueue(sold: Value<'i'>, bakers: number, sellers: number): Promise<number> {
  const shelf = new Queue<string>({ maxSize: 4 });
  const opening = new Barrier(bakers + sellers + 1); // everybody has started: from here the clock runs
  const closing = new Barrier(sellers + 1);
  const baking = new Value('i', bakers);
  const share = LOAVES / bakers;
  for (let i = 0; i < bakers; i++) {
    new Process({ target: bakery, args: [shelf, opening, baking, i * share, (i + 1) * share] }).start();
  }
  for (let i = 0; i < sellers; i++) new Process({ target: shop, args: [shelf, opening, closing, sold] }).start();
  await opening.wait();
  const opened = performance.now();
  await closing.wait();
  return performance.now() - opened;
}

/** The sellers are daemons that never end by themselves: join() tells when the work is done. */
async function withJoin(sold: Value<'i'>, sellers: number): Promise<number> {
  const shelf = new JoinableQueue<string>();
  const opening = new Barrier(sellers + 1);
  for (let i = 0; i < sellers; i++) {
    new Process({ target: shopForEver, args: [shelf, opening, sold], daemon: true }).start();
  }
  await opening.wait();
  const opened = performance.now();
  for (let number = 0; number < LOAVES; number++) await shelf.put(await bake(number));
  await shelf.join();
  return performance.now() - opened;
}

const ways: [name: string, run: (sold: Value<'i'>) => Promise<number>][] = [
  ['one after the other', sequential],
  ['Queue, 1 baker, 1 seller', (sold) => withQueue(sold, 1, 1)],
  ['JoinableQueue, 1 baker, 1 seller', (sold) => withJoin(sold, 1)],
  ['Queue, 3 bakers, 3 sellers', (sold) => withQueue(sold, 3, 3)],
];
console.log(`${LOAVES} loaves: ${BAKE} ms to bake one, ${SELL} ms to sell one`);
for (const [name, run] of ways) {
  const sold = new Value('i');
  const ms = Math.round(await run(sold));
  console.log(
    `${name.padEnd(33)} ${sold.value} sold  ${String(ms).padStart(5)} ms  ${'#'.repeat(Math.round(ms / 50))}`,
  );
}
