/** Ends become known, and nothing remains of the dead: point 6 of "Processes" in ARCHITECTURE.md. */
import assert from 'node:assert/strict';
import type { Process } from 'multiprocess';
import { onEachMethod } from './support/matrix.ts';
import { openProgram } from './support/open-program.ts';
import { allProcesses, isOurZombie, until } from './support/procfs.ts';
import { run } from './support/program.ts';

onEachMethod('children that nobody joins leave no zombie', async ({ mp }) => {
  const children = Array.from({ length: 10 }, () => new mp.Process({ target: () => {} }) as Process);
  for (const child of children) child.start();
  const pids = children.map((child) => child.pid!);
  await until('all children to be reaped', () => allProcesses().every(({ pid }) => !pids.includes(pid)));
});

onEachMethod('a parent that blocks has no zombies either', async ({ method }) => {
  const program = openProgram('block-after-start.ts', { method });
  const [, pids] = await program.printed(/^started (.*)$/m);
  const started = pids!.split(' ').map(Number);
  await until('the children to be reaped', () => allProcesses().every(({ pid }) => !started.includes(pid)));
});

onEachMethod('exit codes reach a parent that never waits, through isAlive() alone', async ({ mp }) => {
  const children = [0, 1, 2].map((code) => new mp.Process({ target: (n: number) => process.exit(n), args: [code] }));
  for (const child of children) child.start();
  await until('all children to end', () => children.every((child) => !child.isAlive()));
  assert.deepEqual(
    children.map((child) => child.exitCode),
    [0, 1, 2],
  );
});

onEachMethod('a busy loop over exitCode sees it, without a turn of the event loop', ({ mp }) => {
  const child = new mp.Process({ target: () => process.exit(3) });
  child.start();
  while (child.exitCode === null);
  assert.equal(child.exitCode, 3);
  assert.equal(child.isAlive(), false);
});

onEachMethod('many joins of one child, in both forms, all see its end', async ({ mp }) => {
  const child = new mp.Process({ target: () => new Promise((resolve) => setTimeout(resolve, 50)) });
  child.start();
  const joins = Array.from({ length: 20 }, () => child.join());
  assert.equal(child.joinSync(), true);
  assert.deepEqual(await Promise.all(joins), Array(20).fill(true));
  assert.equal(await child.join(), true);
});

onEachMethod('a join that times out says so and leaves the child alone', async ({ mp }) => {
  const child = new mp.Process({ target: () => new Promise((resolve) => setTimeout(resolve, 60_000)) });
  child.start();
  assert.equal(await child.join(1), false);
  assert.equal(await child.join(0), false);
  assert.equal(await child.join(-1), false);
  assert.equal(child.joinSync(1), false);
  assert.equal(child.joinSync(0), false);
  assert.equal(child.isAlive(), true);
  child.kill();
  assert.equal(await child.join(Infinity), true);
  assert.equal(child.exitCode, -9);
});

onEachMethod('a join is cancelled by its signal', async ({ mp }) => {
  const child = new mp.Process({ target: () => new Promise((resolve) => setTimeout(resolve, 60_000)) });
  child.start();
  const controller = new AbortController();
  const joining = child.join({ signal: controller.signal });
  const reason = new Error('enough');
  controller.abort(reason);
  await assert.rejects(joining, { code: 'ERR_MP_CANCELLED', cause: reason });
  await assert.rejects(child.join({ signal: AbortSignal.abort() }), { code: 'ERR_MP_CANCELLED' });
  child.kill();
  await child.join();
});

onEachMethod('a program that only starts children ends when they have', async ({ method }) => {
  const { stdout, code } = await run('start-and-forget.ts', { method });
  assert.equal(stdout.split('\n').sort().join('\n'), '\nchild 0\nchild 1\nchild 2\nmain is done');
  assert.equal(code, 0);
});

onEachMethod('nothing of a crashed child remains, whoever its own children were', async ({ method }) => {
  const program = openProgram('crash-with-children.ts', { method });
  await program.printed(/^crashed -9$/m);
  const zombies = () => allProcesses().filter((row) => row.session === program.pid && isOurZombie(row));
  await until('zombies to be reaped', () => zombies().length === 0);
  await program.end();
  await program.assertGone();
});
