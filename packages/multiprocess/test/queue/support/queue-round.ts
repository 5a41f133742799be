/** A round with a queue: its producers and consumers are killed, others take their place, and then everything is counted. */
import { JoinableQueue, Queue, SimpleQueue } from 'multiprocess';
import { consume, GET_FORMS, handsOf, orderChecker, PUT_FORMS, produce } from './hands.ts';
import { type Item, isWhole } from './items.ts';
import { CONTROL, PRODUCERS, place, readLedger } from './ledger.ts';
import { faults, type Given, haveStarted, PATIENCE, pick, pickWay, someWork, strike } from './round.ts';
import { startWorker, type Worker } from './worker.ts';

/** Of each kind, at first; and how many of all are killed or stopped. */
const MOST = 2;
const STRIKES = 4;

/** Plain queue: what was put was got once, is still there, or died with a consumer. What is wrong otherwise. */
export async function plainRound(given: Given): Promise<string[]> {
  const { ledger, random, totals } = given;
  const queue = makeQueue(given, false);
  const wrong: string[] = [];
  const { producers, consumers, hands } = await stress(given, queue, false, wrong);
  const isShutDown = random() < 0.5; // the consumers get the rest, and end; or they are killed, and the rest is looked at here
  wrong.push(...(await endAll(producers)));
  if (isShutDown && queue instanceof Queue) {
    if (consumers.length === 0) consumers.push(startConsumer(given, queue, false));
    queue.shutdown();
    wrong.push(...(await endAll(consumers)));
  } else {
    for (const worker of consumers) {
      await worker.kill();
      totals.kills++;
      hands.most += worker.hands;
    }
    wrong.push(...(await drain(given, queue)));
    wrong.push(...(await checkUsable(queue)));
  }
  const { put, lost, doubled } = readLedger(ledger);
  if (doubled > 0) wrong.push(`${doubled} items were got twice`);
  if (lost.length > hands.most) wrong.push(`${lost.length} items were lost, ${hands.most} at most by kills: ${lost}`);
  totals.put += put;
  totals.lostInHands += lost.length;
  queue.close();
  return [...wrong, ...faults(ledger)];
}

/** Queue that redelivers: whatever was put is done in the end, and only what the killed had comes twice. */
export async function redeliveringRound(given: Given): Promise<string[]> {
  const { ledger, random, totals } = given;
  const queue = makeQueue(given, true) as JoinableQueue<Item>;
  const wrong: string[] = [];
  const { producers, consumers, hands } = await stress(given, queue, true, wrong);
  wrong.push(...(await endAll(producers)));
  if (consumers.length === 0) consumers.push(startConsumer(given, queue, true));
  const isShutDown = random() < 0.5;
  if (isShutDown) queue.shutdown();
  const isJoined = await queue.join(PATIENCE);
  if (!isJoined) wrong.push(`not joined: ${queue.unfinished()} of ${queue} unfinished, closing ${queue.line.closing}`);
  if (isShutDown) wrong.push(...(await endAll(consumers)));
  else {
    totals.kills += consumers.length;
    for (const worker of consumers) await worker.kill();
    wrong.push(...(await checkUsable(queue)));
  }
  const { put, undone, doubled } = readLedger(ledger);
  if (undone.length > 0) wrong.push(`${undone.length} items were not done: ${undone}`);
  if (doubled > hands.most) wrong.push(`${doubled} items came twice, ${hands.most} at most by kills`);
  if (queue.unfinished() !== 0) wrong.push(`${queue.unfinished()} items are unfinished`);
  totals.put += put;
  totals.redelivered += doubled;
  queue.close();
  return [...wrong, ...faults(ledger)];
}

function makeQueue({ random }: Given, redeliver: boolean): Queue<Item> | SimpleQueue<Item> {
  const maxSize = pick(random, [0, 0, 1, 3, 40]);
  const maxBytes = pick(random, [2 ** 30, 2 ** 30, 100_000]);
  if (redeliver) return new JoinableQueue({ maxSize, maxBytes, redeliver });
  return random() < 0.1 ? new SimpleQueue() : new Queue({ maxSize, maxBytes });
}

/** Starts everybody, and strikes. Who is left, and how many items the killed may have had. */
async function stress(given: Given, queue: Queue<Item> | SimpleQueue<Item>, isJoinable: boolean, wrong: string[]) {
  const { ledger, random } = given;
  const count = () => 1 + Math.floor(random() * MOST);
  let made = 0;
  const startProducer = () => {
    const forms = queue instanceof Queue ? PUT_FORMS : PUT_FORMS.filter((form) => !form.startsWith('many'));
    const form = pick(random, forms);
    const way = pickWay(given);
    return startWorker(`producer by ${form}`, way, 0, produce, [queue as Queue<Item>, ledger, made++, form]);
  };
  const producers = Array.from({ length: count() }, startProducer);
  const consumers = Array.from({ length: count() }, () => startConsumer(given, queue, isJoinable));
  const started = random() < 0.2 ? 1 : producers.length + consumers.length; // or in the midst of starting
  if (!(await haveStarted(ledger, started))) wrong.push('not everybody has started');
  const hands = { most: 0 };
  const strikes = 1 + Math.floor(random() * STRIKES);
  for (let i = 0; i < strikes; i++) {
    const group = pick(random, [producers, consumers]);
    if (group.length === 0) continue;
    const victim = await strike(given, group);
    if (!victim) continue;
    hands.most += victim.hands;
    if (group === consumers) group.push(startConsumer(given, queue, isJoinable));
    else if (made < PRODUCERS) group.push(startProducer());
  }
  await someWork(ledger, random() * 200);
  ledger.control[CONTROL.stop] = 1;
  return { producers, consumers, hands };
}

function startConsumer(given: Given, queue: Queue<Item> | SimpleQueue<Item>, isJoinable: boolean): Worker {
  const forms = queue instanceof Queue ? GET_FORMS : GET_FORMS.filter((form) => !form.startsWith('many'));
  const form = pick(given.random, forms);
  const way = pickWay(given);
  return startWorker(`consumer by ${form}`, way, handsOf(form), consume, [
    queue as Queue<Item>,
    given.ledger,
    form,
    isJoinable,
  ]);
}

async function endAll(workers: Worker[]): Promise<string[]> {
  const ends = await Promise.all(workers.map((worker) => worker.end(PATIENCE)));
  return ends.filter((end) => end !== undefined);
}

/** Gets what is left, here. */
async function drain({ ledger }: Given, queue: Queue<Item> | SimpleQueue<Item>): Promise<string[]> {
  const inOrder = orderChecker();
  while (!queue.isEmpty()) {
    const item = await queue.get(PATIENCE);
    ledger.got[place(item.producer, item.number)]!++;
    if (!isWhole(item)) ledger.control[CONTROL.torn]!++;
    if (!inOrder(item)) ledger.control[CONTROL.order]!++;
  }
  return [];
}

async function checkUsable(queue: Queue<any> | SimpleQueue<any>): Promise<string[]> {
  for (const value of ['x', 'y'.repeat(20_000), new Uint8Array(300_000)]) {
    await queue.put(value, PATIENCE);
    const back = await queue.get(PATIENCE);
    if (back.length !== value.length) return [`the queue gives ${back} for ${value}`];
    if (queue instanceof JoinableQueue) queue.taskDone();
  }
  return queue.isEmpty() ? [] : ['the queue is not empty in the end'];
}
