import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { after, test } from 'node:test';
import { types } from 'node:util';
import {
  CaptureError,
  dumps,
  dumpsError,
  loadsError,
  RemoteError,
  tryLoadsErrorSync,
} from '../../src/transport/index.ts';
import { Peer } from './peer.ts';

const peer = new Peer();
after(() => peer.close());

class ShopError extends Error {
  code = 'E_SHOP';
  order: number;
  constructor(message: string, order: number, options?: ErrorOptions) {
    super(message, options);
    this.order = order;
  }
  static {
    ShopError.prototype.name = 'ShopError';
  }
}

/** What a function throws over there. */
async function thrownBy(fn: (...args: any[]) => unknown, ...args: unknown[]): Promise<any> {
  try {
    await peer.run(fn, ...args);
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

test('a builtin error keeps class, message, code and own properties', async () => {
  const error = await thrownBy(() => {
    throw Object.assign(new RangeError('boom'), { code: 'E_X', detail: { list: [1] } });
  });
  assert.equal(types.isNativeError(error as unknown) && Object.getPrototypeOf(error), RangeError.prototype);
  assert.deepEqual([error.name, error.message, error.code, error.detail], ['RangeError', 'boom', 'E_X', { list: [1] }]);
  assert.deepEqual(Object.keys(error), ['code', 'detail'], 'message and stack stay hidden');
});

test('an error of a class of the program is an instance of it', async () => {
  const error = await thrownBy(() => {
    throw new ShopError('sold out', 7, { cause: new TypeError('inner', { cause: 'root' }) });
  });
  assert.ok(error instanceof ShopError);
  assert.deepEqual([error.name, error.message, error.code, error.order], ['ShopError', 'sold out', 'E_SHOP', 7]);
  assert.ok(error.cause instanceof TypeError);
  assert.equal(error.cause.cause, 'root');
});

test('errors of Node keep their code', async () => {
  const missing = await thrownBy((f: typeof readFileSync) => f('/does/not/exist'), readFileSync);
  assert.deepEqual([missing.code, missing.syscall, missing instanceof Error], ['ENOENT', 'open', true]);
  const invalid = await thrownBy(() => process.getBuiltinModule('node:path').join(5 as never));
  assert.equal(invalid.code, 'ERR_INVALID_ARG_TYPE');
  assert.ok(invalid instanceof TypeError);
  const asserted = await thrownBy(() => process.getBuiltinModule('node:assert').equal(1, 2));
  assert.deepEqual([asserted.code, asserted.actual, asserted.expected], ['ERR_ASSERTION', 1, 2]);
  assert.ok(asserted instanceof assert.AssertionError);
});

test('an AggregateError keeps its errors, a DOMException its name', async () => {
  const error = await thrownBy(() => {
    throw new AggregateError([new RangeError('a'), 'b', new TypeError('c')], 'all');
  });
  assert.ok(error instanceof AggregateError);
  assert.ok(error.errors[0] instanceof RangeError && error.errors[2] instanceof TypeError);
  assert.equal(error.errors[1], 'b');
  const aborted = await thrownBy(() => AbortSignal.abort().throwIfAborted());
  assert.ok(aborted instanceof DOMException);
  assert.equal(aborted.name, 'AbortError');
});

test('anything can be thrown', async () => {
  for (const thrown of ['text', 5, null, undefined, { code: 1 }, [1]])
    assert.deepEqual(
      await thrownBy((v: unknown) => {
        throw v;
      }, thrown),
      thrown,
    );
});

test('both stacks are there, the remote one first', async () => {
  const bytes = dumpsError(new RangeError('boom'));
  const remote = new RangeError('boom');
  remote.stack = 'RangeError: boom\n    at work (/over/there.ts:1:2)';
  const envelope = dumpsErrorOfAnotherProcess(remote);
  const error = (await loadsError(envelope, { localStack: 'Error\n    at main (/here.ts:3:4)' })) as Error;
  assert.match(
    error.stack!,
    /^RangeError: boom\n {4}at work \(\/over\/there\.ts:1:2\)\n {4}--- process 1 ↑ \| ↓ process \d+ ---\n {4}at main \(\/here\.ts:3:4\)$/,
  );
  assert.ok(bytes.length > 0);
  const real = await thrownBy(function work() {
    throw new RangeError('boom');
  });
  assert.match(real.stack, /at work \(.*errors\.test\.ts/);
  assert.ok(real.stack.includes(`--- process ${peer.process.pid} ↑ | ↓ process ${process.pid} ---`));
});

test('what cannot be sent is left out, the rest arrives', async () => {
  const error = await thrownBy((socket: () => unknown) => {
    const inner: any = new RangeError('boom');
    inner.socket = socket();
    inner.fine = { a: 1 };
    inner.list = [socket()];
    Object.defineProperty(inner, 'trap', {
      enumerable: true,
      get() {
        throw new Error('trap');
      },
    });
    throw inner;
  }, makeSocket);
  assert.ok((error as unknown) instanceof RangeError);
  assert.deepEqual(Object.keys(error), ['fine']);
  assert.deepEqual(error.fine, { a: 1 });
});

const makeSocket = () => new net.Socket();

test('an error whose class cannot be sent arrives as RemoteError', async () => {
  const error = await thrownBy((make: () => net.Socket) => {
    const socket = make();
    class Tied extends Error {
      socket() {
        return socket;
      }
    }
    throw Object.assign(new Tied('tied'), { name: 'Tied' });
  }, makeSocket);
  assert.ok(error instanceof RemoteError);
  assert.deepEqual([error.code, error.remoteName, error.message], ['ERR_MP_REMOTE', 'Tied', 'tied']);
  assert.match(error.remoteStack, /tied/);
  assert.match(error.stack!, /tied[\s\S]*--- process/);
});

test('an error with private fields arrives as RemoteError', async () => {
  const error = await thrownBy(() => {
    class Secretive extends Error {
      #secret = 1;
      reveal() {
        return this.#secret;
      }
    }
    throw new Secretive('psst');
  });
  assert.ok(error instanceof RemoteError);
  assert.equal(error.message, 'psst');
});

test('a value that cannot be sent arrives as RemoteError that shows it', async () => {
  const error = await thrownBy(() => {
    throw Promise.resolve(5);
  });
  assert.ok(error instanceof RemoteError);
  assert.match(error.message, /Promise/);
});

test('hostile errors throw nothing', async () => {
  const trap = () => {
    throw new Error('trap');
  };
  const proxy = new Proxy(new Error('x'), { get: trap, getPrototypeOf: trap, ownKeys: trap });
  const cyclic: any = new Error('cyclic');
  cyclic.cause = cyclic;
  cyclic.all = [cyclic, { cyclic }];
  const unprintable = { [Symbol.for('nodejs.util.inspect.custom')]: trap, toString: trap, f: new WeakRef({}) };
  const prepared = Object.defineProperty(new Error('p'), 'stack', { get: trap });
  for (const thrown of [proxy, cyclic, unprintable, prepared, Symbol('s'), () => 1, Object.freeze(new Error('f'))]) {
    const back = await loadsError(dumpsError(thrown));
    assert.ok(back !== undefined);
    assert.ok(tryLoadsErrorSync(dumpsError(thrown)));
  }
  const back: any = await loadsError(dumpsError(cyclic));
  assert.equal(back.cause, back);
  assert.equal(back.all[1].cyclic, back);
  assert.ok((await loadsError(new Uint8Array([9, 9]))) instanceof RemoteError, 'damaged bytes');
});

test('a deep chain of causes stays cheap', async () => {
  let error: Error = new Error('bottom');
  for (let i = 0; i < 40; i++) error = Object.assign(new Error(`level ${i}`, { cause: error }), { context: { error } });
  const bytes = dumpsError(error);
  let depth = 0;
  for (let e = (await loadsError(bytes)) as Error; e; e = e.cause as Error) depth++;
  assert.equal(depth, 41);
  assert.ok(bytes.length < 200_000, `each is sent once, not in 2 ** 40 ways: ${bytes.length} bytes`);
});

test('the errors of the library itself keep class and path', async () => {
  const error = await thrownBy((make: () => unknown) => make(), makeSocket);
  assert.ok(error instanceof CaptureError, 'the result could not be sent');
  assert.equal(error.code, 'ERR_MP_CAPTURE');
  assert.ok(error.path.length > 0);
});

test('an error as a plain value keeps its stack as it is', async () => {
  const error = new RangeError('value');
  const back = await peer.run((e: Error) => e, error);
  assert.ok(back instanceof RangeError);
  assert.equal(back.stack, error.stack);
  assert.ok(dumps(error).length > 0);
});

// The envelope as process 1 would write it.
function dumpsErrorOfAnotherProcess(error: Error): Uint8Array {
  const { pid } = process;
  Object.defineProperty(process, 'pid', { value: 1, configurable: true, writable: true });
  try {
    return dumpsError(error);
  } finally {
    Object.defineProperty(process, 'pid', { value: pid, configurable: true, writable: true });
  }
}
