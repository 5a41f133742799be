import assert from 'node:assert/strict';
import fs from 'node:fs';
import inspector from 'node:inspector';
import net from 'node:net';
import { after, test } from 'node:test';
import { CaptureError, dumps, registerUnsendable } from '../../src/transport/index.ts';
import { Peer } from './peer.ts';

const peer = new Peer();
after(() => peer.close());

/** Asserts that `value` is refused, with this message, and that nothing was sent. */
function refuses(name: string, value: () => unknown, expected: RegExp): void {
  test(`refuses ${name}`, () => {
    const sent = peer.sent;
    const fn = value();
    assert.throws(
      () => peer.run(fn as () => unknown),
      (error: unknown) => {
        assert.ok(error instanceof CaptureError);
        assert.equal(error.code, 'ERR_MP_CAPTURE');
        assert.match(error.message, expected);
        assert.ok(error.path.length > 0);
        return true;
      },
    );
    assert.equal(peer.sent, sent);
  });
}

const socket = new net.Socket();
const context = { db: { connection: socket } };
function deep1() {
  return deep2();
}
function deep2() {
  return socket.address();
}

test('the message: culprit, way, reason, hint', () => {
  assert.throws(
    () => dumps(() => deep1(), { root: 'task' }),
    (error: CaptureError) => {
      const lines = error.message
        .replace(/\(\S*refusals/g, '(refusals')
        .replace(/at \S*refusals/g, 'at refusals')
        .replace(/\.ts:\d+:\d+/g, '.ts:L:C');
      assert.equal(
        lines,
        [
          `cannot send 'socket' (net.Socket), captured by (anonymous) -> deep1 -> deep2 at refusals.test.ts:L:C`,
          `  arrow function (() => deep1()) (refusals.test.ts:L:C)`,
          `    captures variable 'deep1'`,
          `      which refers to function 'deep1' (refusals.test.ts:L:C)`,
          `        captures variable 'deep2'`,
          `          which refers to function 'deep2' (refusals.test.ts:L:C)`,
          `            captures variable 'socket'`,
          `              it is a Socket of node:net, which lives in this process and cannot be copied`,
          `Hint: create it inside the function, or at the top level of a module that the function imports, so that every process makes its own`,
        ].join('\n'),
      );
      assert.equal(error.path.length, 7);
      assert.equal(error.path[5], `captures variable 'socket'`);
      return true;
    },
  );
});

test('the location is that of the function', () => {
  const line =
    fs
      .readFileSync(new URL(import.meta.url), 'utf8')
      .split('\n')
      .findIndex((l) => l.startsWith('function deep2')) + 1;
  assert.throws(() => dumps(deep1), new RegExp(`deep1 -> deep2 at \\S*refusals\\.test\\.ts:${line}:`));
});

test('the way through plain values', () => {
  assert.throws(() => dumps({ list: [1, { socket }] }, { root: 'args' }), {
    message:
      /^cannot send 'args\.list\[1\]\.socket' \(net\.Socket\)\n {2}\.list → \[1\] → \.socket\n {4}it is a Socket/,
  });
  assert.throws(() => dumps(socket), { message: /^cannot send 'value' \(net\.Socket\)/ });
});

refuses(
  'a handle in an object',
  () => () => context.db.connection.write('x'),
  /^cannot send 'context\.db\.connection' \(net\.Socket\)[\s\S]*captures variable 'context' → \.db → \.connection/,
);
refuses(
  'an object that holds a process',
  () => () => peer.run(() => 1),
  /captures variable 'peer'[\s\S]*private fields/,
);
refuses(
  'a stream',
  () => {
    const stream = fs.createReadStream(import.meta.filename);
    stream.on('error', () => {});
    stream.destroy();
    return () => stream.read();
  },
  /ReadStream[\s\S]*cannot be copied/,
);
refuses(
  'a timer',
  () => {
    const timer = setTimeout(() => {}, 1);
    return () => timer;
  },
  /Timeout/,
);
refuses(
  'an AbortController',
  () => {
    const controller = new AbortController();
    return () => controller.abort();
  },
  /AbortController/,
);
refuses(
  'a class that extends a handle',
  () => {
    class Mine extends net.Socket {}
    const mine = new Mine();
    return () => mine;
  },
  /Socket of node:net \(through class Mine\)/,
);
refuses(
  'a promise',
  () => {
    const promise = Promise.resolve(1);
    return () => promise;
  },
  /Promise[\s\S]*Hint: await it first/,
);
refuses(
  'a proxy',
  () => {
    const proxy = new Proxy({ x: 1 }, {});
    return () => proxy.x;
  },
  /Proxy/,
);
refuses(
  'a proxy of a function',
  () => {
    const proxy = new Proxy(() => 1, {});
    return () => proxy();
  },
  /Proxy around a function/,
);
refuses(
  'a running generator',
  () => {
    const running = (function* () {
      yield 1;
    })();
    return () => running.next();
  },
  /running generator/,
);
refuses(
  'a SharedArrayBuffer',
  () => {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    return () => shared[0];
  },
  /SharedArrayBuffer/,
);
refuses(
  'a WeakRef',
  () => {
    const ref = new WeakRef({});
    return () => ref.deref();
  },
  /WeakRef/,
);
refuses(
  'an instance with private fields',
  () => {
    class Secretive {
      #secret = 3;
      reveal() {
        return this.#secret;
      }
    }
    const made = new Secretive();
    return () => made.reveal();
  },
  /private fields \(#secret\)[\s\S]*multiprocess\.reduce/,
);
refuses(
  'a getter that throws',
  () => {
    const object = {
      get bad() {
        throw new Error('no');
      },
    };
    return () => object;
  },
  /\.bad[\s\S]*reading it threw: no/,
);
refuses(
  'super in an arrow function',
  () => {
    class A {
      m() {
        return 1;
      }
    }
    class B extends A {
      override m(): any {
        return () => super.m();
      }
    }
    return new B().m();
  },
  /`super`/,
);
refuses(
  'a method with super alone',
  () => {
    class A {
      m() {
        return 1;
      }
    }
    class B extends A {
      override m(): any {
        return super.m();
      }
    }
    return B.prototype.m;
  },
  /uses `super`/,
);
refuses(
  'new.target in an arrow function',
  () => {
    return new (
      function (this: any) {
        this.f = () => new.target;
      } as any
    )().f;
  },
  /new\.target/,
);
refuses(
  'the private name of an enclosing class',
  () => {
    class A {
      #x = 1;
      static make() {
        return (a: A) => a.#x;
      }
    }
    return A.make();
  },
  /private name #x/,
);
refuses(
  'lexical this behind default parameters',
  () => {
    return new (class {
      n = 1;
      make() {
        return (a: any, z = a.b) => this.n + z;
      }
    })().make();
  },
  /const self = this/,
);
refuses(
  'native functions without a name of their own',
  () => (process as any).binding?.('fs')?.internalModuleStat ?? new Proxy(() => 1, {}),
  /cannot send/,
);
refuses(
  'a module namespace that is not an import',
  () => {
    const holder = { fs: namespace };
    return () => holder.fs.existsSync('/');
  },
  /module namespace/,
);
test('refuses a variable that is not initialised yet', async () => {
  const { message } = await import('./fixtures/uninitialised.ts');
  // Node 22 shows such a variable as undefined.
  if (process.versions.node.startsWith('22.')) return;
  assert.match(message, /captures variable 'declaredLater'\n.*not initialised yet/);
});

const namespace = await import('node:fs');

test('a class can refuse for itself, subclasses included', () => {
  class Key {}
  class MasterKey extends Key {}
  registerUnsendable(Key, 'which opens doors here only', 'send its number');
  const key = new MasterKey();
  assert.throws(() => dumps({ key }), {
    message:
      /^cannot send 'value\.key' \(MasterKey\)\n.*\n.*it is a MasterKey, which opens doors here only\nHint: send its number$/,
  });
});

test('lexical this is refused while a debugger port is open', { skip: inspector.url() !== undefined }, () => {
  inspector.open(0, '127.0.0.1', false);
  try {
    const arrow = new (class {
      n = 1;
      make() {
        return () => this.n;
      }
    })().make();
    assert.throws(() => dumps(arrow), /a debugger port is open[\s\S]*const self = this/);
  } finally {
    inspector.close();
  }
});

test('the Debugger domain is off afterwards', async () => {
  const measure = async () => {
    let best = Number.POSITIVE_INFINITY; // of some: others use the machine, too
    for (let round = 0; round < 5; round++) {
      const started = performance.now();
      for (let i = 0; i < 100_000; i++) await null;
      best = Math.min(best, performance.now() - started);
    }
    return best;
  };
  const before = await measure();
  assert.throws(() => dumps(deep1));
  const fresh = new Function('a', 'return () => a')({ n: 1 });
  dumps(fresh);
  const self = { n: 1 };
  dumps(
    function (this: typeof self) {
      return () => this.n;
    }.call(self),
  );
  const after = await measure();
  assert.ok(
    after < before * 3 + 20,
    `100,000 awaits took ${before.toFixed(0)} ms before and ${after.toFixed(0)} ms after`,
  );
});

socket.destroy();
