/** The ends of a pipe: who has them, and what the other one is told when nobody does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pipe, type PipeConnection, Queue } from 'multiprocess';
import { onEachWay, start } from '../sync/crew.ts';

const EOF = { code: 'ERR_MP_EOF' };
const GONE = { code: 'ERR_MP_PEER_GONE' };
const CLOSED = { code: 'ERR_MP_CLOSED', message: 'handle is closed' };

test('what was sent is received before the end', async () => {
  const [a, b] = Pipe<number>();
  a.sendSync(1);
  a.sendSync(2);
  a.close();
  assert.equal(await b.poll(), true);
  assert.deepEqual([b.recvSync(), await b.recv()], [1, 2]);
  await assert.rejects(b.recv(), EOF);
  assert.throws(() => b.recvSync(), EOF);
  assert.throws(() => b.recvBytesSync(undefined, 5), EOF);
  assert.deepEqual([await b.poll(), b.pollSync(60_000)], [true, true], 'the end can be received');
  await assert.rejects(b.send(1), GONE);
  assert.throws(() => b.sendSync(1), GONE);
  for await (const _ of b) assert.fail('nothing more');
});

test('waits end with the other end, and with this one', async () => {
  const [a, b] = Pipe<Uint8Array>();
  const large = new Uint8Array(64 << 20);
  b.sendSync(large);
  const sends = [b.send(large), b.send(large)];
  const recvs = [b.recv(), b.recv()];
  const poll = b.poll(60_000);
  a.close();
  for (const send of sends) await assert.rejects(send, GONE);
  for (const recv of recvs) await assert.rejects(recv, EOF);
  assert.equal(await poll, true);

  const [c, d] = Pipe<Uint8Array>();
  c.sendSync(large);
  const waits = [c.send(large), c.send(large), c.recv(), c.recv()];
  const iteration = (async () => {
    for await (const _ of c);
  })();
  c.close();
  c.close();
  for (const wait of waits) await assert.rejects(wait as Promise<unknown>, CLOSED);
  await iteration;
  assert.deepEqual([c.closed, c.readable, c.writable, String(c)], [true, false, false, '<Connection closed>']);
  for (const use of [() => c.send(large), () => c.recv(), () => c.poll(), () => c.recvBytes()]) {
    await assert.rejects(use, CLOSED);
  }
  assert.throws(() => c.sendSync(large), CLOSED);
  assert.equal((await d.recv()).length, large.length);
  await assert.rejects(d.recv(), EOF);
});

onEachWay('the other end is killed', async ({ way, mp }) => {
  const [here, there] = Pipe<string>();
  const ready = new mp.Event();
  const member = start(way, async () => {
    there.sendSync('before');
    ready.set();
    await new Promise<never>(() => setInterval(() => {}, 1000));
  });
  await ready.wait();
  there.close();
  assert.equal(await here.recv(), 'before');
  const recv = assert.rejects(here.recv(), EOF);
  const poll = here.poll(60_000);
  await member.kill();
  await recv;
  assert.equal(await poll, true);
  assert.equal(here.pollSync(60_000), true);
  await assert.rejects(here.send('x'), GONE);
});

onEachWay('a parent that forgets to close its copy is told the end, too', async ({ way }) => {
  const [here, there] = Pipe<string>();
  const member = start(way, () => there.sendSync(there.recvSync().toUpperCase()));
  here.sendSync('hello');
  assert.equal(await here.recv(), 'HELLO');
  await assert.rejects(here.recv(), EOF);
  await member.result;
  assert.throws(() => here.recvSync(), EOF);
  assert.equal(await here.poll(60_000), true);
});

onEachWay('both ends at children, none at the parent', async ({ way, mp }) => {
  const [a, b] = Pipe<number>();
  const opened = new mp.Semaphore(0);
  const first = start(way, () => {
    opened.release();
    a.sendSync(20);
    const got = a.recvSync();
    try {
      a.recvSync();
    } catch (error) {
      return [got, (error as { code: string }).code];
    }
    return got;
  });
  const second = start(way, () => {
    opened.release();
    b.sendSync(b.recvSync() + 1);
  });
  await opened.acquire();
  await opened.acquire();
  a.close();
  b.close();
  await second.result;
  assert.deepEqual(await first.result, [21, 'ERR_MP_EOF']);
});

onEachWay('several processes on one end: each message goes to one of them', async ({ way, mp }) => {
  const [here, there] = Pipe<number>();
  const opened = new mp.Semaphore(0);
  const members = [1, 2, 3].map(() =>
    start(way, async () => {
      opened.release();
      const seen: number[] = [];
      for await (const n of there) {
        seen.push(n);
        await there.send(-n);
      }
      return seen;
    }),
  );
  const answers: number[] = [];
  for (let i = 0; i < 3; i++) await opened.acquire();
  for (let i = 1; i <= 300; i++) await here.send(i);
  for (let i = 1; i <= 300; i++) answers.push(-(await here.recv()));
  there.close();
  here.close();
  const seen = (await Promise.all(members.map((member) => member.result))).flat();
  const all = Array.from({ length: 300 }, (_, i) => i + 1);
  const sorted = (list: number[]) => list.toSorted((x, y) => x - y);
  assert.deepEqual([sorted(seen), sorted(answers)], [all, all]);
});

onEachWay('ends that are sent through queues and pipes', async ({ way, mp }) => {
  const queue = new mp.Queue<PipeConnection>();
  const [control, remote] = Pipe<PipeConnection>();
  const member = start(way, async () => {
    const first = await queue.get();
    first.sendSync('from the queue');
    first.close();
    const second = remote.recvSync();
    await second.send('from the pipe');
    second.close();
  });
  const [a, b] = Pipe<string>();
  queue.putSync(b);
  b.close();
  assert.equal(await a.recv(), 'from the queue');
  await assert.rejects(a.recv(), EOF);
  const [c, d] = Pipe<string>();
  await control.send(d);
  d.close();
  assert.equal(await c.recv(), 'from the pipe');
  await assert.rejects(c.recv(), EOF);
  await member.result;
});

test('an end that lies in a queue keeps the pipe open', async () => {
  const queue = new Queue<PipeConnection>();
  const [a, b] = Pipe<number>();
  queue.putSync(b);
  b.close();
  await assert.rejects(a.recv(300), { code: 'ERR_MP_TIMEOUT' });
  a.sendSync(1);
  queue.shutdown({ immediate: true });
  await assert.rejects(a.recv(60_000), EOF);
});
