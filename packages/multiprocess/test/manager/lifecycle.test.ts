/** Managers begin and end. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { BaseManager, getContext, type MultiprocessError, SyncManager } from 'multiprocess';
import { untilEnd } from './support.ts';

const code = (expected: string) => (error: MultiprocessError) => error.code === expected;
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('states: before the start, started, shut down', async () => {
  const manager = new SyncManager();
  await assert.rejects(manager.dict(), code('ERR_MP_NOT_STARTED'));
  assert.throws(() => manager.dictSync(), code('ERR_MP_NOT_STARTED'));
  await assert.rejects(manager.join(), code('ERR_MP_NOT_STARTED'));
  await assert.rejects(manager.connect(), code('ERR_MP_INVALID_ARG'));
  assert.equal(manager.address, undefined);
  await manager.start();
  assert.equal(typeof manager.address, 'string');
  await assert.rejects(manager.start(), code('ERR_MP_ALREADY_STARTED'));
  await assert.rejects(manager.getServer(), code('ERR_MP_ALREADY_STARTED'));
  const dict = await manager.dict();
  await manager.shutdown();
  await manager.shutdown();
  assert.equal(await manager.join(), true);
  await assert.rejects(dict.get('x'), code('ERR_MP_CLOSED'));
  await assert.rejects(manager.dict(), code('ERR_MP_CLOSED'));
  await assert.rejects(manager.start(), code('ERR_MP_CLOSED'));
  await assert.rejects(manager.connect(), code('ERR_MP_CLOSED'));
});

test('an initializer runs in the manager first; its error is that of start()', async () => {
  class Env {
    get() {
      return process.env.MANAGED;
    }
  }
  const manager = untilEnd(new (class extends BaseManager {}.register('Env', Env))());
  await manager.start((value: string) => Object.assign(process.env, { MANAGED: value }), ['yes']);
  assert.equal(await (await manager.Env()).get(), 'yes');
  const failing = new BaseManager();
  await assert.rejects(
    failing.start(() => {
      throw new RangeError('not today');
    }),
    /not today/,
  );
  await assert.rejects(failing.start('x' as never), code('ERR_MP_INVALID_ARG'));
  await assert.rejects(
    failing.start(() => process.exit(3)),
    code('ERR_MP_START_FAILED'),
  );
});

test('an address that is taken is an error of start(), which can be tried again', async () => {
  const blocker = net.createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address() as net.AddressInfo;
  const manager = new SyncManager({ address: ['127.0.0.1', port] });
  await assert.rejects(manager.start(), code('ERR_MP_ADDRESS'));
  blocker.close();
  await once(blocker, 'close');
  await manager.start();
  assert.deepEqual(manager.address, ['127.0.0.1', port]);
  await manager.shutdown();
});

test('bad options', async () => {
  const bad: [object, RegExp][] = [
    [{ adress: 'x' }, /unknown option 'adress'/],
    [{ context: {} }, /context must be/],
    [{ shutdownTimeout: -1 }, /shutdownTimeout must be/],
  ];
  for (const [options, message] of bad) assert.throws(() => new SyncManager(options), message);
  await assert.rejects(new SyncManager({ address: 7 as never }).start(), code('ERR_MP_INVALID_ARG'));
  await assert.rejects(new SyncManager({ authKey: 7 as never }).start(), code('ERR_MP_INVALID_ARG'));
});

test('a context starts it by its method, and Ctrl-C does not end it', async () => {
  const manager = await getContext('spawn').Manager();
  const dict = await manager.dict();
  process.kill(manager.pid!, 'SIGINT');
  await dict.set('a', 1);
  assert.equal(await dict.get('a'), 1);
  await manager.shutdown();
});

test('a manager that does not listen to shutdown() is killed', async () => {
  const manager = new SyncManager({ shutdownTimeout: 100 });
  await manager.start(() => {
    process.on('SIGTERM', () => {});
  });
  process.kill(manager.pid!, 'SIGSTOP');
  await manager.shutdown();
  assert.equal(isAlive(manager.pid!), false);
});

const PROGRAM = `
import { Manager } from 'multiprocess';
const manager = await Manager();
const dict = await manager.dict();
await dict.set('a', 1);
console.log(manager.pid);
if (process.argv[1] === 'stay') setInterval(() => {}, 1000);
`;
const cwd = path.resolve(import.meta.dirname, '../../../..');

test('a program ends although its manager was not shut down, and takes it along', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd,
    timeout: 60_000,
  });
  assert.equal(isAlive(Number(stdout)), false);
});

test('a program that is killed takes its manager along', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, 'stay'], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [text] = (await once(child.stdout!, 'data')) as [Buffer];
  child.kill('SIGKILL');
  for (const deadline = Date.now() + 10_000; isAlive(Number(text)); ) {
    assert.ok(Date.now() < deadline, 'gone in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
