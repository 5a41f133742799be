/** The zygote dies: its children go on, their ends are known, the next start works. */
import assert from 'node:assert/strict';
import { existsSync, realpathSync } from 'node:fs';
import { test } from 'node:test';
import { scratch, scratchFile } from './support/answer.ts';
import { openProgram } from './support/open-program.ts';
import { allProcesses, runs, until } from './support/procfs.ts';
import { type Program, run } from './support/program.ts';

// By its parent, too: a child bears the zygote's title until it has set its own.
const zygotesOf = (program: Program): number[] =>
  allProcesses()
    .filter(({ parent, command, state }) => parent === program.pid && state !== 'Z' && command.startsWith('zygote'))
    .map(({ pid }) => pid);

async function killZygote(program: Program): Promise<number> {
  const zygote = await until('a zygote', () => zygotesOf(program)[0]);
  process.kill(zygote, 'SIGKILL');
  await until('the zygote to die', () => !runs(zygote));
  return zygote;
}

/** Each joins three children with exit codes 3, 4 and -9 after the zygote’s death. */
for (const way of ['join', 'joinSync', 'wait', 'waitSync', 'isAlive', 'busy', 'activeChildren']) {
  test(`ends are known after the zygote’s death, by ${way}`, async () => {
    const program = openProgram('outlive-zygote.ts', { args: [way] });
    const [, folder] = await program.printed(/^ready (.*)$/m);
    await killZygote(program);
    process.kill(program.pid, 'SIGUSR1');
    await program.printed(/^ended 3 4 -9$/m);
    assert.equal(existsSync(folder!), false);
    assert.equal((await program.end()).code, 0);
    await program.assertGone();
  });
}

test('the next start works, also while older children run', async () => {
  const program = openProgram('start-on-signal.ts');
  await program.printed(/^first \d+$/m);
  for (let round = 1; round <= 3; round++) {
    await killZygote(program);
    process.kill(program.pid, 'SIGUSR1');
    await program.printed(new RegExp(`^round ${round} exit code 0$`, 'm'));
  }
  process.kill(program.pid, 'SIGUSR2');
  await program.printed(/^first exit code -15$/m);
  assert.equal((await program.end()).code, 0);
  await program.assertGone();
});

test('a main that only waits for other things starts the next zygote, so that its daemons die with it', async () => {
  const program = openProgram('idle-with-daemon.ts');
  const [, pid] = await program.printed(/^daemon (\d+)$/m);
  const dead = await killZygote(program);
  await until('another zygote', () => zygotesOf(program).some((zygote) => zygote !== dead));
  process.kill(program.pid, 'SIGKILL');
  await until('the daemon to end', () => !runs(Number(pid)));
  await program.assertGone();
});

test('starts that are under way when the zygote dies are begun again', async () => {
  const { stdout, code, stderr } = await run('start-while-zygotes-die.ts');
  assert.equal(stderr, '');
  assert.equal(stdout, '30 children ended with 0\n');
  assert.equal(code, 0);
});

test('a zygote that is killed before it serves is started anew, three in a row are an error', async () => {
  const killing = async (count: number) => {
    const { stdout, stderr } = await run('kill-booting-zygotes.ts', { args: [`${count}`, scratchFile('killed')] });
    assert.equal(stderr, '');
    return stdout;
  };
  assert.equal(await killing(2), 'exit code 0\n');
  assert.equal(
    await killing(3),
    'ERR_MP_START_FAILED: cannot start a process: the template process ended with exit code -9 before it could fork\n',
  );
});

test('a child has the surroundings of its parent also when another process has started the zygote', async () => {
  const { stdout, stderr } = await run('zygote-of-another.ts', { args: [scratch()] });
  assert.equal(stderr, '');
  const [before, ofOther, after] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.notEqual(ofOther.zygote, before.zygote);
  assert.deepEqual(ofOther, { zygote: after.zygote, cwd: realpathSync(scratch()), mark: 'of another', umask: 0o027 });
  assert.deepEqual(after, { ...before, zygote: after.zygote });
});

test('a request that is there twice is fulfilled once, and no other is lost', async () => {
  const { stdout, stderr } = await run('request-twice.ts');
  assert.equal(stderr, '');
  assert.equal(stdout, '3,3 true\n');
});
