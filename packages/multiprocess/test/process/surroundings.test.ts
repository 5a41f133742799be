/** What a child finds around itself: points 4 and 7 of "Processes" in ARCHITECTURE.md. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { getHeapStatistics } from 'node:v8';
import { parentProcess } from 'multiprocess';
import { ask, inChild, scratch } from './support/answer.ts';
import { onEachMethod } from './support/matrix.ts';
import { openFiles } from './support/procfs.ts';
import { run } from './support/program.ts';

onEachMethod('pid and ppid are its own', async ({ method }) => {
  const { child, result } = ask(method, () => [process.pid, process.ppid, Number(fs.readlinkSync('/proc/self'))], []);
  const { pid } = child;
  assert.deepEqual(await result(), [pid, process.pid, pid]);
});

onEachMethod('ppid and parentProcess() are the logical parent', async ({ method }) => {
  const found = await inChild(method, () => [process.ppid, parentProcess()!.pid, parentProcess()!.name]);
  assert.deepEqual(found, [process.pid, process.pid, 'MainProcess']);
});

onEachMethod('the environment is the parent’s at start()', async ({ method }) => {
  process.env.MP_TEST_FIRST = 'before';
  await inChild(method, () => process.env.MP_TEST_FIRST);
  process.env.MP_TEST_FIRST = 'after';
  process.env.MP_TEST_SECOND = 'new';
  const read = () => [process.env.MP_TEST_FIRST, process.env.MP_TEST_SECOND];
  assert.deepEqual(await inChild(method, read), ['after', 'new']);
  delete process.env.MP_TEST_FIRST;
  delete process.env.MP_TEST_SECOND;
  assert.deepEqual(await inChild(method, read), [null, null]);
});

onEachMethod('an environment of its own replaces the parent’s, for its programs too', async ({ method }) => {
  const env = { PATH: process.env.PATH, ONLY: 'this', LANG: 'C' };
  const read = () => [{ ...process.env }, execFileSync('sh', ['-c', 'echo $ONLY$HOME']).toString()];
  const [found, echoed] = await inChild(method, read, [], { env });
  assert.deepEqual(found, env);
  assert.equal(echoed, 'this\n');
});

onEachMethod('what a child changes in its environment stays there', async ({ method }) => {
  await inChild(method, () => {
    process.env.MP_TEST_LEAK = 'yes';
  });
  assert.equal(process.env.MP_TEST_LEAK, undefined);
  assert.equal(await inChild(method, () => process.env.MP_TEST_LEAK ?? 'none'), 'none');
});

onEachMethod('the working directory is the parent’s, or the one that was given', async ({ method }) => {
  const here = process.cwd();
  assert.equal(await inChild(method, () => process.cwd()), here);
  process.chdir(scratch());
  try {
    assert.equal(await inChild(method, () => process.cwd()), fs.realpathSync(scratch()));
  } finally {
    process.chdir(here);
  }
  assert.equal(await inChild(method, () => process.cwd(), [], { cwd: os.tmpdir() }), fs.realpathSync(os.tmpdir()));
});

onEachMethod('the umask is the parent’s', async ({ method }) => {
  const before = process.umask(0o027);
  try {
    assert.equal(await inChild(method, () => process.umask()), 0o027);
  } finally {
    process.umask(before);
  }
});

onEachMethod('argv and execArgv are the parent’s', async ({ method }) => {
  assert.deepEqual(await inChild(method, () => [process.argv, process.execArgv]), [process.argv, process.execArgv]);
});

onEachMethod('options of its own show in execArgv, and work', async ({ method }) => {
  const execArgv = ['--max-old-space-size=300'];
  const read = () => ({ shown: process.execArgv, limit: getHeapStatistics().heap_size_limit });
  const { shown, limit } = await inChild(method, read, [], { execArgv });
  assert.deepEqual(shown, [...process.execArgv, ...execArgv]);
  assert.ok(limit < 600e6, `heap limit ${limit}`);
});

onEachMethod('the title is its name, as ps shows it', async ({ method }) => {
  const read = () => [process.title, fs.readFileSync('/proc/self/comm', 'utf8').trim()];
  const [title, comm] = await inChild(method, read, [], { name: 'miller' });
  assert.equal(title, 'miller');
  assert.equal(comm, 'miller');
});

onEachMethod('stdin is /dev/null', async ({ method }) => {
  const found = await inChild(method, async () => {
    let text = '';
    for await (const chunk of process.stdin) text += chunk;
    return [fs.readlinkSync('/proc/self/fd/0'), text];
  });
  assert.deepEqual(found, ['/dev/null', '']);
});

onEachMethod('stdout and stderr are the parent’s', async ({ method }) => {
  const { stdout, stderr, code } = await run('speak.ts', { method });
  assert.equal(stdout, 'child out\nmain out\n');
  assert.match(stderr, /child err\n/);
  assert.equal(code, 0);
});

onEachMethod('descriptors of the parent do not leak into it', async ({ method }) => {
  const held = Array.from({ length: 20 }, () => fs.openSync(path.join(scratch(), 'held'), 'w'));
  const links = await inChild(method, () =>
    fs.readdirSync('/proc/self/fd').map((fd) => {
      try {
        return fs.readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return '';
      }
    }),
  );
  for (const fd of held) fs.closeSync(fd);
  assert.deepEqual(
    links.filter((link) => link.includes('held')),
    [],
  );
});

test('children that come and go leave no descriptor behind', async () => {
  await inChild('forkserver', () => {});
  await inChild('spawn', () => {});
  const before = openFiles().length;
  for (let i = 0; i < 3; i++) {
    for (const method of ['forkserver', 'spawn'] as const) {
      const { child, result } = ask(method, () => {}, []);
      assert.ok(child.sentinel > 0);
      await result();
      child.close();
    }
  }
  assert.equal(openFiles().length, before);
});

onEachMethod(
  'what a process changes in its arguments shows in its children, not in its brothers',
  async ({ method }) => {
    const read = () => process.argv.at(-1);
    const found = await inChild(
      method,
      async (way: typeof method, look: typeof read) => {
        process.argv.push('changed');
        return inChild(way, look);
      },
      [method, read],
    );
    assert.equal(found, 'changed');
    assert.equal(await inChild(method, read), process.argv.at(-1));
    process.argv.push('by main');
    try {
      assert.equal(await inChild(method, read), 'by main');
    } finally {
      process.argv.pop();
    }
  },
);
