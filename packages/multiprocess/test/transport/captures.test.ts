import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { dumps } from '../../src/transport/index.ts';
import { Peer } from './peer.ts';

const peer = new Peer();
after(() => peer.close());

function sends<A extends any[]>(name: string, fn: (...args: A) => unknown, args: A, expected: unknown): void {
  test(name, async () => assert.deepEqual(await peer.run(fn, ...args), expected));
}

const k = 10;
let mutable = 5;
const counter = () => {
  let n = 0;
  return { inc: () => ++n, get: () => n };
};
const awaited = await Promise.resolve('tla');

sends('a top-level await value', () => awaited, [], 'tla');
sends(
  'a variable that two captured functions change',
  (() => {
    const { inc, get } = counter();
    return () => {
      inc();
      inc();
      return get();
    };
  })(),
  [],
  2,
);
sends(
  'two runs of a factory keep apart',
  (() => {
    const a = counter();
    const b = counter();
    return () => [a.inc(), a.inc(), b.inc(), a.get(), b.get()];
  })(),
  [],
  [1, 2, 1, 2, 1],
);
sends(
  'a captured function that closes over a loop variable',
  (() => {
    const made: (() => number)[] = [];
    for (let i = 0; i < 3; i++) made.push(() => i);
    return () => made.map((f) => f());
  })(),
  [],
  [0, 1, 2],
);
sends(
  'shadowed names',
  (x: number) => {
    const k = 1;
    {
      let mutable = 2;
      x += mutable++;
    }
    return ((k) => k + x)(k);
  },
  [1],
  4,
);
sends(
  'the variable of a catch',
  (() => {
    try {
      throw new RangeError('r');
    } catch (error: any) {
      return () => error.message;
    }
  })(),
  [],
  'r',
);
sends(
  'arguments of the enclosing function',
  (function (..._: number[]) {
    // biome-ignore lint: the case is about `arguments`
    return () => arguments[1];
  })(1, 2),
  [],
  2,
);
sends(
  'cyclic data',
  (() => {
    const a: any = { n: 1 };
    a.self = a;
    a.f = () => a.n;
    return () => a.self.self.f();
  })(),
  [],
  1,
);
sends(
  'globals are those of the receiver',
  () => typeof structuredClone + typeof (globalThis as any).notDefined,
  [],
  'functionundefined',
);

sends(
  'every way to assign a captured variable',
  (() => {
    let x = 1;
    return () => {
      const o = { x };
      [x] = [5];
      ({ x } = { x: x + 1 });
      ({ x = 3 } = { x: x as number | undefined } as any);
      x += 1;
      x++;
      const f = () => x;
      for (x of [9]);
      return [o, f(), `${x}`, typeof x, { x }];
    };
  })(),
  [],
  [{ x: 1 }, 9, '9', 'number', { x: 9 }],
);
sends(
  'a captured variable that is called and assigned has no this',
  (() => {
    let callback: any = function (this: unknown) {
      return this;
    };
    return () => {
      const self = callback();
      callback = null;
      return self === undefined;
    };
  })(),
  [],
  true,
);

test('a module variable is shared inside a message; the sender keeps its own', async () => {
  function bump() {
    return ++mutable;
  }
  const fn = () => {
    bump();
    bump();
    return mutable;
  };
  assert.equal(await peer.run(fn), 7);
  assert.equal(await peer.run(fn), 7, 'each task has a fresh copy');
  assert.equal(mutable, 5);
});

test('a closure is captured at each submit', async () => {
  let z = 1;
  const f = () => z;
  for (const value of [1, 2, 3, 4]) {
    z = value;
    assert.equal(await peer.run(f), value);
  }
});

test('a constant object that changes is sent as it is', async () => {
  const list: number[] = [];
  const f = () => list.length;
  for (let i = 0; i < 5; i++) {
    assert.equal(await peer.run(f), i);
    list.push(i);
  }
});

test('a variable assigned only after the first submits is still read anew', async () => {
  let late: number | undefined;
  const f = () => late;
  for (let i = 0; i < 3; i++) assert.equal(await peer.run(f), undefined);
  late = 1;
  assert.equal(await peer.run(f), 1);
});

test('lexical this', async () => {
  class Server {
    n = 3;
    async asyncArrow() {
      return async () => this.n;
    }
    nested() {
      return () => [1].map((x) => x + this.n + (() => this.n)())[0];
    }
  }
  assert.equal(await peer.run(await new Server().asyncArrow()), 3);
  assert.equal(await peer.run(new Server().nested()), 7);
  assert.equal(await peer.run(() => (this as unknown) === undefined), true);
});

test('reading lexical this runs nothing of the function', async () => {
  let ran = 0;
  const self = { v: 1 };
  const arrow = function (this: typeof self) {
    return () => {
      ran++;
      return this.v;
    };
  }.call(self);
  assert.equal(await peer.run(arrow), 1);
  assert.equal(ran, 0);
});

test('a WeakMap brings the entries whose keys are in the message', async () => {
  const secrets = new WeakMap<object, number>();
  class Downstream {
    constructor() {
      secrets.set(this, 42);
    }
    get() {
      return secrets.get(this);
    }
  }
  const made = new Downstream();
  assert.deepEqual(await peer.run(() => [made.get(), new Downstream().get()]), [42, 42]);
  const key = { deep: { inside: 'plain data' } };
  const marks = new WeakSet<object>([key.deep]);
  assert.deepEqual(await peer.run(() => [marks.has(key.deep), marks.has(key)]), [true, false]);
});

test('what a captured object refers to keeps its identity', async () => {
  const shared = { n: 0 };
  const holder = { shared };
  const fn = () => {
    shared.n++;
    return holder.shared.n + k;
  };
  assert.equal(await peer.run(fn), 11);
  assert.equal(shared.n, 0);
});

// The inspector's handles are dropped after some hundred functions: never while one of them is still looked at.
test('thousands of closures, each looked at in more than one step', async () => {
  const bound = (k: number) => k + mutable;
  const sums = [];
  for (let i = 0; i < 700; i++) {
    dumps(() => i);
    dumps(bound.bind(undefined, i)); // takes other steps than a closure: every number of them comes before every kind
    if (i % 100 === 0) sums.push(peer.run(() => i + 1));
  }
  assert.deepEqual(
    await Promise.all(sums),
    sums.map((_, i) => 100 * i + 1),
  );
});
