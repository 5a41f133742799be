/** Misuse is a clear error with a code, thrown where the mistake is, and leaves nothing behind. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import net from 'node:net';
import { test } from 'node:test';
import { Event, Queue } from 'multiprocess';
import { currentThread, enumerate, mainThread, Thread, Timer } from 'multiprocess/threading';
import { codeOf } from '../conformance/support.ts';
import { usedSlots } from './support/slots.ts';

const refused = (message: RegExp) => ({ name: 'MultiprocessError', code: 'ERR_MP_INVALID_ARG', message });

const OPTIONS: [options: unknown, message: RegExp][] = [
  [{ target: 'work' }, /^target must be a function, not "work"$/],
  [{ target: null }, /^target must be a function, not null$/],
  [{ args: 5 }, /^args must be an array of arguments, not 5$/],
  [{ args: 'ab' }, /^args must be an array of arguments, not "ab"$/],
  [{ kwargs: [] }, /^kwargs must be an object, not an array of 0$/],
  [{ kwargs: 1 }, /^kwargs must be an object, not 1$/],
  [{ group: 'x' }, /^group must be null, not "x"$/],
  [{ name: 1 }, /^name must be a string, not 1$/],
  [{ daemon: 1 }, /^daemon must be a boolean, not 1$/],
  [{ traget: () => {} }, /^unknown option 'traget'.*; accepted are target, args, kwargs, name, daemon, group$/],
  [5, /^options must be an object, not 5$/],
  [null, /^options must be an object/],
  [() => {}, /^options must be an object/],
  [[], /^options must be an object/],
];

for (const [options, message] of OPTIONS) {
  const shown =
    JSON.stringify(options, (_, value) => (typeof value === 'function' ? '() => {}' : value)) ?? 'a function';
  test(`new Thread(${shown}) is refused`, () => {
    assert.throws(() => new Thread(options as {}), refused(message));
  });
}

test('null and undefined options that Python accepts are accepted', () => {
  new Thread();
  new Thread({ group: null, target: undefined, args: undefined, kwargs: undefined, name: undefined });
});

test('new Timer() refuses what it cannot wait for, call or pass', () => {
  const nothing = () => {};
  for (const interval of [-1, NaN, '5', undefined, null, 5n, true]) {
    assert.throws(() => new Timer(interval as never, nothing), refused(/^interval must be a number of milliseconds/));
  }
  assert.throws(() => new Timer(5, 'fn' as never), refused(/^fn must be a function, not "fn"$/));
  assert.throws(() => new Timer(5, nothing, 7 as never), refused(/^args must be an array of arguments, not 7$/));
});

test('name and daemon take no other types', () => {
  const thread = new Thread();
  assert.throws(() => (thread.name = 1 as never), refused(/^name must be a string, not 1$/));
  assert.throws(() => (thread.daemon = 'yes' as never), refused(/^daemon must be a boolean, not "yes"$/));
});

test('use before the start', async () => {
  const thread = new Thread({ target: () => {} });
  const early = { code: 'ERR_MP_NOT_STARTED', message: 'cannot join thread before it is started' };
  await assert.rejects(thread.join(), early);
  assert.throws(() => thread.joinSync(), early);
});

test('a second start', async () => {
  const thread = new Thread({ target: () => {} });
  thread.start();
  const twice = { code: 'ERR_MP_ALREADY_STARTED', message: 'threads can only be started once' };
  assert.throws(() => thread.start(), twice);
  assert.throws(() => (thread.daemon = true), { code: 'ERR_MP_ALREADY_STARTED' });
  await thread.join();
  assert.throws(() => thread.start(), twice);
});

test('a thread cannot join or start itself; neither can the main thread', async () => {
  const told = new Queue<string[]>();
  const thread = new Thread({
    target: async () => {
      const self = currentThread();
      const joining = await self.join().catch((error) => error.code);
      told.putSync([joining, codeOf(() => self.joinSync()), codeOf(() => self.start())]);
    },
  });
  thread.start();
  await thread.join();
  assert.deepEqual(told.getSync(), ['ERR_MP_DEADLOCK', 'ERR_MP_DEADLOCK', 'ERR_MP_ALREADY_STARTED']);
  await assert.rejects(mainThread().join(), { code: 'ERR_MP_DEADLOCK', message: 'cannot join current thread' });
});

test('the threads of others can be looked at, not joined', async () => {
  const told = new Queue<unknown[]>();
  const thread = new Thread({
    target: async () => {
      const main = mainThread();
      const joining = await main.join(10).catch((error) => error.code);
      told.putSync([joining, codeOf(() => main.joinSync(10)), main.isAlive(), main.name]);
    },
  });
  thread.start();
  await thread.join();
  assert.deepEqual(told.getSync(), ['ERR_MP_NOT_CHILD', 'ERR_MP_NOT_CHILD', true, 'MainThread']);
});

test('a thread object that came in a message says so', async () => {
  const told = new Queue<string[]>();
  const other = new Thread({ target: () => {} });
  const thread = new Thread({
    target: () => told.putSync([codeOf(() => other.start()), codeOf(() => other.isAlive())]),
  });
  thread.start();
  await thread.join();
  assert.deepEqual(told.getSync(), ['ERR_MP_NOT_CHILD', 'ERR_MP_NOT_CHILD']);
});

test('bad timeouts', async () => {
  const go = new Event();
  const thread = new Thread({ target: () => go.waitSync(60_000) });
  thread.start();
  for (const bad of ['1', NaN, true, 5n, { timeout: '1' }, { timeout: 1, extra: 1 }, { signal: 5 }, null] as never[]) {
    await assert.rejects(thread.join(bad), { code: 'ERR_MP_INVALID_ARG' }, String(bad));
  }
  for (const bad of ['1', NaN, true, null] as never[]) {
    assert.throws(() => thread.joinSync(bad), { code: 'ERR_MP_INVALID_ARG' }, String(bad));
  }
  go.set();
  assert.equal(await thread.join(), true);
});

test('what cannot be sent is refused at start(); no slot, no thread is left, and another can be started', async () => {
  const server = net.createServer();
  const tasks = readdirSync('/proc/self/task').length;
  const slots = usedSlots();
  const thread = new Thread({ target: () => server.listening });
  assert.throws(
    () => thread.start(),
    (error: Error & { code: string }) => {
      assert.equal(error.code, 'ERR_MP_CAPTURE');
      assert.match(
        error.message,
        /^cannot send 'server' \(net\.Server\), captured by target at .*bad-input\.test\.ts:\d+/,
      );
      return true;
    },
  );
  const other = new Thread({ target: (x: unknown) => x, args: [Promise.resolve(1)] });
  assert.throws(() => other.start(), { code: 'ERR_MP_CAPTURE' });
  assert.equal(thread.isAlive(), false);
  assert.equal(thread.ident, undefined);
  assert.deepEqual(usedSlots(), slots);
  assert.equal(readdirSync('/proc/self/task').length, tasks);
  assert.deepEqual(enumerate(), [mainThread()]);
  const good = new Thread({ target: () => {} });
  good.start();
  assert.equal(await good.join(), true);
});
