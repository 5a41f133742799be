/** Process objects: names, properties, close(), and who may use them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import util from 'node:util';
import { activeChildren, currentProcess, isMainProcess, Process, parentProcess } from 'multiprocess';
import { inChild } from './support/answer.ts';
import { onEachMethod } from './support/matrix.ts';
import { run } from './support/program.ts';

const stay = () => new Promise(() => setInterval(() => {}, 1000));
const code = (act: () => unknown): string => {
  try {
    act();
    return 'nothing thrown';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

onEachMethod('start() is synchronous: the child exists when it returns', async ({ mp }) => {
  const child = new mp.Process({ target: stay });
  assert.equal(child.pid, undefined);
  assert.equal(child.isAlive(), false);
  child.start();
  process.kill(child.pid!, 0);
  assert.equal(child.isAlive(), true);
  assert.ok(activeChildren().includes(child as unknown as Process));
  child.kill();
  await child.join();
  assert.equal(child.isAlive(), false);
  assert.ok(!activeChildren().includes(child as unknown as Process));
});

onEachMethod('default names count per parent, down the generations', async ({ method }) => {
  const { stdout } = await run('names.ts', { method });
  assert.equal(stdout, 'MainProcess\nProcess-1\nProcess-1:1\nProcess-1:2\nProcess-1:2:1\nProcess-2\nmine\nProcess-4\n');
});

onEachMethod('the child knows itself', async ({ method }) => {
  const look = () => {
    const me = currentProcess();
    return {
      name: me.name,
      pid: me.pid === process.pid,
      daemon: me.daemon,
      exitCode: me.exitCode,
      alive: me.isAlive(),
      same: me === currentProcess(),
      main: isMainProcess,
      children: activeChildren().length,
      isProcess: me instanceof Process,
      join: code(() => me.joinSync()),
      start: code(() => me.start()),
    };
  };
  assert.deepEqual(await inChild(method, look, [], { name: 'inner', daemon: true }), {
    name: 'inner',
    pid: true,
    daemon: true,
    exitCode: null,
    alive: true,
    same: true,
    main: false,
    children: 0,
    isProcess: true,
    join: 'ERR_MP_NOT_CHILD',
    start: 'ERR_MP_ALREADY_STARTED',
  });
});

test('main knows itself', () => {
  const main = currentProcess();
  assert.deepEqual([main.name, main.pid, main.daemon, main.exitCode], ['MainProcess', process.pid, false, null]);
  assert.equal(main.isAlive(), true);
  assert.equal(isMainProcess, true);
  assert.equal(parentProcess(), undefined);
});

onEachMethod('a subclass runs its own run(), with its own fields', async ({ method }) => {
  const { stdout, code } = await run('subclass.ts', { method });
  assert.equal(stdout, 'hello world from greeter, 3 times\nsuper ran target 5\nconstructed 1 times in main\n');
  assert.equal(code, 0);
});

onEachMethod('kwargs arrive as one trailing options object', async ({ method }) => {
  const { stdout } = await run('kwargs.ts', { method });
  assert.equal(stdout, `[1,{"b":2}]\n[{"only":true}]\n[7,8]\n[]\n`);
});

onEachMethod('args are captured at start(): later changes are not seen', async ({ method }) => {
  const given = { list: [1] };
  const asked = inChild(method, (value: typeof given) => value.list, [given]);
  given.list.push(2);
  assert.deepEqual(await asked, [1]);
});

onEachMethod('close() while it runs throws; afterwards every use does', async ({ mp }) => {
  const child = new mp.Process({ target: stay });
  child.start();
  assert.throws(() => child.close(), {
    code: 'ERR_MP_STILL_RUNNING',
    message: 'Cannot close a process while it is still running. You should first call join() or terminate().',
  });
  child.kill();
  await child.join();
  child.close();
  child.close();
  const closed = { code: 'ERR_MP_CLOSED', message: 'process object is closed' };
  for (const use of ['start', 'joinSync', 'isAlive', 'terminate', 'kill', 'interrupt', 'run'] as const) {
    assert.throws(() => child[use](), closed, use);
  }
  for (const property of ['pid', 'name', 'daemon', 'exitCode', 'signalCode', 'sentinel', 'authKey'] as const) {
    assert.throws(() => child[property], closed, property);
  }
  await assert.rejects(child.join(), closed);
  assert.match(util.inspect(child), /closed/);
});

onEachMethod('await using joins and closes', async ({ mp }) => {
  // Node 22 knows the symbol, but not the syntax.
  const child = new mp.Process({ target: () => {} });
  child.start();
  await child[Symbol.asyncDispose]();
  assert.throws(() => child.pid, { code: 'ERR_MP_CLOSED' });
});

onEachMethod('an object that was never started can be closed', async ({ mp }) => {
  const child = new mp.Process({});
  child.close();
  assert.throws(() => child.start(), { code: 'ERR_MP_CLOSED' });
});

onEachMethod('a process object of the parent is of no use in the child', async ({ method }) => {
  const other = new Process({ target: () => {} });
  const look = (object: Process) => [
    code(() => object.start()),
    code(() => object.joinSync()),
    code(() => object.isAlive()),
    code(() => object.pid),
  ];
  assert.deepEqual(await inChild(method, look, [other]), Array(4).fill('ERR_MP_NOT_CHILD'));
});

onEachMethod('the authentication key is inherited, down the generations', async ({ method }) => {
  const key = () => Buffer.from(currentProcess().authKey).toString('hex');
  const here = key();
  assert.equal(here.length, 64);
  assert.equal(await inChild(method, key), here);
  const { stdout } = await run('auth-key.ts', { method });
  assert.equal(stdout, 'own key: 07 07\nsent: ERR_MP_CAPTURE\n');
});

onEachMethod('inspected, it tells what matters', async ({ mp }) => {
  const child = new mp.Process({ target: stay, name: 'shown', daemon: true });
  assert.equal(util.inspect(child), `<${mp.Process.name} name='shown' parent=${process.pid} initial daemon>`);
  child.start();
  const head = `<${mp.Process.name} name='shown' pid=${child.pid} parent=${process.pid}`;
  assert.equal(util.inspect(child), `${head} started daemon>`);
  child.terminate();
  await child.join();
  assert.equal(util.inspect(child), `${head} stopped exitcode=-SIGTERM daemon>`);
});

test('the name is settable', async () => {
  const child = new Process({ target: () => process.title });
  child.name = 'renamed';
  assert.equal(child.name, 'renamed');
  assert.throws(() => (child.name = 5 as never), { code: 'ERR_MP_INVALID_ARG', message: /name must be a string/ });
});
