/** Managers over sockets: keys, many clients, deaths in the midst of a call, and strangers. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { BaseManager, Manager, type MultiprocessError, Process, Queue, SyncManager } from 'multiprocess';
import { type Address, Client } from 'multiprocess/connection';
import { untilEnd } from './support.ts';

const code = (expected: string) => (error: MultiprocessError) => error.code === expected;
const KEY = 'open sesame';

class Stock {
  items = [] as unknown[];
  add(item: unknown) {
    return this.items.push(item);
  }
  sleep() {
    return new Promise(() => {});
  }
  stop() {
    process.kill(process.pid, 'SIGKILL');
  }
}

/** One thing that all clients see: of the process that the manager runs in. */
const here = () => process as typeof process & { stock?: Stock };
const Shop = class Shop extends SyncManager {}.register('stock', () => {
  here().stock ??= new Stock();
  return here().stock as Stock;
});

/** A client, as another program would be. */
async function client(address: Address, authKey: string = KEY): Promise<InstanceType<typeof Shop>> {
  const manager = new Shop({ address, authKey });
  await manager.connect();
  return manager;
}

/** A program of its own: `body` in a process whose way to the manager is its socket only. */
function program<A extends unknown[]>(target: (...args: A) => unknown, ...args: A): Process {
  const child = new Process({ target, args } as never);
  child.start();
  return child as Process;
}

for (const [kind, address] of [
  ['TCP', ['127.0.0.1', 0]],
  ['a Unix socket', path.join(os.tmpdir(), `mp-test-${process.pid}.sock`)],
  ['a Unix socket made up', undefined],
] as [string, Address | undefined][]) {
  test(`clients connect by ${kind}`, async () => {
    delete here().stock;
    const server = await new Shop({ address, authKey: KEY }).getServer();
    const serving = server.serveForever();
    const child = program(async (at: Address) => {
      const other = new Shop({ address: at, authKey: 'open sesame' });
      await other.connect();
      const stock = await other.stock();
      await stock.add({ from: 'child' });
      stock.addSync(new Map([[1, new Date(0)]]));
      const dict = await other.dict({ a: 1 });
      await stock.add(dict);
      dict.setSync('b', 2);
    }, server.address);
    await child.join();
    assert.equal(child.exitCode, 0);
    const mine = await client(server.address);
    const [first, second, dict] = (await (await mine.stock()).items()) as any[];
    assert.deepEqual([first, second], [{ from: 'child' }, new Map([[1, new Date(0)]])]);
    assert.deepEqual(await dict.copy(), new Map(Object.entries({ a: 1, b: 2 })), 'held by what contains it');
    server.stop();
    await serving;
    await assert.rejects(mine.dict(), code('ERR_MP_PEER_GONE'));
  });
}

test('a wrong key is refused at both ends, and the manager goes on', async () => {
  const manager = untilEnd(new Shop({ address: ['127.0.0.1', 0], authKey: KEY }));
  await manager.start();
  await assert.rejects(client(manager.address!, 'wrong'), code('ERR_MP_AUTH'));
  await assert.rejects(
    new BaseManager({ address: manager.address }).connect(),
    code('ERR_MP_AUTH'),
    'the family’s is another one',
  );
  const listener = net.createServer((socket) => socket.end('\0\0\0\x0bhello world')).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  await assert.rejects(client(['127.0.0.1', (listener.address() as net.AddressInfo).port]), code('ERR_MP_AUTH'));
  listener.close();
  assert.equal(await (await (await client(manager.address!)).stock()).add(1), 1);
});

test('a manager without another key takes the family’s, which children have', async () => {
  const manager = untilEnd(await Manager());
  const child = program(async (at: Address) => {
    const other = new SyncManager({ address: at });
    await other.connect();
    await (await other.list()).append(1);
  }, manager.address!);
  await child.join();
  assert.equal(child.exitCode, 0);
});

test('50 clients at once, each in a process of its own', async () => {
  const manager = untilEnd(new Shop({ address: ['127.0.0.1', 0], authKey: KEY }));
  await manager.start();
  const clients = Array.from({ length: 50 }, (_, i) =>
    program(
      async (at: Address, number: number) => {
        const other = new Shop({ address: at, authKey: 'open sesame' });
        await other.connect();
        const stock = await other.stock();
        for (let n = 0; n < 10; n++) await stock.add([number, n]);
      },
      manager.address!,
      i,
    ),
  );
  await Promise.all(clients.map((child) => child.join()));
  assert.ok(clients.every((child) => child.exitCode === 0));
  const items = (await (await manager.stock()).items()) as [number, number][];
  assert.equal(new Set(items.map(String)).size, 500);
});

