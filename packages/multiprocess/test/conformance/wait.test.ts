/** CPython: _test_multiprocessing.py, TestWait, for processes, pipes and sockets. */
import assert from 'node:assert/strict';
import { type Context, Pipe, type PipeConnection, wait, waitSync } from 'multiprocess';
import { Client, Listener } from 'multiprocess/connection';
import { conforms, conformsEverywhere, conformsOnce, stay } from './support.ts';

/** Serves four children until all of them have closed their ends. */
async function serve(mp: Context, isSlow: boolean): Promise<void> {
  const seen: string[] = [];
  const children = [0, 1, 2, 3].map((i) => {
    const [reader, writer] = Pipe<string>(false);
    const target = async () => {
      for (let n = 0; n < 10; n++) {
        if (isSlow) await new Promise((resolve) => setTimeout(resolve, Math.random() * 100)); // that is what is tested
        await writer.send(`${i}: ${n}`);
      }
      writer.close();
    };
    const child = new mp.Process({ target, daemon: true });
    child.start();
    writer.close();
    return { child, reader };
  });
  let readers: PipeConnection<string>[] = children.map(({ reader }) => reader);
  while (readers.length > 0) {
    for (const reader of await wait(readers)) {
      try {
        seen.push(reader.recvSync());
      } catch (error) {
        assert.equal((error as { code: string }).code, 'ERR_MP_EOF');
        readers = readers.filter((one) => one !== reader);
        reader.close();
      }
    }
  }
  const expected = [0, 1, 2, 3].flatMap((i) => Array.from({ length: 10 }, (_, n) => `${i}: ${n}`));
  assert.deepEqual(seen.toSorted(), expected);
  for (const { child } of children) await child.join();
}

conformsEverywhere('TestWait', 'test_wait', ({ mp }) => serve(mp, false));
conforms('TestWait', 'test_wait_slow', ({ mp }) => serve(mp, true));

/** The same over sockets: four children connect, and close. */
async function serveSockets(mp: Context, isSlow: boolean): Promise<void> {
  const listener = await Listener.open();
  const { address } = listener;
  const target = async () => {
    const connection = await Client(address);
    for (let n = 0; n < 10; n++) {
      if (isSlow) await new Promise((resolve) => setTimeout(resolve, Math.random() * 100)); // that is what is tested
      await connection.send(n);
    }
    connection.close();
  };
  const children = [0, 1, 2, 3].map(() => new mp.Process({ target, daemon: true }));
  for (const child of children) child.start();
  let connections = [];
  for (const _ of children) connections.push(await listener.accept());
  const seen = new Map(connections.map((connection) => [connection, [] as number[]]));
  while (connections.length > 0) {
    for (const connection of await wait(connections)) {
      try {
        seen.get(connection)!.push(await connection.recv());
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'ERR_MP_EOF');
        connections = connections.filter((one) => one !== connection);
        connection.close();
      }
    }
  }
  for (const numbers of seen.values()) assert.deepEqual(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  for (const child of children) await child.join();
  listener.close();
}

conformsEverywhere('TestWait', 'test_wait_socket', ({ mp }) => serveSockets(mp, false));
conforms('TestWait', 'test_wait_socket_slow', ({ mp }) => serveSockets(mp, true));

conformsOnce('TestWait', 'test_wait_timeout', async () => {
  const [a, b] = Pipe<null>();
  for (const pick of [wait, waitSync]) {
    const began = performance.now();
    assert.deepEqual(await pick([a, b], 500), []);
    const elapsed = performance.now() - began;
    assert.ok(elapsed >= 498 && elapsed < 10_000, `${elapsed} ms`);
    b.sendSync(null);
    assert.deepEqual(await pick([a, b], 20_000), [a]);
    a.recvSync();
  }
});

conforms('TestWait', 'test_wait_integer', async ({ mp }) => {
  const [a, b] = [new mp.Process({ target: stay }), new mp.Process({ target: () => {} })];
  a.start();
  b.start();
  const [c, d] = Pipe<number>();
  const given = [a.sentinel, c, a, b.sentinel, b];
  assert.deepEqual(await wait([a.sentinel, a], 20), []);
  await b.join();
  assert.deepEqual(await wait(given, 20), [b.sentinel, b]);
  d.sendSync(1);
  assert.deepEqual(await wait(given, 20), [c, b.sentinel, b]);
  a.terminate();
  await a.join();
  assert.deepEqual(await wait(given, 20), given);
  assert.deepEqual(waitSync(given, 20), given);
});

conforms('TestWait', 'test_neg_timeout', async ({ mp }) => {
  const child = new mp.Process({ target: stay });
  child.start();
  assert.deepEqual(await wait([child], -1), []);
  assert.deepEqual(waitSync([child], -1), []);
  const [a] = Pipe();
  assert.deepEqual([await wait([a, child], -1), waitSync([a, child], -1)], [[], []]);
  child.kill();
  await child.join();
  assert.deepEqual(waitSync([child], -1), [child]);
});
