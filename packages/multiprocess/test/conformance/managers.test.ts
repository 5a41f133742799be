/** CPython's cases of managers: containers, classes of one's own, remote use, and every type of SyncManager. */
import assert from 'node:assert/strict';
import {
  BaseManager,
  IteratorProxy,
  Manager,
  type MultiprocessError,
  Process,
  type SyncManager,
  sameReferent,
} from 'multiprocess';
import { untilEnd } from '../manager/support.ts';
import { conforms, conformsOnce } from './support.ts';

const code = (expected: string) => (error: MultiprocessError) => error.code === expected;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Runs `body` in another process; fails if it does. */
async function elsewhere<A extends unknown[]>(body: (...args: A) => unknown, ...args: A): Promise<void> {
  const child = new Process({ target: body, args } as never);
  child.start();
  await child.join();
  assert.equal(child.exitCode, 0);
}

conformsOnce('_TestContainers', 'test_list', async () => {
  const manager = untilEnd(await Manager());
  const a = await manager.list([...Array(10).keys()]);
  assert.deepEqual(await a.copy(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const b = await manager.list<number>();
  await b.extend([0, 1, 2, 3, 4]);
  assert.deepEqual([await b.get(2), await b.slice(2, 10)], [2, [2, 3, 4]]);
  assert.deepEqual([await b.length(), await b.count(2), await b.index(3)], [5, 1, 3]);
  const e = await manager.list<unknown>([a, b]);
  const [first] = (await e.slice(0, 1)) as [typeof a];
  await first.append(100);
  assert.equal(await a.get(-1), 100);
  assert.equal(await a.pop(), 100);
  await a.reverse();
  assert.deepEqual(await a.slice(0, 3), [9, 8, 7]);
  await a.sort();
  await a.insert(0, -1);
  assert.deepEqual([await a.remove(5), await a.length()], [true, 10]);
  const inner = await manager.list<string>();
  const outer = await manager.list<typeof inner>([inner]);
  await (await outer.get(0))!.append('hello');
  assert.deepEqual(await inner.copy(), ['hello']);
});

conformsOnce('_TestContainers', 'test_list_iter', async () => {
  const manager = untilEnd(await Manager());
  const list = await manager.list([...Array(10).keys()]);
  const iterator = list[Symbol.asyncIterator]();
  await list.set(0, 100);
  assert.deepEqual(await iterator.next(), { value: 100, done: false });
  assert.equal((await all(list)).length, 10);
});

conformsOnce('_TestContainers', 'test_list_proxy_in_list', async () => {
  const manager = untilEnd(await Manager());
  const a = await manager.list(await Promise.all([0, 1, 2].map(() => manager.list([0, 1, 2]))));
  for await (const inner of a) assert.deepEqual(await inner.copy(), [0, 1, 2]);
  await (await a.get(0))!.set(-1, 55);
  assert.deepEqual(await (await a.get(0))!.copy(), [0, 1, 55]);
  assert.deepEqual(await (await a.get(1))!.copy(), [0, 1, 2]);
  assert.equal(await (await a.get(1))!.length(), 3);
  const popped = (await a.pop(0))!;
  await popped.append(8);
  assert.deepEqual(await popped.copy(), [0, 1, 55, 8]);
  assert.equal(await a.length(), 2);
  const b = await manager.list<unknown>();
  await b.append(b);
  assert.ok(sameReferent((await b.get(0)) as typeof b, b));
});

conformsOnce('_TestContainers', 'test_dict', async () => {
  const manager = untilEnd(await Manager());
  const d = await manager.dict<number, string>();
  for (let i = 65; i < 70; i++) await d.set(i, String.fromCharCode(i));
  assert.deepEqual(
    await d.copy(),
    new Map([
      [65, 'A'],
      [66, 'B'],
      [67, 'C'],
      [68, 'D'],
      [69, 'E'],
    ]),
  );
  assert.deepEqual(
    [await d.keys(), await d.values()],
    [
      [65, 66, 67, 68, 69],
      ['A', 'B', 'C', 'D', 'E'],
    ],
  );
  assert.deepEqual(
    [await d.pop(65), await d.has(65), await d.size(), await d.setdefault(1, 'x')],
    ['A', false, 4, 'x'],
  );
  await d.clear();
  assert.equal(await d.size(), 0);
});

conformsOnce('_TestContainers', 'test_dict_iter', async () => {
  const manager = untilEnd(await Manager());
  const d = await manager.dict<number, string>([
    [65, 'A'],
    [66, 'B'],
  ]);
  assert.deepEqual(await all(d), [
    [65, 'A'],
    [66, 'B'],
  ]);
  await elsewhere(async (dict) => {
    for await (const [key, value] of dict) if (String.fromCharCode(key) !== value) process.exit(1);
  }, d);
});

conformsOnce('_TestContainers', 'test_dict_proxy_nested', async () => {
  const manager = untilEnd(await Manager());
  const pets = await manager.dict({ ferrets: 2, hamsters: 4 });
  const supplies = await manager.dict<string, unknown>({ water: 10, feed: 3 });
  const d = await manager.dict<string, any>({ pets, supplies });
  await (await d.get('supplies')).set('blankets', 5);
  assert.equal(await supplies.get('blankets'), 5);
  await d.pop('pets');
  await pets.set('marmots', 1);
  assert.equal(await pets.get('marmots'), 1);
  const outer = await manager.list([[], d] as unknown[]);
  d[Symbol.dispose]();
  assert.equal(await (await ((await outer.get(1)) as typeof d).get('supplies')).get('feed'), 3);
});

conformsOnce('_TestContainers', 'test_nested_queue', async () => {
  const manager = untilEnd(await Manager());
  const queue = await manager.Queue<string>();
  const [list, dict] = [await manager.list([queue]), await manager.dict({ queue })];
  await (await list.get(0))!.put('from the list');
  assert.equal(await (await dict.get('queue'))!.get(), 'from the list');
});

conformsOnce('_TestContainers', 'test_namespace', async () => {
  const manager = untilEnd(await Manager());
  const ns = await manager.Namespace();
  ns.name = 'Bob';
  ns.job = 'Builder';
  ns._hidden = 'hidden';
  assert.deepEqual([await ns.name, await ns.job], ['Bob', 'Builder']);
  await ns.delete('job');
  assert.deepEqual(await ns.copy(), { name: 'Bob' });
  assert.equal(await ns.has('job'), false);
});

class FooBar {
  f() {
    return 'f()';
  }
  g() {
    throw new RangeError('g');
  }
  _h() {
    return '_h()';
  }
}

const MyManager = class MyManager extends BaseManager {}
  .register('Foo', FooBar)
  .register('Bar', FooBar, { exposed: ['f', '_h'] })
  .register(
    'baz',
    function* () {
      for (let i = 0; i < 10; i++) yield i * i;
    },
    { proxyType: IteratorProxy },
  );

async function common(manager: InstanceType<typeof MyManager>): Promise<void> {
  const [foo, bar, baz] = [await manager.Foo(), await manager.Bar(), await manager.baz()];
  assert.deepEqual(
    ['f', 'g', '_h'].map((name) => name in foo),
    [true, true, false],
  );
  assert.deepEqual(
    ['f', 'g', '_h'].map((name) => name in bar),
    [true, false, true],
  );
  assert.equal(await foo.f(), 'f()');
  await assert.rejects(foo.g(), RangeError);
  assert.equal(await foo.callMethod('f'), 'f()');
  await assert.rejects(foo.callMethod('_h'), code('ERR_MP_INVALID_ARG'));
  assert.equal(await bar.f(), 'f()');
  assert.equal(await bar.callMethod('_h'), '_h()');
  assert.deepEqual(await all(baz), [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
}

conforms('_TestMyManager', 'test_mymanager', async ({ mp }) => {
  const manager = new MyManager({ context: mp });
  await manager.start();
  await common(manager);
  await manager.shutdown();
  assert.equal(await manager.join(0), true);
});

conformsOnce('_TestMyManager', 'test_mymanager_context', async () => {
  let pid: number;
  {
    const manager = new MyManager();
    await manager.start();
    pid = manager.pid!;
    await common(manager);
    await manager[Symbol.asyncDispose]();
  }
  assert.throws(() => process.kill(pid, 0));
});

conformsOnce('_TestMyManager', 'test_mymanager_context_prestarted', async () => {
  const started = new MyManager();
  await started.start();
  {
    const manager = started;
    await common(manager);
    await manager[Symbol.asyncDispose]();
  }
  assert.equal(await started.join(0), true);
});

class Queues {
  readonly values: unknown[] = [];
  put(value: unknown) {
    this.values.push(value);
  }
  get() {
    return this.values.shift();
  }
}

const QueueManager = (() => {
  let queue: Queues | undefined;
  return class QueueManager extends BaseManager {}.register('getQueue', () => {
    queue ??= new Queues();
    return queue;
  });
})();

const VALUES = [
  'hello world',
  null,
  true,
  2.25,
  'hall\u00e5 v\u00e4rlden',
  '\u043f\u0440\u0438\u0432\u0456\u0442',
  new TextEncoder().encode('hall\u00e5'),
];

conformsOnce('_TestRemoteManager', 'test_remote', async () => {
  const authKey = 'a key of its own';
  const manager = untilEnd(new QueueManager({ address: ['localhost', 0], authKey }));
  await manager.start();
  await elsewhere(
    async (address, key, values) => {
      const Remote = class extends BaseManager {}.register('getQueue');
      const remote = new Remote({ address, authKey: key });
      await remote.connect();
      await ((await remote.getQueue()) as any).put(values);
    },
    manager.address!,
    authKey,
    VALUES,
  );
  const second = new QueueManager({ address: manager.address, authKey });
  await second.connect();
  assert.deepEqual(await (await second.getQueue()).get(), VALUES);
  await assert.rejects((await second.getQueue()).put(new Promise(() => {})), code('ERR_MP_CAPTURE'));
});

conformsOnce('_TestManagerRestart', 'test_rapid_restart', async () => {
  const authKey = 'restart';
  const first = new QueueManager({ address: ['localhost', 0], authKey });
  await first.start();
  const { address } = first;
  await (await first.getQueue()).put('x');
  await first.shutdown();
  const again = new QueueManager({ address, authKey });
  await again.start();
  assert.deepEqual(again.address, address);
  assert.equal(await (await again.getQueue()).get(), undefined, 'another queue');
  await again.shutdown();
});

conformsOnce('_TestZZZNumberOfObjects', 'test_number_of_objects', async () => {
  const manager = untilEnd(await Manager());
  const proxies = await Promise.all([manager.dict(), manager.list(), manager.Lock(), manager.Queue()]);
  assert.equal(await manager.numberOfObjects(), 4);
  for (const proxy of proxies) proxy[Symbol.dispose]();
  assert.equal(await manager.numberOfObjects(), 0, await manager.debugInfo());
});

/** A case of TestSyncManagerTypes: `body` gets the object in another process, `check` here. */
async function checkType<O>(
  make: (manager: SyncManager) => Promise<O>,
  body: (object: O) => unknown,
  check?: (object: O) => unknown,
): Promise<void> {
  const manager = untilEnd(await Manager());
  const object = await make(manager);
  await elsewhere(body as never, object);
  await check?.(object);
}

/** In another process: ends it with an error unless all are so. */
const must = (...conditions: boolean[]) => {
  if (!conditions.every(Boolean)) throw new Error(`not so: ${conditions}`);
};

conformsOnce('TestSyncManagerTypes', 'test_event', () =>
  checkType(
    (m) => m.Event(),
    async (event) => {
      must(!(await event.isSet()), !(await event.wait(1)));
      await event.set();
      must(await event.isSet(), await event.wait());
    },
    async (event) => assert.equal(await event.isSet(), true),
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_lock', () =>
  checkType(
    (m) => m.Lock(),
    async (lock) => {
      must(await lock.acquire(), await lock.locked(), !(await lock.tryAcquire()));
      await lock.release();
      must(!(await lock.locked()));
    },
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_rlock', () =>
  checkType(
    (m) => m.RLock(),
    async (lock) => {
      must(await lock.acquire(), await lock.acquire(), await lock.locked());
      await lock.release();
      must(await lock.locked());
      await lock.release();
      must(!(await lock.locked()));
    },
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_semaphore', () =>
  checkType(
    (m) => m.Semaphore(2),
    async (semaphore) => {
      must(await semaphore.acquire(), await semaphore.acquire(), !(await semaphore.acquire(1)));
      await semaphore.release(2);
    },
    async (semaphore) => assert.equal(await semaphore.getValue(), 2),
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_bounded_semaphore', () =>
  checkType(
    (m) => m.BoundedSemaphore(),
    async (semaphore) => {
      must(await semaphore.acquire());
      await semaphore.release();
      must(
        await semaphore.release().then(
          () => false,
          (error) => error.code === 'ERR_MP_RELEASED_TOO_OFTEN',
        ),
      );
    },
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_condition', () =>
  checkType(
    (m) => m.Condition(),
    async (condition) => {
      await condition.acquire();
      must(!(await condition.wait(1)), await condition.locked());
      await condition.notifyAll();
      await condition.release();
    },
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_barrier', () =>
  checkType(
    (m) => m.Barrier(1),
    async (barrier) => {
      must((await barrier.parties()) === 1, (await barrier.nWaiting()) === 0, (await barrier.wait()) === 0);
      await barrier.abort();
      must(await barrier.broken());
      await barrier.reset();
    },
    async (barrier) => assert.equal(await barrier.broken(), false),
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_pool', () =>
  checkType(
    (m) => m.Pool(1),
    async (pool) => {
      must((await pool.apply((n: number) => n + 1, [1])) === 2, (await pool.map(String, [1])).join() === '1');
    },
    async (pool) => {
      await pool.close();
      await pool.join();
    },
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_queue', () =>
  checkType(
    (m) => m.Queue<number>(2),
    async (queue) => {
      await queue.put(1);
      await queue.put(2);
      must(
        await queue.isFull(),
        (await queue.size()) === 2,
        (await queue.get()) === 1,
        (await queue.get()) === 2,
        await queue.isEmpty(),
      );
    },
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_joinable_queue', () =>
  checkType(
    (m) => m.JoinableQueue<number>(),
    async (queue) => {
      await queue.put(1);
      await queue.get();
      must(!(await queue.join(1)));
      await queue.taskDone();
      must(await queue.join());
    },
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_list', () =>
  checkType(
    (m) => m.list<number>(),
    async (list) => {
      await list.extend([3, 1]);
      await list.append(2);
      must((await list.get(0)) === 3, (await list.length()) === 3, await list.includes(1));
      await list.sort();
    },
    async (list) => assert.deepEqual(await list.copy(), [1, 2, 3]),
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_dict', () =>
  checkType(
    (m) => m.dict<string, number>(),
    async (dict) => {
      await dict.set('foo', 5);
      must(
        await dict.has('foo'),
        (await dict.get('foo')) === 5,
        (await dict.size()) === 1,
        (await dict.popitem())?.[0] === 'foo',
      );
    },
    async (dict) => assert.equal(await dict.size(), 0),
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_value', () =>
  checkType(
    (m) => m.Value('i', 1),
    async (value) => {
      must((await value.value) === 1);
      value.value = 2;
      must((await value.get()) === 2);
    },
    async (value) => assert.equal(await value.value, 2),
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_array', () =>
  checkType(
    (m) => m.Array('i', [0, 1]),
    async (array) => {
      must((await array.length()) === 2, (await array.get(0)) === 0);
      await array.set(0, 7);
    },
    async (array) => assert.deepEqual(await array.copy(), [7, 1]),
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_namespace', () =>
  checkType(
    (m) => m.Namespace(),
    async (ns) => {
      ns.x = 1;
      must((await ns.x) === 1);
    },
    async (ns) => assert.equal(await ns.x, 1),
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_set', () =>
  checkType(
    (m) => m.set(['a', 'b']),
    async (set) => {
      must(
        (await set.union(['c'])).size === 3,
        (await set.intersection(['a'])).has('a'),
        (await set.difference(['a'])).has('b'),
      );
      must(
        await set.isSubsetOf(['a', 'b', 'c']),
        await set.isDisjointFrom(['x']),
        (await set.symmetricDifference(['a'])).size === 1,
      );
      await set.add('d');
    },
    async (set) => assert.equal(await set.has('d'), true),
  ),
);

conformsOnce('TestSyncManagerTypes', 'test_set_init', async () => {
  const manager = untilEnd(await Manager());
  for (const values of [
    'ab',
    ['a', 'b'],
    new Set(['a', 'b']),
    new Map([
      ['a', 1],
      ['b', 2],
    ])
      .keys()
      .toArray(),
  ]) {
    assert.deepEqual(await (await manager.set(values)).copy(), new Set(['a', 'b']));
  }
});

conformsOnce('TestSyncManagerTypes', 'test_set_contain_all_method', async () => {
  const manager = untilEnd(await Manager());
  const set = await manager.set();
  const names = [
    'add',
    'has',
    'delete',
    'clear',
    'values',
    'union',
    'intersection',
    'difference',
    'symmetricDifference',
    'isSubsetOf',
    'isSupersetOf',
    'isDisjointFrom',
  ];
  assert.deepEqual(
    names.filter((name) => !(name in set) || !(`${name}Sync` in set)),
    [],
  );
});

conformsOnce('TestInitializers', 'test_manager_initializer', async () => {
  const manager = new BaseManager();
  await assert.rejects(manager.start(1 as never), code('ERR_MP_INVALID_ARG'));
  const ns = await untilEnd(await Manager()).Namespace({ test: 0 });
  const other = untilEnd(new BaseManager());
  await other.start((target: typeof ns) => target.set('test', 1), [ns]);
  assert.equal(await ns.get('test'), 1);
});
