/** One of everything, processes that use it without rest, and what must be true when some of them have been killed. */
import { Barrier, BoundedSemaphore, Condition, Event, Lock, Process, RawArray, RLock, Semaphore } from 'multiprocess';

const PERMITS = 3;
/** Words of the shared counters: who is inside each lock, broken promises, and from OPS on the operations of each worker. */
const INSIDE = 0;
const VIOLATIONS = 8;
export const OPS = 16;
/** Nothing that is usable takes this long, in ms, however busy the machine. */
const PATIENCE = 20_000;

export function makeShared(workers: number) {
  return {
    locks: [new Lock(), new Lock(), new RLock()],
    semaphores: [new Semaphore(PERMITS), new BoundedSemaphore(PERMITS)],
    condition: new Condition(),
    event: new Event(),
    barrier: new Barrier(2),
    counters: new RawArray('i32', OPS + workers).array as Int32Array,
  };
}

export type Shared = ReturnType<typeof makeShared>;

export function startWorker(shared: Shared, index: number): Process {
  const worker = new Process({ target: useAll, args: [shared, index], daemon: true });
  worker.start();
  return worker;
}

/** Uses whatever comes, blocking or not, until it is killed. */
async function useAll(shared: Shared, index: number): Promise<void> {
  const { locks, semaphores, condition, event, barrier, counters } = shared;
  const pick = (n: number) => Math.floor(Math.random() * n);

  const inside = (n: number, body: () => void) => {
    const lock = locks[n]!;
    if (counters[INSIDE + n] !== 0 && !lock.abandoned) Atomics.add(counters, VIOLATIONS, 1);
    counters[INSIDE + n] = process.pid;
    body();
    if (counters[INSIDE + n] !== process.pid) Atomics.add(counters, VIOLATIONS, 1);
    counters[INSIDE + n] = 0;
  };
  const linger = () => {
    for (let i = pick(200); i > 0; i--) Math.sqrt(i);
  };
  const operations: (() => unknown)[] = [
    () => {
      const n = pick(3);
      locks[n]!.acquireSync();
      inside(n, linger);
      locks[n]!.release();
    },
    async () => {
      const n = pick(2);
      if (!(await locks[n]!.acquire(pick(10)))) return;
      inside(n, linger);
      locks[n]!.release();
    },
    async () => {
      const n = pick(2);
      const held = await locks[n]!.acquire({ signal: AbortSignal.timeout(pick(5)) }).catch(() => false);
      if (!held) return;
      inside(n, linger);
      locks[n]!.release();
    },
    () => {
      locks[2]!.acquireSync();
      locks[2]!.acquireSync();
      inside(2, linger);
      locks[2]!.release();
      locks[2]!.release();
    },
    () => {
      const semaphore = semaphores[pick(2)]!;
      semaphore.acquireSync();
      linger();
      semaphore.release();
    },
    async () => {
      const semaphore = semaphores[pick(2)]!;
      await semaphore.acquire();
      linger();
      semaphore.release();
    },
    async () => {
      await condition.acquire();
      await condition.wait(pick(5));
      condition.release();
    },
    () => {
      condition.acquireSync();
      condition.notify(1 + pick(2));
      condition.release();
    },
    () => event.set(),
    () => event.clear(),
    () => event.waitSync(pick(3)),
    () => event.wait(pick(3)),
    () => barrier.wait(pick(5)).catch(() => barrier.reset()),
  ];
  for (;;) {
    await operations[pick(operations.length)]!();
    Atomics.add(counters, OPS + index, 1);
  }
}

/** Waits until each of these workers has done something more; what is wrong otherwise. */
export async function stillWorking({ counters }: Shared, indices: readonly number[]): Promise<string | undefined> {
  const before = indices.map((index) => Atomics.load(counters, OPS + index));
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const stuck = indices.filter((index, i) => Atomics.load(counters, OPS + index) === before[i]);
    if (stuck.length === 0) return undefined;
    if (Date.now() > deadline) return `worker ${stuck.join(' and ')} did nothing for ${PATIENCE} ms`;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** When nobody is left: everything can be used, and no permit is lost or too many. What is wrong otherwise. */
export async function inspect(shared: Shared): Promise<string[]> {
  const { locks, semaphores, condition, event, barrier, counters } = shared;
  const wrong: string[] = [];
  for (const lock of locks) {
    if (!lock.acquireSync(PATIENCE)) wrong.push(`${lock} cannot be acquired`);
    else lock.release();
  }
  for (const semaphore of semaphores) {
    if (semaphore.getValue() !== PERMITS) wrong.push(`${semaphore} has not ${PERMITS} permits`);
    for (let i = 0; i < PERMITS; i++) if (!semaphore.tryAcquire()) wrong.push(`${semaphore} gives no permit`);
    if (semaphore.tryAcquire()) wrong.push(`${semaphore} gives too many permits`);
    semaphore.release(PERMITS);
  }
  if (!condition.acquireSync(PATIENCE)) wrong.push(`${condition} cannot be acquired`);
  else {
    condition.notifyAll();
    condition.release();
  }
  event.clear();
  if (await event.wait(0)) wrong.push('the event is set');
  event.set();
  if (!(await event.wait(PATIENCE))) wrong.push('the event is not set');
  barrier.reset();
  const indices = await Promise.all([barrier.wait(PATIENCE), barrier.wait(PATIENCE)]).catch((error) => [error]);
  if (String(indices.sort()) !== '0,1') wrong.push(`the barrier gave ${indices}`);
  const violations = Atomics.load(counters, VIOLATIONS);
  if (violations > 0) wrong.push(`two were inside a lock at once, ${violations} times`);
  counters.fill(0, 0, OPS);
  return wrong;
}
