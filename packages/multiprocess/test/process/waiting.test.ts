/** wait() and waitSync(): whichever comes first. */
import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { test } from 'node:test';
import { type Process, wait, waitSync } from 'multiprocess';
import { onEachMethod } from './support/matrix.ts';

const stay = () => new Promise(() => setInterval(() => {}, 1000));

function start(mp: { Process: typeof Process }, target: () => unknown): Process {
  const child = new mp.Process({ target });
  child.start();
  return child as Process;
}

onEachMethod('those that are ready, in input order, as they were given', async ({ mp }) => {
  const [slow, a, b] = [start(mp, stay), start(mp, () => process.exit(2)), start(mp, () => process.exit(3))];
  await Promise.all([a.join(), b.join()]);
  const given = [slow, b, a.sentinel, slow.sentinel, a];
  assert.deepEqual(await wait(given), [b, a.sentinel, a]);
  assert.deepEqual(waitSync(given), [b, a.sentinel, a]);
  slow.kill();
  assert.deepEqual(await wait([slow]), [slow]);
});

onEachMethod('a process that wait() returns has ended: exit code and isAlive() know it', async ({ mp }) => {
  for (let i = 0; i < 10; i++) {
    const child = start(mp, () => process.exit(6));
    if (i % 2) await wait([child]);
    else waitSync([child]);
    assert.equal(child.exitCode, 6);
    assert.equal(child.isAlive(), false);
  }
});

onEachMethod('a timeout gives nothing', async ({ mp }) => {
  const child = start(mp, stay);
  for (const timeout of [10, 0, -1]) {
    assert.deepEqual(await wait([child], timeout), []);
    assert.deepEqual(await wait([child], { timeout }), []);
    assert.deepEqual(waitSync([child], timeout), []);
  }
  child.kill();
  assert.deepEqual(await wait([child], Infinity), [child]);
});

onEachMethod('an AbortSignal ends a wait', async ({ mp }) => {
  const child = start(mp, stay);
  const controller = new AbortController();
  const waiting = wait([child], { signal: controller.signal });
  controller.abort();
  await assert.rejects(waiting, { code: 'ERR_MP_CANCELLED' });
  await assert.rejects(wait([child], { signal: AbortSignal.abort() }), { code: 'ERR_MP_CANCELLED' });
  child.kill();
  await child.join();
});

onEachMethod('several waits for the same process, and the same process several times', async ({ mp }) => {
  const child = start(mp, stay);
  const waits = [wait([child]), wait([child, child, child.sentinel]), wait([child])];
  child.kill();
  assert.deepEqual(await Promise.all(waits), [[child], [child, child, child.sentinel], [child]]);
});

onEachMethod('any iterable will do, and an empty one has nothing to wait for', async ({ mp }) => {
  const child = start(mp, () => {});
  assert.deepEqual(await wait(new Set([child])), [child]);
  assert.deepEqual(await wait([]), []);
  assert.deepEqual(waitSync([]), []);
});

test('a wait that ends leaves no descriptor and does not keep the program alive', async () => {
  const { run } = await import('./support/program.ts');
  const { stdout } = await run('wait-and-leave.ts');
  assert.equal(stdout, 'descriptors: 0\n');
});

onEachMethod('sentinels: a number of its own after the start, none before', async ({ mp }) => {
  const child = new mp.Process({ target: () => {} });
  assert.throws(() => child.sentinel, { code: 'ERR_MP_NOT_STARTED', message: 'process not started' });
  child.start();
  assert.equal(typeof child.sentinel, 'number');
  assert.equal(child.sentinel, child.sentinel);
  assert.deepEqual(await wait([child.sentinel]), [child.sentinel]);
  await child.join();
  assert.deepEqual(waitSync([child.sentinel], 0), [child.sentinel]);
});

test('other descriptors may be waited for, too', async () => {
  const file = openSync('/proc/self/stat', 'r');
  assert.deepEqual(await wait([file]), [file]);
});

test('what cannot be waited for is refused', async () => {
  const refused = { code: 'ERR_MP_INVALID_ARG' };
  for (const bad of [[{}], ['1'], [-1], [1.5], [null]]) {
    await assert.rejects(wait(bad as never), refused);
    assert.throws(() => waitSync(bad as never), refused);
  }
});
