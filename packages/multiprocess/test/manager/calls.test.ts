/** Calls: their two forms, errors, cancelling, and what cannot be called. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BaseManager, Lock, Manager, type MultiprocessError, Process, type Proxied, Queue } from 'multiprocess';
import { untilEnd } from './support.ts';

class Machine {
  total = 0;
  _secret = 1;
  get double() {
    return this.total * 2;
  }
  add(n: number) {
    this.total += n;
    return this.total;
  }
  async later(value: unknown) {
    return value;
  }
  fail() {
    throw Object.assign(new RangeError('out of order'), { code: 'ERR_MACHINE', cause: new TypeError('why') });
  }
  async failLater() {
    throw 'a string';
  }
  echo(...values: unknown[]) {
    return values;
  }
  unsendable() {
    return [new FinalizationRegistry(() => {})];
  }
  never() {
    return new Promise<void>(() => {});
  }
  _hidden() {}
}

const Machines = class extends BaseManager {}.register('Machine', Machine);

async function machine(): Promise<{ machine: Proxied<Machine>; [Symbol.asyncDispose](): Promise<void> }> {
  const manager = new Machines();
  await manager.start();
  return { machine: await manager.Machine(), [Symbol.asyncDispose]: () => manager.shutdown() };
}

const code = (expected: string) => (error: MultiprocessError) => error.code === expected;

test('methods and properties, in both forms', async () => {
  const { machine: m, ...rest } = await machine();
  assert.equal(await m.add(2), 2);
  assert.equal(m.addSync(3), 5);
  assert.equal(await m.total(), 5);
  assert.equal(m.doubleSync(), 10);
  assert.equal(await m.later('x'), 'x');
  assert.equal(m.laterSync('y'), 'y');
  await rest[Symbol.asyncDispose]();
});

test('an error arrives with its class, code, cause and both stacks', async () => {
  const { machine: m, ...rest } = await machine();
  const check = (error: any) => {
    assert.ok(error instanceof RangeError);
    assert.equal((error as any).code, 'ERR_MACHINE');
    assert.ok(error.cause instanceof TypeError);
    assert.match(error.stack!, /at .*fail[\s\S]*--- process \d+ ↑ \| ↓ process \d+ ---[\s\S]*calls\.test/);
    return true;
  };
  await assert.rejects(async () => await m.fail(), check);
  assert.throws(() => m.failSync(), check);
  await assert.rejects(m.failLater(), (thrown) => thrown === 'a string');
  assert.throws(
    () => m.failLaterSync(),
    (thrown) => thrown === 'a string',
  );
  assert.equal(await m.add(1), 1, 'and the next call works');
  await rest[Symbol.asyncDispose]();
});

test('what can be sent are values of all kinds, functions, classes, locks and queues', async () => {
  const { machine: m, ...rest } = await machine();
  class Point {
    x = 1;
  }
  const [date, map, big, bytes, undef, nan, point, fn] = (await m.echo(
    new Date(7),
    new Map([[1, new Set(['a'])]]),
    10n ** 30n,
    new Float64Array([1, 2]),
    undefined,
    NaN,
    new Point(),
    (n: number) => n * 2,
  )) as any[];
  assert.deepEqual(
    [date, map, big, bytes],
    [new Date(7), new Map([[1, new Set(['a'])]]), 10n ** 30n, new Float64Array([1, 2])],
  );
  assert.equal(undef, undefined);
  assert.ok(Number.isNaN(nan));
  assert.ok(point instanceof Point);
  assert.equal(fn(21), 42);
  const large = new Uint8Array(3_000_000).fill(7);
  assert.deepEqual(await m.echo(large), [large]);
  assert.deepEqual(m.echoSync('x'.repeat(100_000)), ['x'.repeat(100_000)]);
  const [lock, queue] = [new Lock(), new Queue()];
  const [sameLock, sameQueue] = (await m.echo(lock, queue)) as [Lock, Queue];
  sameLock.tryAcquire();
  assert.equal(lock.locked(), true);
  sameQueue.putSync(5);
  assert.equal(queue.getSync(), 5);
  await rest[Symbol.asyncDispose]();
});

test('what cannot be sent is refused, at either end', async () => {
  const { machine: m, ...rest } = await machine();
  await assert.rejects(m.echo(new FinalizationRegistry(() => {})), code('ERR_MP_CAPTURE'));
  assert.throws(() => m.echoSync(new FinalizationRegistry(() => {})), code('ERR_MP_CAPTURE'));
  await assert.rejects(m.unsendable(), code('ERR_MP_CAPTURE'));
  await rest[Symbol.asyncDispose]();
});

test('names with an underscore, and those that do not exist, cannot be called', async () => {
  const { machine: m, ...rest } = await machine();
  for (const name of ['_hidden', '_secret', 'nothing', 'constructor', '__proto__', 'toString']) {
    await assert.rejects(m.callMethod(name), code('ERR_MP_INVALID_ARG'), name);
    assert.throws(() => m.callMethodSync(name), code('ERR_MP_INVALID_ARG'), name);
  }
  assert.equal('_hidden' in m, false);
  await rest[Symbol.asyncDispose]();
});

test('many calls are under way at once, over one connection', async () => {
  const manager = untilEnd(await Manager());
  const queue = await manager.Queue<number>();
  const gets = Array.from({ length: 100 }, () => queue.get());
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  assert.equal(await queue.size(), 0, 'calls that wait hold nobody up');
  await Promise.all(numbers.map((i) => queue.put(i)));
  assert.deepEqual(
    (await Promise.all(gets)).sort((a, b) => a - b),
    numbers,
  );
});

test('calls that block, amid calls that wait', async () => {
  const manager = untilEnd(await Manager());
  const [queue, dict] = [await manager.Queue<string>(), await manager.dict({ n: 0 })];
  const waiting = queue.get();
  const quick = [dict.get('n'), dict.has('n')];
  for (let i = 1; i <= 50; i++) dict.setSync('n', i);
  assert.deepEqual(await Promise.all(quick), [0, true]);
  queue.putSync('x');
  assert.equal(await waiting, 'x');
  assert.equal(await dict.get('n'), 50);
});

test('a signal ends a wait; a call that does not wait goes on, and nobody hears of it', async () => {
  const manager = untilEnd(await Manager());
  const queue = await manager.Queue();
  const controller = new AbortController();
  const waiting = assert.rejects(queue.get({ signal: controller.signal }), code('ERR_MP_CANCELLED'));
  controller.abort('enough');
  await waiting;
  await assert.rejects(queue.get({ signal: AbortSignal.abort() }), code('ERR_MP_CANCELLED'));
  await queue.put(1);
  assert.equal(await queue.get(), 1, 'the cancelled wait has taken nothing');
  const { machine: m, ...rest } = await machine();
  const second = new AbortController();
  const never = assert.rejects(m.callMethod('never', [{ signal: second.signal }]), code('ERR_MP_CANCELLED'));
  await m.total();
  second.abort();
  await never;
  await rest[Symbol.asyncDispose]();
});

test('timeouts are those of the object', async () => {
  const manager = untilEnd(await Manager());
  const queue = await manager.Queue(1);
  await assert.rejects(queue.get(20), code('ERR_MP_QUEUE_EMPTY'));
  assert.throws(() => queue.getSync(20), code('ERR_MP_QUEUE_EMPTY'));
  await queue.put(1);
  await assert.rejects(queue.put(2, { timeout: 20 }), code('ERR_MP_QUEUE_FULL'));
  await assert.rejects(queue.get('soon' as never), code('ERR_MP_INVALID_ARG'));
});

test('proxies are captured by functions of other processes, and sent through queues', async () => {
  const manager = untilEnd(await Manager());
  const dict = await manager.dict<string, number>();
  const queue = new Queue();
  const child = new Process({
    target: async () => {
      const received = await queue.get();
      received.setSync('sync', 1);
      await received.set('async', 2);
      await dict.set('captured', 3);
    },
  });
  child.start();
  await queue.put(dict);
  await child.join();
  assert.deepEqual(
    await dict.copy(),
    new Map([
      ['sync', 1],
      ['async', 2],
      ['captured', 3],
    ]),
  );
});
