/** CPython: _test_multiprocessing.py, _TestProcess. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type Context, cpuCount, currentProcess, getContext, type Process, parentProcess, wait } from 'multiprocess';
import { ask, inChild, scratchFile } from '../process/support/answer.ts';
import { WAYS, type Way } from '../process/support/matrix.ts';
import { openProgram } from '../process/support/open-program.ts';
import { runs, until } from '../process/support/procfs.ts';
import { run } from '../process/support/program.ts';
import { codeOf, conforms, conformsEverywhere, conformsOnce, stay } from './support.ts';

conformsOnce('_TestProcess', 'test_current', () => {
  const current = currentProcess();
  assert.equal(current.isAlive(), true);
  assert.equal(current.daemon, false);
  assert.ok(current.authKey instanceof Uint8Array && current.authKey.length > 0);
  assert.equal(current.pid, process.pid);
  assert.equal(current.exitCode, null);
});

conforms('_TestProcess', 'test_set_executable', async ({ method }) => {
  const { stdout } = await run('../../conformance/fixtures/set-executable.ts', { method });
  assert.equal(stdout, '0 0\n');
});

conformsEverywhere(
  '_TestProcess',
  'test_args_argument',
  async ({ way }) => {
    for (const args of [[1, 'two'], Object.freeze([1, 'two']) as unknown as unknown[]]) {
      assert.deepEqual(await inChild(way, (...given: unknown[]) => given, args), [1, 'two']);
    }
  },
  WAYS,
);

conformsEverywhere(
  '_TestProcess',
  'test_daemon_argument',
  ({ mp }) => {
    assert.equal(new mp.Process({ target: stay }).daemon, mp.currentProcess().daemon);
    assert.equal(new mp.Process({ target: stay, daemon: true }).daemon, true);
    assert.equal(new mp.Process({ target: stay, daemon: false }).daemon, false);
  },
  WAYS,
);

conforms('_TestProcess', 'test_parent_process_attributes', async ({ method }) => {
  assert.equal(parentProcess(), undefined);
  const found = await inChild(method, () => [parentProcess()!.pid, parentProcess()!.name]);
  assert.deepEqual(found, [process.pid, currentProcess().name]);
});

conforms('_TestProcess', 'test_parent_process', async ({ method }) => {
  const program = openProgram('../../conformance/fixtures/notice-parent.ts', { method });
  const [, child] = await program.printed(/^alive: true, child (\d+)$/m);
  process.kill(Number(child), 'SIGKILL');
  await program.printed(/^joined: true, alive: false$/m);
  await program.end();
  await program.assertGone();
});

conformsEverywhere(
  '_TestProcess',
  'test_process',
  async ({ way, mp }) => {
    const seen = new mp.Event(); // or it would have ended by the time it is looked at
    const { child, result } = ask(
      way,
      (where: Way, ...args: unknown[]) => {
        seen.waitSync();
        const { name, pid, authKey = [], daemon } = getContext(where).currentProcess();
        return { args, name, pid, daemon, key: [...authKey] };
      },
      [way, 5, 'x'],
      { daemon: true },
    );
    assert.equal(child.isAlive(), true);
    assert.equal(child.exitCode, null);
    assert.ok(mp.activeChildren().includes(child));
    const { pid, name, authKey = [] } = child; // a thread has no key
    seen.set();
    assert.deepEqual(await result(), { args: [5, 'x'], name, pid, daemon: true, key: [...authKey] });
    assert.equal(child.exitCode, 0);
    assert.equal(child.isAlive(), false);
    assert.ok(!mp.activeChildren().includes(child));
    const other = new mp.Process({ target: stay });
    assert.deepEqual([other.isAlive(), other.daemon, other.exitCode], [false, false, null]);
  },
  WAYS,
);

conforms('_TestProcess', 'test_process_mainthread_native_id', async ({ method }) => {
  const ids = () => readdirSync('/proc/self/task').map(Number);
  const found = await inChild(method, () => [process.pid, ...ids()]);
  assert.ok(found.slice(1).includes(found[0]!), 'the main thread has the id of the process');
  assert.deepEqual(
    found.filter((id) => ids().includes(id)),
    [],
  );
});

/** Ended by `act` only, with that exit code. */
function endedBy(act: 'interrupt' | 'terminate' | 'kill', exitCode: number): (given: { mp: Context }) => Promise<void> {
  return async ({ mp }) => {
    const child = new mp.Process({ target: stay, daemon: true });
    child.start();
    assert.equal(child.isAlive(), true);
    assert.equal(child.exitCode, null);
    assert.equal(await child.join(0), false);
    assert.equal(await child.join(-1), false);
    assert.equal(child.joinSync(-1), false);
    assert.equal(child.isAlive(), true);
    child[act]();
    assert.equal(await child.join(), true);
    assert.equal(child.isAlive(), false);
    assert.equal(child.exitCode, exitCode);
  };
}

conforms('_TestProcess', 'test_interrupt', endedBy('interrupt', -2));
conforms('_TestProcess', 'test_interrupt_no_handler', endedBy('interrupt', -2));
conformsEverywhere('_TestProcess', 'test_terminate', endedBy('terminate', -15), WAYS);
conformsEverywhere('_TestProcess', 'test_kill', endedBy('kill', -9), WAYS);

conformsOnce('_TestProcess', 'test_cpu_count', () => {
  assert.ok(Number.isInteger(cpuCount()) && cpuCount() >= 1);
});

