/** Classes of one's own: what is registered, exposed, and returned. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BaseManager, BaseProxy, IteratorProxy, type MultiprocessError, Process, Queue } from 'multiprocess';
import { untilEnd } from './support.ts';

const code = (expected: string) => (error: MultiprocessError) => error.code === expected;

class Account {
  balance: number;
  constructor(balance = 0) {
    this.balance = balance;
  }
  deposit(n: number) {
    this.balance += n;
    return this.balance;
  }
  _audit() {
    return 'secret';
  }
  branch() {
    return new Account(1000);
  }
  *history() {
    yield 'opened';
    yield 'used';
  }
}

class AccountProxy extends BaseProxy {
  async twice(n: number) {
    await this.callMethod('deposit', [n]);
    return this.callMethod('deposit', [n]);
  }
}

test('exposed names, methods whose results stay, and iterators', async () => {
  const Bank = class Bank extends BaseManager {}
    .register('Account', Account, { methodToTypeid: { branch: 'Account', history: 'Iterator' } })
    .register('Audited', Account, { exposed: ['_audit', 'deposit'] })
    .register('numbers', () => [1, 2, 3][Symbol.iterator](), { proxyType: IteratorProxy });
  const bank = untilEnd(new Bank());
  await bank.start();
  const account = await bank.Account(5);
  assert.equal(await account.deposit(1), 6);
  const branch = (await account.branch()) as unknown as typeof account;
  assert.ok(branch instanceof BaseProxy);
  assert.equal(await branch.deposit(1), 1001);
  const history: string[] = [];
  for await (const line of (await account.history()) as unknown as IteratorProxy<string>) history.push(line);
  assert.deepEqual(history, ['opened', 'used']);
  const audited = await bank.Audited();
  assert.equal(await (audited as any)._audit(), 'secret');
  assert.equal('balance' in audited, false);
  await assert.rejects(audited.callMethod('balance'), code('ERR_MP_INVALID_ARG'));
  const numbers: number[] = [];
  for await (const n of await bank.numbers()) numbers.push(n as number);
  assert.deepEqual(numbers, [1, 2, 3]);
});

test('a proxy class of one’s own, also in another process', async () => {
  const Bank = class extends BaseManager {}.register('Account', Account, { proxyType: AccountProxy });
  const bank = untilEnd(new Bank());
  await bank.start();
  const account = await bank.Account();
  assert.ok(account instanceof AccountProxy);
  assert.equal(await account.twice(2), 4);
  const answers = new Queue();
  const child = new Process({ target: async () => answers.putSync(await account.twice(3)) });
  child.start();
  await child.join();
  assert.equal(await answers.get(1000), 10);
});

test('functions make objects, perhaps later; classes of the language are registered as they are', async () => {
  const Things = class extends BaseManager {}
    .register('map', Map<string, number>)
    .register('later', async (n: number) => ({ n, read: () => n }))
    .register('broken', () => {
      throw new RangeError('cannot be made');
    });
  const things = untilEnd(new Things());
  await things.start();
  const map = await things.map();
  await map.set('a', 1);
  assert.equal(await map.get('a'), 1);
  assert.equal(await map.size(), 1);
  assert.equal(await (await things.later(7)).read(), 7);
  await assert.rejects(things.broken(), RangeError);
  assert.throws(() => things.brokenSync(), RangeError);
  await assert.rejects(things.create('nothing'), code('ERR_MP_INVALID_ARG'));
});

test('a class has the types of those that it extends, which do not get its own', () => {
  class Base extends BaseManager {}
  Base.register('one', Account);
  class Sub extends Base {}
  Sub.register('two', Account);
  assert.ok('one' in Sub.prototype && 'two' in Sub.prototype && 'twoSync' in Sub.prototype);
  assert.ok(!('two' in Base.prototype) && !('one' in BaseManager.prototype));
  class Silent extends BaseManager {}
  Silent.register('three', Account, { createMethod: false });
  assert.ok(!('three' in Silent.prototype));
});

test('bad registrations', () => {
  class M extends BaseManager {}
  const bad: [unknown[], RegExp][] = [
    [[7, Account], /7 is not a string/],
    [['', Account], /is not a string/],
    [['x', 7], /callable must be a class or function, not 7/],
    [['x', Account, { exposed: 'deposit' }], /exposed must be an array of names/],
    [['x', Account, { proxyType: Account }], /proxyType must be a subclass of BaseProxy/],
    [['x', Account, { methodToTypeid: [] }], /methodToTypeid must be/],
    [['x', Account, { expose: [] }], /unknown option 'expose'/],
    [['start', Account], /typeid must be a name that managers do not have/],
  ];
  for (const [args, message] of bad) assert.throws(() => (M.register as Function)(...args), message);
});

test('without a callable the object itself is given; another manager cannot be sent', async () => {
  const Plain = class extends BaseManager {}.register('value');
  const manager = untilEnd(new Plain());
  await manager.start();
  const value = (await manager.value({ a: 1, read: () => 'function' })) as any;
  assert.equal(await value.a(), 1);
  assert.equal(await value.read(), 'function');
  await assert.rejects(manager.value(), code('ERR_MP_INVALID_ARG'));
  await assert.rejects(manager.value(manager), code('ERR_MP_CAPTURE'));
});
