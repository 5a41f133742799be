/** Daemons end with their parent’s own work, or with their parent. */
import assert from 'node:assert/strict';
import { Process } from 'multiprocess';
import { inChild } from './support/answer.ts';
import { onEachMethod } from './support/matrix.ts';
import { openProgram } from './support/open-program.ts';
import { runs, until } from './support/procfs.ts';
import { run } from './support/program.ts';

onEachMethod('daemons end when main’s work is done, while a plain child still runs', async ({ method }) => {
  const { stdout, code } = await run('daemon-and-plain.ts', { method });
  assert.equal(stdout, 'main is done\nthe daemon has ended\nplain child is done\n');
  assert.equal(code, 0);
});

onEachMethod('a daemon that ignores SIGTERM is killed', async ({ method }) => {
  const { stdout, code } = await run('stubborn-daemon.ts', { method });
  assert.match(stdout, /^started\nterminated\nmain exits 0\n$/);
  assert.equal(code, 0);
});

onEachMethod('daemons of a child end when that child’s work is done', async ({ method }) => {
  const { stdout, code } = await run('child-with-daemon.ts', { method });
  assert.equal(stdout, 'child is done\nchild exit code 0\n');
  assert.equal(code, 0);
});

onEachMethod('a daemon cannot have children', async ({ method }) => {
  const found = await inChild(
    method,
    () => {
      try {
        new Process({ target: () => {} }).start();
        return 'started';
      } catch (error) {
        return [(error as { code: string }).code, (error as Error).message];
      }
    },
    [],
    { daemon: true },
  );
  assert.deepEqual(found, ['ERR_MP_DAEMON_CHILDREN', 'daemonic processes are not allowed to have children']);
});

onEachMethod('daemon is settable before the start only', async ({ mp }) => {
  const child = new mp.Process({ target: () => {} });
  assert.equal(child.daemon, false);
  child.daemon = true;
  assert.equal(child.daemon, true);
  assert.throws(() => (child.daemon = 'yes' as never), { code: 'ERR_MP_INVALID_ARG' });
  child.daemon = false;
  child.start();
  assert.throws(() => (child.daemon = true), {
    code: 'ERR_MP_ALREADY_STARTED',
    message: 'process has already started',
  });
  await child.join();
});

onEachMethod(
  'main is SIGKILLed: daemons and orphan: kill end soon, plain children go on and can start others',
  async ({ method }) => {
    const program = openProgram('family.ts', { method });
    const [, text] = await program.printed(/^family (.*)$/m);
    const family = JSON.parse(text!) as Record<string, number>;
    assert.ok(Object.values(family).every(runs));
    const killedAt = Date.now();
    process.kill(program.pid, 'SIGKILL');
    for (const name of ['daemon', 'orphan', 'daemonOfPlain']) {
      if (name === 'daemonOfPlain') continue;
      await until(`${name} to end`, () => !runs(family[name]!));
    }
    const took = Date.now() - killedAt;
    assert.ok(took < 60_000, `took ${took} ms`);
    assert.ok(runs(family.plain!), 'the plain child goes on');
    assert.ok(runs(family.daemonOfPlain!), 'and so does its daemon');
    process.kill(family.plain!, 'SIGUSR1');
    await program.printed(/^grandchild of plain ended with 0, parent is alive: false$/m);
    process.kill(family.plain!, 'SIGKILL');
    await until('the daemon of the plain child to end', () => !runs(family.daemonOfPlain!));
    await program.end();
    await program.assertGone();
  },
);

onEachMethod('a child is SIGKILLed: its daemons and orphan: kill end, its plain children go on', async ({ method }) => {
  const program = openProgram('nested-family.ts', { method });
  const [, text] = await program.printed(/^nested (.*)$/m);
  const { child, daemon, orphan, plain } = JSON.parse(text!) as Record<string, number>;
  process.kill(child!, 'SIGKILL');
  await until('the daemon to end', () => !runs(daemon!));
  await until('orphan: kill to end', () => !runs(orphan!));
  await program.printed(/^child ended with -9$/m);
  assert.ok(runs(plain!));
  process.kill(plain!, 'SIGKILL');
  assert.equal((await program.end()).code, 0);
  await program.assertGone();
});

onEachMethod('a chain of orphan: kill goes down to its last link', async ({ method }) => {
  const program = openProgram('chain.ts', { method });
  const [, text] = await program.printed(/^chain (.*)$/m);
  const chain = text!.split(' ').map(Number);
  assert.equal(chain.length, 3);
  process.kill(program.pid, 'SIGKILL');
  await until('every link to end', () => !chain.some(runs));
  await program.assertGone();
});