conformsEverywhere(
  '_TestProcess',
  'test_active_children',
  async ({ mp }) => {
    const child = new mp.Process({ target: stay, daemon: true }) as Process;
    assert.ok(!mp.activeChildren().includes(child));
    child.start();
    assert.ok(mp.activeChildren().includes(child));
    child.kill();
    await child.join();
    assert.ok(!mp.activeChildren().includes(child));
  },
  WAYS,
);

conformsEverywhere(
  '_TestProcess',
  'test_recursion',
  async ({ way }) => {
    const { stdout } = await run('../../conformance/fixtures/recursion.ts', { method: way });
    assert.deepEqual(stdout.trim().split('\n'), ['[]', '[0]', '[0,0]', '[0,1]', '[1]', '[1,0]', '[1,1]']);
  },
  WAYS,
);

conforms('_TestProcess', 'test_sentinel', async ({ mp }) => {
  const child = new mp.Process({ target: stay });
  assert.equal(
    codeOf(() => child.sentinel),
    'ERR_MP_NOT_STARTED',
  );
  child.start();
  const { sentinel } = child;
  assert.ok(Number.isInteger(sentinel));
  assert.deepEqual(await wait([sentinel], 0), []);
  child.terminate();
  await child.join();
  assert.deepEqual(await wait([sentinel], 0), [sentinel]);
});

conformsEverywhere(
  '_TestProcess',
  'test_close',
  async ({ mp }) => {
    const child = new mp.Process({ target: stay });
    child.start();
    assert.equal(child.isAlive(), true);
    assert.equal(
      codeOf(() => child.close()),
      'ERR_MP_STILL_RUNNING',
    );
    child.kill();
    await child.join();
    child.close();
    const uses = [() => child.isAlive(), () => child.joinSync(), () => child.terminate(), () => child.pid];
    assert.deepEqual(uses.map(codeOf), Array(4).fill('ERR_MP_CLOSED'));
    child.close();
  },
  WAYS,
);

conformsEverywhere(
  '_TestProcess',
  'test_many_processes',
  async ({ way, mp }) => {
    const count = way === 'forkserver' ? 50 : 5;
    const short = Array.from({ length: count }, () => new mp.Process({ target: () => {} }));
    for (const child of short) child.start();
    await Promise.all(short.map((child) => child.join()));
    assert.deepEqual([...new Set(short.map((child) => child.exitCode))], [0]);
    const long = Array.from({ length: count }, () => new mp.Process({ target: stay }));
    for (const child of long) child.start();
    for (const child of long) child.terminate();
    await Promise.all(long.map((child) => child.join()));
    assert.deepEqual([...new Set(long.map((child) => child.exitCode))], [-15]);
  },
  WAYS,
);

conforms('_TestProcess', 'test_child_fd_inflation', async ({ method, mp }) => {
  const count = () => readdirSync('/proc/self/fd').length;
  const alone = await inChild(method, count);
  const siblings = Array.from({ length: 5 }, () => new mp.Process({ target: stay, daemon: true }));
  for (const sibling of siblings) sibling.start();
  const among = await inChild(method, count);
  for (const sibling of siblings) sibling.kill();
  for (const sibling of siblings) await sibling.join();
  assert.equal(among, alone);
});

conformsEverywhere(
  '_TestProcess',
  'test_lose_target_ref',
  async ({ way }) => {
    const { stdout } = await run('../../conformance/fixtures/lose-target.ts', {
      method: way,
      execArgv: ['--expose-gc'],
    });
    assert.equal(stdout, 'collected\n');
  },
  WAYS,
);

conforms('_TestProcess', 'test_wait_for_threads', async ({ method }) => {
  const { stdout } = await run('wait-for-worker.ts', { method });
  assert.equal(stdout, 'run is over\nworker is over\nexit code 0\n');
});

conformsEverywhere(
  '_TestProcess',
  'test_error_on_stdio_flush_1',
  async ({ way }) => {
    const file = scratchFile('stdio');
    const args = [file];
    const program = openProgram('../../conformance/fixtures/start-without-stdio.ts', { method: way, args });
    program.process.stdout!.destroy();
    program.process.stderr!.destroy();
    await program.exit();
    assert.equal(readFileSync(file, 'utf8'), 'exit code 0');
  },
  WAYS,
);

conformsEverywhere(
  '_TestProcess',
  'test_error_on_stdio_flush_2',
  async ({ way }) => {
    const { stdout } = await run('../../conformance/fixtures/break-own-stdio.ts', { method: way });
    assert.equal(stdout, 'exit codes 0 0\n');
  },
  WAYS,
);

for (const [name, signal] of [
  ['test_forkserver_sigint', 'SIGINT'],
  ['test_forkserver_sigkill', 'SIGKILL'],
] as const) {
  conformsOnce('_TestProcess', name, async () => {
    const zygote = await inChild('forkserver', () =>
      Number(readFileSync('/proc/self/stat', 'latin1').match(/.*\) \S (\d+)/)![1]),
    );
    assert.match(readlinkSync(`/proc/${zygote}/exe`), /node/);
    const before = ask('forkserver', () => new Promise((resolve) => setTimeout(resolve, 300, 'before')), []);
    process.kill(zygote, signal);
    if (signal === 'SIGKILL') await until('the zygote to end', () => !runs(zygote));
    assert.equal(await inChild('forkserver', () => 'after'), 'after');
    assert.equal(await before.result(), 'before');
    assert.equal(runs(zygote), signal === 'SIGINT');
  });
}