test('50 connections that prove the key and say nothing, or nonsense, or half a message, disturb nobody', async () => {
  const manager = untilEnd(new Shop({ address: ['127.0.0.1', 0], authKey: KEY }));
  await manager.start();
  const connections = await Promise.all(Array.from({ length: 50 }, () => Client(manager.address!, { authKey: KEY })));
  const nonsense = [
    null,
    [],
    [1, 2, 3],
    ['', 'accept_connection', 7, {}],
    [null, 'nothing', [], {}],
    [null, 'create', ['no'], {}],
  ];
  for (const [i, connection] of connections.entries()) {
    if (i % 2 === 0) await connection.send(nonsense[(i / 2) % nonsense.length]);
    else await connection.sendBytes(Buffer.from([0x80, 4, 0xff, i]));
  }
  const { port } = { port: (manager.address as [string, number])[1] };
  for (const garbage of ['GET / HTTP/1.1\r\n\r\n', Buffer.alloc(10_000, 0xff), '\0\0\0\x05#CHA']) {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.end(garbage);
    await once(socket.resume(), 'close');
  }
  assert.equal(await (await (await client(manager.address!)).stock()).add('fine'), 1);
  for (const connection of connections) connection.close();
});

test('a client that says hello, and then nonsense, is cut off alone', async () => {
  const manager = untilEnd(new Shop({ address: ['127.0.0.1', 0], authKey: KEY }));
  await manager.start();
  for (const bytes of [
    [1, 2, 3, 4, 5],
    [4, 0, 0, 0, 0xc0, 0, 0, 0],
    [255, 255, 255, 255],
  ]) {
    const connection = await Client(manager.address!, { authKey: KEY });
    const { tuple } = await import('multiprocess/connection');
    await connection.send(tuple(null, 'multiprocess.v1', tuple('x'), {}));
    await connection.recv();
    await connection.sendBytes(Uint8Array.from(bytes));
    await assert.rejects(connection.recv(10_000), (error: MultiprocessError) => /EOF|PEER_GONE/.test(error.code));
    connection.close();
  }
  assert.equal(await (await (await client(manager.address!)).stock()).add('fine'), 1);
});

test('a client that is killed in a call leaves no lock, no lease and no wait behind', async () => {
  const manager = untilEnd(new Shop({ address: ['127.0.0.1', 0], authKey: KEY }));
  await manager.start();
  const started = new Queue<string>();
  const [lock, queue, stock] = [await manager.Lock(), await manager.Queue(), await manager.stock()];
  await stock.add([lock, queue]);
  const child = program(async (at: Address) => {
    const other = new Shop({ address: at, authKey: 'open sesame' });
    await other.connect();
    const stock = await other.stock();
    const [[lock, queue]] = (await stock.items()) as any[];
    await lock.acquire();
    void queue.get();
    void stock.sleep();
    await lock.locked(); // the others have arrived before
    started.putSync('in the call');
    queue.getSync();
  }, manager.address!);
  await started.get();
  assert.equal(await lock.tryAcquire(), false);
  const waiting = lock.acquire(20_000);
  child.kill();
  await child.join();
  assert.equal(await waiting, true);
  await queue.put('for us');
  assert.equal(await queue.get(5000), 'for us');
});

/** Calls of all forms while the manager is killed; whether each ends as it should. */
async function surviveDeath(maker: InstanceType<typeof Shop>): Promise<void> {
  const [queue, stock] = [await maker.Queue(), await maker.stock()];
  const waits = [queue.get(), queue.get({ timeout: 60_000 }), stock.sleep()].map((call) =>
    assert.rejects(call as Promise<unknown>, code('ERR_MP_PEER_GONE')),
  );
  assert.throws(() => stock.stopSync(), code('ERR_MP_PEER_GONE'));
  await Promise.all(waits);
  await assert.rejects(queue.put(1), code('ERR_MP_PEER_GONE'));
  assert.throws(() => queue.putSync(1), code('ERR_MP_PEER_GONE'));
  await assert.rejects(maker.dict(), code('ERR_MP_PEER_GONE'));
}

test('a manager that is killed in a call: every form of call ends with an error, also those that come later', async () => {
  const manager = new Shop();
  await manager.start();
  await surviveDeath(manager);
  await manager.shutdown();
});

test('the same over a socket', async () => {
  const manager = new Shop({ address: ['127.0.0.1', 0], authKey: KEY });
  await manager.start();
  const child = program(async (at: Address) => {
    const other = new Shop({ address: at, authKey: 'open sesame' });
    await other.connect();
    await surviveDeath(other);
  }, manager.address!);
  await child.join();
  assert.equal(child.exitCode, 0);
  await manager.shutdown();
});

test('a client that has not spoken yet finds out, too', async () => {
  const manager = await Manager();
  const dict = await manager.dict();
  const [ready, go] = [new Queue(), new Queue()];
  const child = program(() => {
    ready.putSync('captured');
    go.getSync();
    try {
      dict.getSync('x');
    } catch (error) {
      process.exit((error as MultiprocessError).code === 'ERR_MP_PEER_GONE' ? 0 : 1);
    }
    process.exit(2);
  });
  await ready.get();
  process.kill(manager.pid!, 'SIGKILL');
  assert.equal(await manager.join(20_000), true);
  go.putSync('go');
  await child.join();
  assert.equal(child.exitCode, 0);
  await manager.shutdown();
});
