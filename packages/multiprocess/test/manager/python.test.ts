/** Real CPython at the other end of a manager, in both roles. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BaseManager, type MultiprocessError, SyncManager } from 'multiprocess';
import { Peer, python, pythons, skip } from '../connection/support/python.ts';
import { untilEnd } from './support.ts';

const code = (expected: string) => (error: MultiprocessError) => error.code === expected;
const KEY = 'correct horse';

class Counter {
  total = 0;
  addTo(n: number) {
    this.total += n;
    return this.total;
  }
  fail() {
    throw new RangeError('boom');
  }
  *history() {
    yield 1;
    yield 2;
  }
  self() {
    return this;
  }
}

const Shop = class Shop extends SyncManager {}
  .register('Counter', Counter, { methodToTypeid: { history: 'Iterator' } })
  .register(
    'shared',
    (() => {
      const values = new Map<string, unknown>();
      return () => values;
    })(),
  );

/** Managers of ours, and a Python program with the client `m`. */
async function withClient(
  program: string,
  body: (manager: InstanceType<typeof Shop>, peer: Peer) => Promise<void>,
  peer = python,
) {
  const manager = untilEnd(new Shop({ address: ['127.0.0.1', 0], authKey: KEY, allowMd5: peer.isOld }));
  await manager.start();
  const client = new Peer(
    `
from multiprocessing.managers import BaseManager, SyncManager, IteratorProxy
import queue
for name in ['Counter', 'shared']: SyncManager.register(name)
m = SyncManager(address=tuple(arg['address']), authkey=arg['key'].encode())
m.connect()
def error(f):
    try: f()
    except Exception as e: return [type(e).__name__, str(e)]
${program}`,
    { address: manager.address, key: KEY },
    peer,
  );
  await body(manager, client);
  await client.end();
}

for (const peer of pythons) {
  test(`a Python ${peer.version} program uses our queue, and we see it`, { skip }, async () => {
    const program = `
q = m.Queue()
s = m.shared()
s.set('n', 1)
q.put({'a': [1, None, (2.5, True)], 'b': b'x'})
say(q.get())
say(error(lambda: q.get(timeout=0.01)))
`.replace('say(q.get())', 'say(repr(q.get()))');
    await withClient(
      program,
      async (manager, client) => {
        assert.equal(await client.hear(), "{'a': [1, None, [2.5, True]], 'b': b'x'}");
        assert.deepEqual(await client.hear(), ['Empty', '']);
        assert.equal(await (await manager.shared()).get('n'), 1);
      },
      peer,
    );
  });

  test(`our program uses the queue of a Python ${peer.version} manager`, { skip }, async () => {
    const server = new Peer(
      `
from multiprocessing.managers import BaseManager
import queue
q = queue.Queue(2)
class M(BaseManager): pass
M.register('get_queue', lambda: q)
m = M(address=('127.0.0.1', 0), authkey=arg.encode())
s = m.get_server()
say(s.address[1])
s.serve_forever()
`,
      KEY,
      peer,
    );
    const Theirs = class extends BaseManager {}.register('get_queue');
    const options = { address: ['127.0.0.1', await server.hear<number>()] as const, allowMd5: peer.isOld };
    await assert.rejects(new Theirs({ ...options, authKey: 'wrong' }).connect(), code('ERR_MP_AUTH'));
    const manager = new Theirs({ ...options, authKey: KEY });
    await manager.connect();
    const queue = (await manager.get_queue()) as any;
    await queue.put({ a: [1, null], b: new Map([[1, 'x']]) });
    assert.equal(queue.qsizeSync(), 1);
    assert.deepEqual(await queue.get(), { a: [1, null], b: new Map([[1, 'x']]) });
    await assert.rejects(queue.getNowait(), code('ERR_MP_QUEUE_EMPTY'));
    const later = queue.get();
    await queue.put('later');
    assert.equal(await later, 'later', 'a call that waits does not hold up others');
    server.process.kill('SIGKILL');
    await assert.rejects(queue.get(), code('ERR_MP_PEER_GONE'));
    await assert.rejects(queue.put(1), (error: MultiprocessError) =>
      /ERR_MP_(PEER_GONE|ADDRESS|AUTH)/.test(error.code),
    );
  });
}

