/** Segments that we made go when the last process of the program has ended, however it ended. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SharedMemory } from 'multiprocess';
import { METHODS } from '../process/support/matrix.ts';
import { openProgram } from '../process/support/open-program.ts';
import { openFiles, processRow, runs, until } from '../process/support/procfs.ts';
import type { Program } from '../process/support/program.ts';
import { keeperPid } from './support/keeper.ts';
import { ended, gone, segmentExists, segmentName, segmentsNamed } from './support/segments.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** A program that makes segments when told to; see fixtures/makes-segments.ts. */
async function family(
  children: string[],
  ...rest: string[]
): Promise<{ program: Program; prefix: string; pids: Record<string, number> }> {
  const prefix = segmentName('family');
  const program = openProgram(fixture('makes-segments.ts'), { args: [prefix, children.join(), ...rest] });
  const [, text] = await program.printed(/^ready (.*)$/m);
  return { program, prefix, pids: JSON.parse(text!) };
}

async function allGone(prefix: string, keeper: number): Promise<void> {
  await ended(keeper);
  assert.deepEqual(segmentsNamed(prefix), []);
}

for (const how of ['return', 'exit', 'throw', 'abort', 'SIGTERM', 'SIGINT', 'SIGKILL']) {
  test(`a program’s segments go with it: ${how}`, async () => {
    const { program, prefix, pids } = await family([], `end=${how}`);
    assert.deepEqual(segmentsNamed(prefix), [`${prefix}-main`]);
    program.process.kill(how.startsWith('SIG') ? (how as NodeJS.Signals) : 'SIGUSR2');
    await program.exit();
    if (how === 'return' || how === 'exit') assert.deepEqual(segmentsNamed(prefix), [], 'gone before the program is');
    await allGone(prefix, pids.keeper!);
  });
}

for (const method of METHODS) {
  test(`what main and its children made stays until the last one is killed (${method})`, async () => {
    const { program, prefix, pids } = await family([method, method]);
    const all = ['child-0', 'child-1', 'main'].map((who) => `${prefix}-${who}`);
    assert.deepEqual(segmentsNamed(prefix).sort(), all);
    process.kill(pids.main!, 'SIGKILL');
    await program.exit();
    process.kill(pids['child-0']!, 'SIGKILL');
    await ended(pids['child-0']!);
    process.kill(pids['child-1']!, 'SIGUSR1'); // makes another one: it still is a full member
    await program.printed(/^child-1 made another$/m);
    assert.deepEqual(segmentsNamed(prefix).sort(), [all[0], all[1], `${prefix}-child-1-more`, all[2]]);
    assert.ok(runs(pids.keeper!));
    process.kill(pids['child-1']!, 'SIGKILL');
    await allGone(prefix, pids.keeper!);
  });

  test(`everybody is killed at once (${method})`, async () => {
    const { program, prefix, pids } = await family([method, method, method]);
    assert.equal(segmentsNamed(prefix).length, 4);
    program.kill(); // its session, the zygote included
    await allGone(prefix, pids.keeper!);
  });

  test(`a segment of a child that is killed stays for the others (${method})`, async () => {
    const { program, prefix, pids } = await family([method]);
    process.kill(pids['child-0']!, 'SIGKILL');
    await program.printed(/^child-0 ended -9$/m);
    assert.deepEqual(segmentsNamed(prefix).sort(), [`${prefix}-child-0`, `${prefix}-main`]);
    process.kill(pids.main!, 'SIGKILL');
    await allGone(prefix, pids.keeper!);
  });

  test(`a child that makes the only segment starts the keeper; main is its last member (${method})`, async () => {
    const { program, prefix, pids } = await family([method], 'children-only');
    process.kill(pids['child-0']!, 'SIGKILL');
    await program.printed(/^child-0 ended -9$/m);
    assert.deepEqual(segmentsNamed(prefix), [`${prefix}-child-0`]);
    process.kill(pids.main!, 'SIGKILL');
    await allGone(prefix, pids.keeper!);
  });
}

test('segments that a preload or a worker thread makes go, too', async () => {
  const { prefix, pids } = await family([], 'preload', 'thread');
  assert.deepEqual(
    segmentsNamed(prefix).sort(),
    ['main', 'preload', 'thread'].map((who) => `${prefix}-${who}`),
  );
  process.kill(pids.main!, 'SIGKILL');
  await allGone(prefix, pids.keeper!);
});

test('a program that a member starts in an ordinary way does not keep the segments', async () => {
  const { prefix, pids } = await family([], 'plain');
  process.kill(pids.main!, 'SIGKILL');
  await allGone(prefix, pids.keeper!);
  assert.ok(runs(pids.plain!));
  process.kill(pids.plain!, 'SIGKILL');
});

