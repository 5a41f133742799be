/** Asynchronous waits and the event loop: they keep a program alive, block nothing, and end cleanly. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event, Lock } from 'multiprocess';
import { runProgram } from '../pool/helper.ts';
import { onEachWay, start } from './crew.ts';

test('the event loop goes on during an asynchronous wait, among a hundred others', async () => {
  const [lock, event] = [new Lock(), new Event()];
  lock.acquireSync();
  const waits = Array.from({ length: 100 }, () => Promise.all([lock.acquire(1500), event.wait(1500)]));
  let [turns, worst] = [0, 0];
  const began = performance.now();
  for (let last = began; last - began < 500; turns++) {
    await new Promise(setImmediate);
    const now = performance.now();
    worst = Math.max(worst, now - last);
    last = now;
  }
  assert.ok(turns > 50 && worst < 250, `${turns} turns, the longest of ${worst} ms`);
  event.set();
  for (const result of await Promise.all(waits)) assert.deepEqual(result, [false, true]);
});

for (const [what, text, stdout] of [
  [
    'an asynchronous wait keeps the program alive until its time is up',
    'lock.acquire(100).then((got) => console.log(got));',
    'false\n',
  ],
  [
    'a wait that is over does not',
    "await lock.acquire(50); await new mp.Event().wait(50); console.log('end');",
    'end\n',
  ],
  [
    'a wait that is cancelled does not',
    'const c = new AbortController(); lock.acquire({ signal: c.signal }).catch((e) => console.log(e.code)); c.abort();',
    'ERR_MP_CANCELLED\n',
  ],
  [
    'objects that are only there do not',
    'new mp.Semaphore().acquireSync(); new mp.Barrier(2); new mp.Condition();',
    '',
  ],
  ['a holder may end without releasing', 'await lock.acquire(1); console.log(lock.locked());', 'true\n'],
] as const) {
  test(what, async () => {
    const ended = await runProgram(`const lock = new mp.Lock(); lock.acquireSync();\n${text}`);
    assert.deepEqual(ended, { code: 0, signal: null, stdout, stderr: '' });
  });
}

test('a program waits for what another process will do', async () => {
  const ended = await runProgram(`
    const event = new mp.Event();
    const go = new mp.Event();
    new mp.Process({ target: () => { go.waitSync(); event.set(); } }).start();
    event.wait().then(() => console.log('set'));
    setImmediate(() => go.set());`);
  assert.deepEqual(ended, { code: 0, signal: null, stdout: 'set\n', stderr: '' });
});

onEachWay('a thousand asynchronous waits of one thread are all woken', async ({ way, mp }) => {
  const [event, semaphore] = [new mp.Event(), new mp.Semaphore(0)];
  const waits = Array.from({ length: 1000 }, (_, i) => (i % 2 ? event.wait(60_000) : semaphore.acquire(60_000)));
  await start(way, () => {
    event.set();
    for (let i = 0; i < 5; i++) semaphore.release(100);
  }).result;
  assert.ok((await Promise.all(waits)).every(Boolean));
  assert.equal(semaphore.getValue(), 0);
});
