/** wait() for queues and pipes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, JoinableQueue, Pipe, Queue, wait, waitSync } from 'multiprocess';
import { onEachMethod } from '../process/support/matrix.ts';
import { onEachWay, start } from '../sync/crew.ts';

test('all that are ready, in input order, at once', async () => {
  const [a, b] = Pipe<number>();
  const [c, d] = Pipe<number>();
  const [full, empty] = [new Queue<number>(), new Queue<number>()];
  full.putSync(1);
  b.sendSync(1);
  d.close();
  const all = [empty, c, full, a];
  assert.deepEqual(await wait(all), [c, full, a]);
  assert.deepEqual(waitSync(all), [c, full, a]);
  assert.deepEqual(await wait(new Set([a, empty])), [a]);
  assert.deepEqual([await wait([]), waitSync([])], [[], []]);
});

test('timeouts', async () => {
  const [a, b] = Pipe<number>();
  const queue = new Queue<number>();
  for (const timeout of [0, -1, -1000]) {
    assert.deepEqual([await wait([a, queue], timeout), waitSync([a, queue], timeout)], [[], []]);
  }
  const began = performance.now();
  assert.deepEqual([await wait([a, queue], 60), waitSync([a, queue], 60)], [[], []]);
  assert.ok(performance.now() - began >= 118);
  await assert.rejects(wait([queue], { signal: AbortSignal.timeout(20) }), { code: 'ERR_MP_CANCELLED' });
  b.close(); // not collected before, which would be its end, too
});

test('waiting takes nothing, and nobody’s place', async () => {
  const queue = new Queue<number>();
  const waits = [wait([queue]), wait([queue]), queue.get(), wait([queue])];
  queue.putManySync([1, 2]);
  assert.deepEqual(await Promise.all(waits), [[queue], [queue], 1, [queue]]);
  assert.equal(queue.size(), 1);
});

test('what cannot be waited for', async () => {
  const [r, w] = Pipe(false);
  assert.throws(() => waitSync([w]), { code: 'ERR_MP_UNSUPPORTED', message: 'connection is write-only' });
  await assert.rejects(wait([r, w]), { code: 'ERR_MP_UNSUPPORTED' });
  for (const wrong of [{}, 'x', -1, 1.5, null]) {
    assert.throws(() => waitSync([wrong as never]), { code: 'ERR_MP_INVALID_ARG' });
  }
});

test('the end counts as ready: shut down, closed here, closed there', async () => {
  const [a, b] = Pipe();
  const [queue, other] = [new Queue(), new Queue()];
  const waits = [wait([a]), wait([queue]), wait([other])];
  b.close();
  queue.shutdown();
  other.close();
  assert.deepEqual(await Promise.all(waits), [[a], [queue], [other]]);
  a.close();
  assert.deepEqual(waitSync([other, a]), [other, a]);
});

onEachWay('peers that are gone, and items that come back', async ({ way, mp }) => {
  const [queue, jobs] = [new mp.Queue<number>(), new JoinableQueue<number>({ redeliver: true })];
  const [here, there] = Pipe();
  jobs.putSync(1);
  const member = start(way, () => {
    queue.isEmpty();
    there.pollSync();
    return jobs.getSync();
  });
  await member.result;
  for (const line of [queue, jobs, here]) {
    assert.deepEqual(await wait([line]), [line]);
    assert.deepEqual(waitSync([line]), [line]);
  }
  assert.equal(jobs.getSync(), 1);
});

onEachMethod('queues, pipes, processes and sentinels together', async ({ mp }) => {
  const [here, there] = Pipe<number>();
  const [queue, next] = [new mp.Queue<number>(), new mp.Semaphore(0)];
  const child = new mp.Process({
    target: async () => {
      await next.acquire();
      queue.putSync(1);
      await next.acquire();
      await there.send(2);
      await next.acquire();
    },
  });
  child.start();
  there.close();
  for (const method of [wait, waitSync]) assert.deepEqual(await method([child, here, queue, child.sentinel], 20), []);
  next.release();
  assert.deepEqual(await wait([child, here, queue]), [queue]);
  assert.equal(queue.getSync(), 1);
  next.release();
  assert.deepEqual(waitSync([child, here, child.sentinel]), [here]);
  assert.equal(here.recvSync(), 2);
  next.release();
  assert.deepEqual(await wait([child.sentinel]), [child.sentinel]);
  const all = [child, here, queue, child.sentinel];
  await child.join();
  assert.deepEqual(waitSync([here, queue]).includes(here), true);
  assert.deepEqual(await wait([child, child.sentinel]), [child, child.sentinel]);
  assert.equal(all.length, 4);
});

for (const [title, pick] of [
  ['wait', (list: Connection[]) => wait(list)],
  ['waitSync', async (list: Connection[]) => waitSync(list)],
] as const) {
  onEachWay(`${title} serves four pipes until all are closed`, async ({ way }) => {
    const seen: [number, number][] = [];
    const members: { result: Promise<unknown> }[] = [];
    let open: Connection[] = [];
    for (let i = 0; i < 4; i++) {
      const [r, w] = Pipe<[number, number]>(false);
      members.push(
        start(
          way,
          async (me: number) => {
            for (let n = 0; n < 50; n++) w.sendSync([n, me]);
            w.close();
          },
          i,
        ),
      );
      open.push(r);
      if (way !== 'thread') w.close();
    }
    while (open.length > 0) {
      for (const ready of await pick(open)) {
        try {
          seen.push(await ready.recv());
        } catch (error) {
          assert.equal((error as { code: string }).code, 'ERR_MP_EOF');
          ready.close();
          open = open.filter((one) => one !== ready);
        }
      }
    }
    await Promise.all(members.map((member) => member.result));
    for (let i = 0; i < 4; i++) {
      assert.deepEqual(
        seen.filter(([, who]) => who === i).map(([n]) => n),
        Array.from({ length: 50 }, (_, n) => n),
      );
    }
  });
}

onEachWay('shut down and empty, but others work on items that may come back: not yet ready', async ({ way, mp }) => {
  const jobs = new mp.JoinableQueue<number>({ redeliver: true });
  const [taken, end] = [new mp.Event(), new mp.Event()];
  jobs.putSync(1);
  const member = start(way, async () => {
    jobs.getSync();
    taken.set();
    await end.wait();
    jobs.taskDone();
  });
  await taken.wait();
  jobs.shutdown();
  assert.deepEqual([await wait([jobs], 0), waitSync([jobs], 0)], [[], []]);
  const ready = wait([jobs]);
  end.set();
  assert.deepEqual(await ready, [jobs]);
  await assert.rejects(jobs.get(), { code: 'ERR_MP_QUEUE_SHUTDOWN' });
  await member.result;
});
