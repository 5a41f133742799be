/** Timer: runs once, later, unless cancelled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event, Queue, Value } from 'multiprocess';
import { currentThread, Timer } from 'multiprocess/threading';

test('calls the function after the interval, in a thread of its own', async () => {
  const told = new Queue<unknown[]>();
  const before = Date.now();
  const timer = new Timer(
    30,
    (a: number, b: string) => told.putSync([a, b, currentThread().ident, currentThread() instanceof Timer]),
    [1, 'x'],
  );
  assert.equal(timer.finished.isSet(), false);
  timer.start();
  assert.equal(timer.isAlive(), true);
  assert.equal(await timer.join(), true);
  assert.ok(Date.now() - before >= 30);
  assert.deepEqual(told.getSync(), [1, 'x', timer.ident, true]);
  assert.equal(timer.finished.isSet(), true);
});

test('cancel() ends one that waits, at once; what it was to call is not called', async () => {
  const runs = new Value('i32');
  const timer = new Timer(3_600_000, () => runs.add(1));
  timer.start();
  assert.equal(await timer.join(10), false);
  timer.cancel();
  assert.equal(await timer.join(), true);
  assert.equal(runs.value, 0);
  assert.equal(timer.finished.isSet(), true);
});

test('cancel() before the start, and after the end', async () => {
  const runs = new Value('i32');
  const early = new Timer(0, () => runs.add(1));
  early.cancel();
  early.start();
  await early.join();
  assert.equal(runs.value, 0);
  const late = new Timer(0, () => runs.add(1));
  late.start();
  await late.join();
  late.cancel();
  assert.equal(runs.value, 1);
});

test('a timer can be cancelled by another thread, and have others wait for it', async () => {
  const asked = new Event();
  const timer = new Timer(0, async () => {
    asked.set();
  });
  const { finished } = timer;
  const canceller = new Timer(0, () => finished.set());
  canceller.start();
  await canceller.join();
  timer.start();
  await timer.join();
  assert.equal(asked.isSet(), false);
  const other = new Timer(1, () => asked.set());
  other.start();
  assert.equal(await asked.wait(60_000), true);
  assert.equal(await other.finished.wait(60_000), true);
  await other.join();
});

test('an endless interval waits for ever', async () => {
  const timer = new Timer(Infinity, () => {});
  timer.start();
  assert.equal(await timer.join(10), false);
  timer.cancel();
  await timer.join();
});
