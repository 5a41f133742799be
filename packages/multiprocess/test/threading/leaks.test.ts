/** What a thread takes is given back: its slot, its cells, its descriptors, its task of the kernel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Queue, Value } from 'multiprocess';
import { activeCount, enumerate, mainThread, Thread } from 'multiprocess/threading';
import { heldInTheEnd } from './support/slots.ts';

const LIMIT = 60_000;

/** The first threads make what is kept: windows, the parser, threads of libuv. */
async function warmUp(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    const thread = new Thread({ target: () => {} });
    thread.start();
    await thread.join();
  }
}

const MANY = process.env.MP_TEST === 'full' ? 1000 : 100;
const AT_ONCE = process.env.MP_TEST === 'full' ? 200 : 10;

test(`${MANY} threads, one after the other`, { timeout: 300_000 }, async () => {
  const runs = new Value('i32');
  await warmUp();
  const before = await heldInTheEnd();
  for (let i = 0; i < MANY; i++) {
    const thread = new Thread({ target: () => runs.add(1) });
    thread.start();
    assert.equal(await thread.join(), true);
  }
  assert.equal(runs.value, MANY);
  assert.deepEqual(await heldInTheEnd(), before);
});

test(`${AT_ONCE} threads at once, that wait asynchronously and send`, { timeout: 300_000 }, async () => {
  const told = new Queue<number>();
  const go = new Queue<number>();
  await warmUp();
  const target = async () => {
    told.putSync(await go.get(LIMIT));
  };
  const round = async () => {
    const threads = Array.from({ length: AT_ONCE }, () => new Thread({ target }));
    for (const thread of threads) thread.start();
    assert.equal(activeCount(), AT_ONCE + 1);
    assert.deepEqual(
      new Set(enumerate()),
      new Set([mainThread(), ...threads]),
      'the very objects that were started here',
    );
    for (let i = 0; i < AT_ONCE; i++) go.putSync(i);
    const sum = async () => (await Promise.all(threads.map(() => told.get(LIMIT)))).reduce((a, b) => a + b);
    assert.equal(await sum(), (AT_ONCE * (AT_ONCE - 1)) / 2);
    await Promise.all(threads.map((thread) => thread.join()));
    assert.equal(activeCount(), 1);
  };
  await round();
  const before = await heldInTheEnd();
  await round();
  assert.deepEqual(await heldInTheEnd(), before);
});
