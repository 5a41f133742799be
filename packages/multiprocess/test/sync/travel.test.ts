/** Ways for a shared object from one process or thread to another, and what arrives. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, Semaphore } from 'multiprocess';
import { dumps, loadsSync } from '../../dist/transport/index.js';
import { onEachMethod } from '../process/support/matrix.ts';
import { onEachWay, start } from './crew.ts';

const all = () => ({
  lock: new Lock(),
  rlock: new RLock(),
  semaphore: new Semaphore(3),
  bounded: new BoundedSemaphore(2),
  condition: new Condition(),
  event: new Event(),
  barrier: new Barrier(2),
});

/** Leaves a mark on every one of them that any process can see. */
function markAll({ lock, rlock, semaphore, bounded, condition, event, barrier }: ReturnType<typeof all>): string[] {
  lock.acquireSync(0);
  rlock.acquireSync(0);
  semaphore.acquireSync(0);
  bounded.acquireSync(0);
  condition.acquireSync(0);
  event.set();
  barrier.abort();
  return [lock, rlock, semaphore, bounded, condition, event, barrier].map((one) => one.constructor.name);
}

onEachWay('each kind arrives as what it is', async ({ way }) => {
  const objects = all();
  const member = start(way, (given: ReturnType<typeof all>, mark: typeof markAll) => mark(given), objects, markAll);
  const names = ['Lock', 'RLock', 'Semaphore', 'BoundedSemaphore', 'Condition', 'Event', 'Barrier'];
  assert.deepEqual(await member.result, names);
  // The member has ended: what it held is free again, and was its last owner's.
  assert.equal(objects.event.isSet(), true);
  assert.equal(objects.barrier.broken, true);
  assert.equal(objects.semaphore.getValue(), 3);
  for (const lock of [objects.lock, objects.rlock, objects.condition.lock]) {
    assert.equal(lock.token, 1);
    assert.equal(lock.tryAcquire(), true);
    assert.equal(lock.abandoned, true);
    lock.release();
  }
});

onEachMethod('captured, in args, in kwargs, nested, in maps and sets, as a field of an instance', async ({ mp }) => {
  const seen = new mp.Semaphore(0);
  class Account {
    readonly lock = new mp.Lock();
    readonly event = new mp.Event();
    touch() {
      this.event.set();
      return this.lock.tryAcquire();
    }
    get touched() {
      return this.event.isSet();
    }
  }
  const account = new Account();
  const [event, nested, keyed] = [new mp.Event(), new mp.Event(), new mp.Event()];
  const child = new mp.Process({
    target: (given: Semaphore, deep: any, map: Map<Event, Event>, options: any) => {
      event.set(); // captured
      deep.a[1].set();
      for (const [key, value] of map) if (key === value) key.set();
      if (account.touch()) given.release();
      options.also.release();
    },
    args: [seen, { a: [0, nested] }, new Map([[keyed, keyed]])] as never,
    kwargs: { also: seen },
  });
  child.start();
  await child.join();
  assert.equal(child.exitCode, 0);
  assert.deepEqual([event, nested, keyed].map(String), Array(3).fill('Event(set)'));
  assert.equal(account.touched, true);
  assert.equal(seen.getValue(), 2);
});

onEachWay('the same object twice in a message is one object', async ({ way, mp }) => {
  const [lock, event] = [new mp.Lock(), new mp.Event()];
  const condition = new mp.Condition(lock);
  const same = (a: Lock, b: { lock: Lock }, c: Condition, d: Event[]) => [
    a === b.lock,
    a === c.lock,
    a === lock,
    d[0] === d[1] && d[0] === event,
  ];
  const member = start(way, same, lock, { lock }, condition, [event, event]);
  assert.deepEqual(await member.result, [true, true, true, true]);
});

onEachMethod('a task returns objects', async ({ mp }) => {
  const pool = new mp.Pool(1);
  try {
    const made = await pool.apply(() => {
      const lock = new mp.Lock();
      lock.acquireSync();
      return { lock, events: [new mp.Event(), new mp.Event()], semaphore: new mp.Semaphore(5) };
    }, []);
    assert.equal(made.lock.locked(), true);
    assert.equal(made.semaphore.getValue(), 5);
    made.events[0]!.set();
    const seen = await pool.apply((events: Event[]) => events.map((event) => event.isSet()), [made.events]);
    assert.deepEqual(seen, [true, false]);
    const given = new mp.Lock();
    const back = await pool.apply((lock: Lock) => lock, [given]);
    back.acquireSync();
    assert.equal(given.locked(), true, 'what comes back is the same lock');
    given.release();
  } finally {
    pool.close();
    await pool.join();
  }
});

onEachMethod('grandchildren use them, too', async ({ mp }) => {
  const lock = new mp.Lock();
  const count = new mp.Semaphore(0);
  const grow = async (depth: number): Promise<void> => {
    const held = await lock.hold();
    count.release();
    held[Symbol.dispose]();
    if (depth === 0) return;
    const children = [1, 2].map(() => new mp.Process({ target: grow, args: [depth - 1] }));
    for (const child of children) child.start();
    for (const child of children) await child.join();
  };
  await grow(2);
  assert.equal(count.getValue(), 1 + 2 + 4);
  assert.equal(lock.token, 7);
});

test('a handle from another realm is refused', () => {
  const foreign = [new Lock(), new Condition(), new Barrier(2), new Semaphore()].map((object) => dumps(object));
  for (const bytes of foreign) assert.doesNotThrow(() => loadsSync(bytes));
  const index = new URL('../../dist/index.js', import.meta.url).href;
  const transport = new URL('../../dist/transport/index.js', import.meta.url).href;
  const text = `
    import { Lock } from ${JSON.stringify(index)};
    import { loadsSync } from ${JSON.stringify(transport)};
    new Lock();
    for (const bytes of ${JSON.stringify(foreign.map((bytes) => [...bytes]))}) {
      try { console.log(String(loadsSync(new Uint8Array(bytes)))); } catch (error) { console.log(error.code, error.message); }
    }`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', text], { encoding: 'utf8' });
  assert.equal(stdout.match(/^ERR_MP_BAD_HANDLE .*it comes from another realm$/gm)?.length, 4, stdout + stderr);
});
