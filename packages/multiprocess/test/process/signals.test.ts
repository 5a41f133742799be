/** terminate, kill, interrupt, and whole trees. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Process } from 'multiprocess';
import { onEachMethod } from './support/matrix.ts';
import { openProgram } from './support/open-program.ts';
import { runs, until } from './support/procfs.ts';

const stay = () => new Promise(() => setInterval(() => {}, 1000));

for (const [method, exitCode, signalCode] of [
  ['terminate', -15, 'SIGTERM'],
  ['kill', -9, 'SIGKILL'],
  ['interrupt', -2, 'SIGINT'],
] as const) {
  onEachMethod(`${method}() ends a child with exit code ${exitCode}`, async ({ mp }) => {
    const child = new mp.Process({ target: stay });
    child.start();
    assert.equal(child.signalCode, null);
    child[method]();
    await child.join();
    assert.deepEqual([child.exitCode, child.signalCode], [exitCode, signalCode]);
    child[method](); // does nothing
    assert.equal(child.exitCode, exitCode);
  });
}

onEachMethod('a child that handles SIGINT or SIGTERM decides for itself', async ({ method }) => {
  const program = openProgram('handle-signals.ts', { method });
  await program.printed(/^SIGINT SIGTERM exit code 5$/m);
  assert.equal((await program.end()).code, 0);
});

for (const option of [{ tree: true }, undefined]) {
  const title = option ? 'with tree takes all descendants along' : 'without tree leaves the descendants alone';
  onEachMethod(`kill() ${title}`, async ({ method }) => {
    const program = openProgram('deep-tree.ts', { method, args: option ? ['tree'] : [] });
    const [, text] = await program.printed(/^tree (.*)$/m);
    const pids = text!.split(' ').map(Number);
    assert.equal(pids.length, 5, 'a child, its child, and the programs that both have started');
    await program.printed(/^killed -9$/m);
    if (option) await until('all descendants to end', () => !pids.some(runs));
    else assert.deepEqual(pids.map(runs), [false, true, true, true, true]);
  });
}

test('a tree is found although forked children have another parent for the kernel', async () => {
  const child = new Process({ target: stay });
  const brother = new Process({ target: stay });
  child.start();
  brother.start();
  child.terminate({ tree: true });
  await child.join();
  assert.equal(brother.isAlive(), true);
  brother.kill();
  await brother.join();
});

test('a stopped child can be killed, and joined', async () => {
  const child = new Process({ target: stay });
  child.start();
  process.kill(child.pid!, 'SIGSTOP');
  child.kill();
  assert.equal(child.joinSync(), true);
  assert.equal(child.signalCode, 'SIGKILL');
});

test('a stopped daemon ends with main', async () => {
  const program = openProgram('stopped-daemon.ts');
  const [, pid] = await program.printed(/^stopped (\d+)$/m);
  process.kill(program.pid, 'SIGKILL');
  await until('the daemon to end', () => !runs(Number(pid)));
  await program.assertGone();
});

test('a signal right after start() is not lost', async () => {
  for (const [act, exitCode] of [
    ['interrupt', -2],
    ['terminate', -15],
    ['kill', -9],
  ] as const) {
    const children = Array.from({ length: 20 }, () => new Process({ target: stay, daemon: true }));
    for (const child of children) {
      child.start();
      child[act]();
    }
    for (const child of children) await child.join();
    assert.deepEqual([...new Set(children.map((child) => child.exitCode))], [exitCode], act);
  }
});