test('the keeper is deaf to signals, and holds nothing of the program’s', async () => {
  const { program, prefix, pids } = await family([], 'plain');
  const keeper = pids.keeper!;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGPIPE'] as const)
    process.kill(keeper, signal);
  const targets = () => openFiles(keeper).map((fd) => readlinkSync(`/proc/${keeper}/fd/${fd}`));
  await until('the keeper to watch', () => targets().includes('anon_inode:[pidfd]'));
  const [socket, ...others] = targets().sort().reverse();
  assert.deepEqual(others, ['anon_inode:[pidfd]', '/dev/null', '/dev/null', '/dev/null']);
  // Its own: the address where it takes descriptors on their way.
  const [, inode] = /^socket:\[(\d+)\]$/.exec(socket!)!;
  assert.match(readFileSync('/proc/net/unix', 'utf8'), new RegExp(` ${inode} @multiprocess-[0-9a-f-]+\\n`));
  assert.equal(readlinkSync(`/proc/${keeper}/cwd`), '/');
  const row = processRow(keeper)!;
  assert.notEqual(row.session, program.pid);
  assert.notEqual(row.parent, pids.main);
  assert.ok(runs(keeper));
  assert.ok(segmentExists(`${prefix}-main`));
  process.kill(pids.plain!, 'SIGKILL');
  process.kill(pids.main!, 'SIGKILL');
  await allGone(prefix, keeper);
});

test('a keeper that is killed is replaced with the next segment, and the next one knows the old ones', async () => {
  const { program, prefix, pids } = await family(['forkserver']);
  process.kill(pids.keeper!, 'SIGKILL');
  await ended(pids.keeper!);
  process.kill(pids['child-0']!, 'SIGUSR1');
  const [, next] = await program.printed(/^keeper (\d+)$/m);
  assert.notEqual(Number(next), pids.keeper);
  assert.equal(segmentsNamed(prefix).length, 3);
  program.kill();
  await allGone(prefix, Number(next));
});

test('a name that others have taken since is left alone', async () => {
  const { prefix, pids } = await family([], 'replaced');
  // The program has unlinked one and made two others; those two names now mean files of ours.
  writeFileSync(`/dev/shm/${prefix}-unlinked`, 'ours');
  rmSync(`/dev/shm/${prefix}-removed`);
  writeFileSync(`/dev/shm/${prefix}-removed`, 'ours');
  writeFileSync(`/dev/shm/${prefix}-new`, 'ours');
  renameSync(`/dev/shm/${prefix}-new`, `/dev/shm/${prefix}-covered`);
  process.kill(pids.main!, 'SIGKILL');
  await ended(pids.keeper!);
  const left = ['covered', 'removed', 'unlinked'].map((what) => `${prefix}-${what}`);
  assert.deepEqual(segmentsNamed(prefix).sort(), left);
  for (const name of left) rmSync(`/dev/shm/${name}`);
});

test('attaching does not make a segment ours', async () => {
  const name = segmentName();
  writeFileSync(`/dev/shm/${name}`, 'somebody else’s');
  const { prefix, pids } = await family(['forkserver', 'spawn'], `attach=${name}`);
  process.kill(pids.main!, 'SIGKILL');
  for (const child of ['child-0', 'child-1']) process.kill(pids[child]!, 'SIGKILL');
  await allGone(prefix, pids.keeper!);
  assert.ok(segmentExists(name));
  new SharedMemory({ name }).unlink();
});

test('a program that only attaches starts no keeper', () => {
  const name = segmentName();
  writeFileSync(`/dev/shm/${name}`, 'x');
  const program = `import { SharedMemory } from '${import.meta.resolve('multiprocess')}';
    new SharedMemory({ name: '${name}' }).unlink();
    const { native } = await import('${new URL('../../dist/native.js', import.meta.url)}');
    process.exitCode = native.realmFd() === -1 ? 0 : 1;`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' });
  return exitCode(child).then((code) => {
    assert.equal(code, 0);
    assert.equal(segmentExists(name), false);
  });
});

test('killed at any moment, a program that makes and unlinks segments leaves none', async () => {
  for (let round = 0; round < 12; round++) {
    const prefix = segmentName('churn');
    const program = openProgram(fixture('churns-segments.ts'), { args: [prefix] });
    const [, keeper] = await program.printed(/^keeper (\d+)$/m);
    // Where it is just now differs from round to round.
    const until = performance.now() + round;
    while (performance.now() < until);
    program.process.kill('SIGKILL');
    await allGone(prefix, Number(keeper));
    await program.exit();
  }
});

test('a segment that is unlinked needs no memory of the realm any more', async () => {
  const { memoryStats } = await import('../../dist/memory/index.js');
  const once = () => {
    const memory = new SharedMemory({ create: true, size: 8 });
    memory.close();
    memory.unlink();
  };
  once();
  const before = memoryStats();
  for (let i = 0; i < 100; i++) once();
  assert.throws(() => new SharedMemory({ name: 'taken/', create: true, size: 8 }));
  const after = memoryStats();
  assert.deepEqual([after.cells, after.references], [before.cells, before.references]);
  assert.ok(runs(keeperPid()!));
});

const exitCode = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)));

test('many segments go at once', async () => {
  const { prefix, pids } = await family([], 'many=3000');
  assert.equal(segmentsNamed(prefix).length, 3001);
  process.kill(pids.main!, 'SIGKILL');
  await gone(`${prefix}-main`);
  await allGone(prefix, pids.keeper!);
});
