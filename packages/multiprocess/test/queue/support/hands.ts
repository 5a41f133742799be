/** Those who put and those who get, in every form, until they are told to stop or are killed. */
import { type JoinableQueue, MultiprocessError, type PipeConnection, type Queue } from 'multiprocess';
import { type Item, isWhole, makeItem } from './items.ts';
import { CONTROL, ITEMS, type Ledger, place } from './ledger.ts';

/** A batch of putMany or getMany. */
export const BATCH = 5;

const codeOf = (error: unknown) => (error instanceof MultiprocessError ? error.code : undefined);
const pick = (n: number) => Math.floor(Math.random() * n);

/** Says whether the items are in the queue: forms with a time limit may fail to put them. */
type Put = (queue: Queue<Item>, items: Item[]) => unknown;

const PUTS: Record<string, Put> = {
  sync: (queue, [item]) => queue.putSync(item!),
  promise: (queue, [item]) => queue.put(item!),
  many: (queue, items) => queue.putMany(items),
  manySync: (queue, items) => queue.putManySync(items),
  try: (queue, [item]) => queue.tryPut(item!),
  timed: (queue, [item]) => queue.put(item!, pick(3)),
  timedSync: (queue, [item]) => queue.putSync(item!, pick(3)),
  cancelled: (queue, [item]) => queue.put(item!, { signal: AbortSignal.timeout(pick(3)) }),
};
export const PUT_FORMS = Object.keys(PUTS);

/** Puts items, and notes each once its put has returned. */
export async function produce(queue: Queue<Item>, ledger: Ledger, producer: number, form: string): Promise<void> {
  const { control, tried, put } = ledger;
  Atomics.add(control, CONTROL.started, 1);
  for (let number = 0; number < ITEMS && control[CONTROL.stop] === 0; ) {
    const count = form.startsWith('many') ? Math.min(1 + pick(BATCH), ITEMS - number) : 1;
    const items = Array.from({ length: count }, (_, i) => makeItem(producer, number + i));
    tried[producer] = number + count;
    if (!(await succeeds(() => PUTS[form]!(queue, items)))) continue; // the same ones again: they are not in the queue
    for (let i = 0; i < count; i++) put[place(producer, number + i)] = 1;
    number += count;
  }
}

async function succeeds(put: () => unknown): Promise<boolean> {
  try {
    return (await put()) !== false;
  } catch (error) {
    if (!/ERR_MP_(QUEUE_FULL|CANCELLED)/.test(`${codeOf(error)}`)) throw error;
    return false;
  }
}

type Get = (queue: Queue<Item>) => Item[] | undefined | Promise<Item[]>;

const GETS: Record<string, Get> = {
  sync: (queue) => [queue.getSync()],
  promise: async (queue) => [await queue.get()],
  many: (queue) => queue.getMany(BATCH),
  manySync: (queue) => queue.getManySync(BATCH),
  try: (queue) => {
    const found = queue.tryGet();
    return found && [found.value];
  },
  timed: async (queue) => [await queue.get(pick(3))],
  timedSync: (queue) => [queue.getSync(pick(3))],
  cancelled: async (queue) => [await queue.get({ signal: AbortSignal.timeout(pick(3)) })],
};
export const GET_FORMS = Object.keys(GETS);
/** How many items a consumer of this form can have in its hands. */
export const handsOf = (form: string) => (form.startsWith('many') ? BATCH : 1);

/** Gets items until the queue is shut down, and notes each. */
export async function consume(queue: Queue<Item>, ledger: Ledger, form: string, isJoinable: boolean): Promise<void> {
  const { control, got, done } = ledger;
  const inOrder = orderChecker();
  Atomics.add(control, CONTROL.started, 1);
  for (;;) {
    let items: Item[] | undefined;
    try {
      items = await GETS[form]!(queue);
    } catch (error) {
      if (codeOf(error) === 'ERR_MP_QUEUE_SHUTDOWN') return;
      if (!/ERR_MP_(QUEUE_EMPTY|CANCELLED)/.test(`${codeOf(error)}`)) throw error;
    }
    if (!items) await new Promise((resolve) => setImmediate(resolve));
    for (const item of items ?? []) Atomics.add(got, place(item.producer, item.number), 1);
    for (const item of items ?? []) {
      if (!isWhole(item)) Atomics.add(control, CONTROL.torn, 1);
      if (!isJoinable && !inOrder(item)) Atomics.add(control, CONTROL.order, 1);
      if (!isJoinable) continue;
      Atomics.add(done, place(item.producer, item.number), 1);
      (queue as JoinableQueue<Item>).taskDone();
    }
  }
}

/** Whether an item comes after those of its producer that came before. */
export function orderChecker(): (item: Item) => boolean {
  const last = new Map<number, number>();
  return ({ producer, number }) => {
    const before = last.get(producer) ?? -1;
    last.set(producer, number);
    return number > before;
  };
}

/** Sends items as long as somebody receives them. */
export async function send(end: PipeConnection<Item>, ledger: Ledger, producer: number, form: string): Promise<void> {
  const { control, tried, put } = ledger;
  Atomics.add(control, CONTROL.started, 1);
  try {
    for (let number = 0; number < ITEMS; number++) {
      const item = makeItem(producer, number);
      tried[producer] = number + 1;
      if (form === 'sync') end.sendSync(item);
      else await end.send(item);
      put[place(producer, number)] = 1;
    }
  } catch (error) {
    if (codeOf(error) !== 'ERR_MP_PEER_GONE') throw error;
  }
}

/** Receives until the end. */
export async function receive(end: PipeConnection<unknown, Item>, ledger: Ledger, form: string): Promise<void> {
  const { control, got } = ledger;
  const inOrder = orderChecker();
  Atomics.add(control, CONTROL.started, 1);
  for (;;) {
    let item: Item;
    try {
      item = form === 'sync' ? end.recvSync() : await end.recv();
    } catch (error) {
      if (codeOf(error) === 'ERR_MP_EOF') return;
      throw error;
    }
    Atomics.add(got, place(item.producer, item.number), 1);
    if (!isWhole(item)) Atomics.add(control, CONTROL.torn, 1);
    if (!inOrder(item)) Atomics.add(control, CONTROL.order, 1);
  }
}