test('Python’s proxies of the usual types', { skip }, async () => {
  const program = `
d = m.dict({'a': 1}); d['b'] = [1, {'x': None}]
say([len(d), d['b'], sorted(d.keys()), 'a' in d, d.get('zz'), d.pop('a'), error(lambda: d['zz'])])
say([[k for k in d], d.copy(), d.setdefault('c', 3)])
l = m.list([3, 1, 2]); l.sort(); l.append(4); l[0] = 9
say([l[:], l[1:3], len(l), l.pop(), l.index(2), error(lambda: l[99]), error(lambda: l.remove(77)), 3 in l])
q = m.JoinableQueue(1); q.put('x')
say([q.full(), q.qsize(), error(lambda: q.put(1, timeout=0.01))[0], q.get(), q.empty()]); q.task_done(); q.join()
lock = m.RLock()
with lock: say([lock.acquire(False), lock.release()])
say(error(lock.release)[0])
e = m.Event(); say([e.wait(0.01), e.set(), e.is_set(), e.wait()])
ns = m.Namespace(); ns.x = 5; say([ns.x, error(lambda: ns.y)[0]])
v = m.Value('i', 3); v.value = 4; a = m.Array('i', [1, 2, 3]); a[0] = 7; say([v.value, a[0], len(a), a[:]])
b = m.Barrier(1); say([b.wait(), b.parties, b.n_waiting, b.broken])
c = m.Condition()
with c: say([c.wait(0.01), c.notify(), c.notify_all()])
`;
  await withClient(program, async (_, client) => {
    const said = [
      [2, [1, { x: null }], ['a', 'b'], true, null, 1, ['KeyError', "'zz'"]],
      [['b'], { b: [1, { x: null }] }, 3],
      [
        [9, 2, 3, 4],
        [2, 3],
        4,
        4,
        1,
        ['IndexError', 'list index out of range'],
        ['ValueError', 'list.remove(x): x not in list'],
        true,
      ],
      [true, 1, 'Full', 'x', true],
      [true, null],
      'AssertionError',
      [false, null, true, true],
      [5, 'AttributeError'],
      [4, 7, 3, [7, 2, 3]],
      [0, 1, 0, false],
      [false, null, null],
    ];
    for (const expected of said) assert.deepEqual(await client.hear(), expected);
  });
});

test('classes of our own in Python: names, errors, iterators, what cannot be sent, and reference counts', {
  skip,
}, async () => {
  const program = `
c = m.Counter()
say([c.add_to(3), c.addTo(1), error(c.fail), list(c.history())])
say([error(lambda: c._callmethod('nope'))[0], error(c.self)[0], error(lambda: m.nothing())[0]])
m.register('nothing')
say(error(lambda: m.nothing())[0])
n = m._number_of_objects()
del c
say([n, m._number_of_objects()])
`;
  await withClient(program, async (_, client) => {
    assert.deepEqual(await client.hear(), [3, 4, ['ValueError', 'boom'], [1, 2]]);
    assert.deepEqual(await client.hear(), ['RemoteError', 'RemoteError', 'AttributeError']);
    assert.equal(await client.hear(), 'RemoteError');
    assert.deepEqual(await client.hear(), [1, 0]);
  });
});

test('a Python client that is killed while it holds a lock lets go of it', { skip }, async () => {
  const manager = untilEnd(new Shop({ address: ['127.0.0.1', 0], authKey: KEY, allowMd5: true }));
  await manager.start();
  const lock = await manager.Lock();
  await (await manager.shared()).set('lock', lock);
  const client = new Peer(
    `
from multiprocessing.managers import SyncManager
SyncManager.register('shared')
m = SyncManager(address=tuple(arg['address']), authkey=arg['key'].encode())
m.connect()
lock = m.shared().get('lock')
say(lock.acquire())
sys.stdin.read()
`,
    { address: manager.address, key: KEY },
  );
  assert.equal(await client.hear(), true);
  assert.equal(await lock.tryAcquire(), false);
  const waiting = lock.acquire(20_000);
  client.process.kill('SIGKILL');
  assert.equal(await waiting, true);
});

test('objects of a Python manager: errors, results that stay, and what is refused', { skip }, async () => {
  const server = new Peer(
    `
from multiprocessing.managers import BaseManager
class Calc:
    def add_up(self, a, b=2): return a + b
    def fail(self): raise ValueError('no')
    def items(self): return {'a': [1, (2, 3)], 4: b'x'}
    def another(self): return Calc()
    def odd(self): return object
class M(BaseManager): pass
M.register('Calc', Calc, method_to_typeid={'another': 'Result'})
M.register('Result', create_method=False)
m = M(address=None, authkey=arg.encode())
s = m.get_server()
say(s.address)
s.serve_forever()
`,
    KEY,
  );
  const Theirs = class extends BaseManager {}.register('Calc');
  const manager = new Theirs({ address: await server.hear<string>(), authKey: KEY, allowMd5: true });
  await manager.connect();
  const calc = (await manager.Calc()) as any;
  assert.deepEqual([await calc.addUp(1), await calc.add_up(1, 5), calc.addUpSync(2)], [3, 6, 4]);
  assert.deepEqual(
    await calc.items(),
    new Map<unknown, unknown>([
      ['a', [1, [2, 3]]],
      [4, new Uint8Array([120])],
    ]),
  );
  const another = await calc.another();
  assert.equal(await another.addUp(5), 7);
  assert.equal(await manager.numberOfObjects(), 2);
  const fails = async () => await calc.fail();
  await assert.rejects(fails, (error: any) => {
    assert.deepEqual([error.code, error.remoteName, error.message], ['ERR_MP_REMOTE', 'ValueError', 'no']);
    assert.match(error.stack, /--- Python ↑ \| ↓ process \d+ ---[\s\S]*python\.test/);
    return true;
  });
  await assert.rejects(calc.callMethod('nope'), code('ERR_MP_REMOTE'));
  await assert.rejects(calc.odd(), code('ERR_MP_UNSUPPORTED'));
  await assert.rejects(
    calc.addUp(() => {}),
    code('ERR_MP_CAPTURE'),
  );
  assert.equal(await calc.addUp(1), 3, 'and goes on');
  assert.throws(() => manager.CalcSync(), code('ERR_MP_UNSUPPORTED'));
  server.process.kill('SIGKILL');
  await assert.rejects(server.end());
});
