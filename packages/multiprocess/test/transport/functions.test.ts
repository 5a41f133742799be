import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { Peer } from './peer.ts';

const peer = new Peer();
after(() => peer.close());

/** Runs `fn` in the other process and compares what it returns. */
function sends<A extends any[]>(name: string, fn: (...args: A) => unknown, args: A, expected: unknown): void {
  test(name, async () => assert.deepEqual(await peer.run(fn, ...args), expected));
}

const k = 10;
function moduleFunction(x: number) {
  return x + k;
}
async function asyncFunction(x: number) {
  await null;
  return moduleFunction(x);
}
function* generator(n: number) {
  for (let i = 0; i < n; i++) yield i * k;
}
async function* asyncGenerator(n: number) {
  for await (const value of generator(n)) yield value;
}
function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}
function isEven(n: number): boolean {
  return n === 0 ? true : isOdd(n - 1);
}
function isOdd(n: number): boolean {
  return n === 0 ? false : isEven(n - 1);
}
const object = {
  meth(x: number) {
    return x + k;
  },
  async asyncMeth() {
    return `am${k}`;
  },
  *gen() {
    yield k;
  },
  ['comp' + 'uted'](x: number) {
    return x + 1;
  },
  'str-key'() {
    return 's';
  },
  42() {
    return 42;
  },
  get accessor() {
    return k;
  },
} as const as any;

sends('an arrow function', (x: number) => x * k, [3], 30);
sends('an arrow function without captures', (x: number) => x * 2, [3], 6);
sends('a function of the module', moduleFunction, [1], 11);
sends('an async function', asyncFunction, [1], 11);
sends(
  'an async arrow function',
  async (x: number) => {
    await null;
    return x + k;
  },
  [1],
  11,
);
sends('a generator', (n: number) => [...generator(n)], [3], [0, 10, 20]);
sends(
  'an async generator',
  async (n: number) => {
    const values = [];
    for await (const value of asyncGenerator(n)) values.push(value);
    return values;
  },
  [3],
  [0, 10, 20],
);
sends('recursion', factorial, [5], 120);
sends('mutual recursion', isEven, [7], false);
sends(
  'a recursive arrow function',
  (() => {
    const fib = (n: number): number => (n < 2 ? n : fib(n - 1) + fib(n - 2));
    return fib;
  })(),
  [10],
  55,
);
sends(
  'a named function expression',
  (() => {
    const q = 2;
    return function rec(n: number): number {
      return n ? rec(n - 1) + q : 0;
    };
  })(),
  [3],
  6,
);
sends(
  'destructured parameters with defaults',
  ({ a = k, b: { c: d = moduleFunction(1) } = {} as any }: any = {}, ...rest: unknown[]) => [a, d, rest.length],
  [{}, 1, 2],
  [10, 11, 2],
);

sends('a method', object.meth, [1], 11);
sends('an async method', object.asyncMeth, [], 'am10');
sends('a generator method', () => [...object.gen()], [], [10]);
sends('a method with a computed name', object.computed, [1], 2);
sends('a method with a string name', object['str-key'], [], 's');
sends('a method with a number as name', object[42], [], 42);
sends('a getter function', Object.getOwnPropertyDescriptor(object, 'accessor')!.get!, [], 10);
sends(
  'methods that use super',
  (() => {
    const base = { hello: () => 'base' };
    const derived = {
      __proto__: base,
      hello(): string {
        return `derived ${super['hello' as never]}`.slice(0, 7);
      },
    };
    return () => derived.hello();
  })(),
  [],
  'derived',
);

sends(
  'a bound function',
  function (this: any, a: number, b: number) {
    return [this.q, a, b];
  }.bind({ q: 1 }, 2),
  [3],
  [1, 2, 3],
);
sends(
  'a function bound twice',
  ((a: number, b: number, c: number) => [a, b, c]).bind(null, 1).bind(null, 2),
  [3],
  [1, 2, 3],
);
sends(
  'a function bound to a primitive',
  function (this: unknown) {
    return this;
  }.bind(NaN),
  [],
  NaN,
);
sends(
  'old-style constructors',
  (() => {
    function Old(this: any, x: number) {
      this.x = x;
    }
    Old.prototype.get = function () {
      return this.x + k;
    };
    return () => new (Old as any)(1).get();
  })(),
  [],
  11,
);
sends(
  'a function with properties',
  (() => {
    const f = (x: number) => f.cache.get(x);
    f.cache = new Map([[1, 'one']]);
    return f;
  })(),
  [1],
  'one',
);
sends(
  'a tagged template',
  (() => {
    const tag = (s: TemplateStringsArray, ...v: number[]) => s.raw.join('|') + v.join(',');
    return () => tag`a${1}b${2}c`;
  })(),
  [],
  'a|b|c1,2',
);
sends(
  'new.target of its own',
  function (this: unknown) {
    return new.target === undefined;
  },
  [],
  true,
);

test('the name of a function arrives', async () => {
  const named = await peer.run(
    (f: Function, g: Function) => [f.name, g.name],
    moduleFunction,
    (x: number) => x,
  );
  assert.deepEqual(named, ['moduleFunction', '']);
});

test('a function that comes home is the same function', async () => {
  const f = (x: number) => x + k;
  assert.equal(await peer.run((g) => g, f), f);
});

test('a closure made over there comes here', async () => {
  const made = await peer.run((n: number) => {
    const m = n * 2;
    return (x: number) => x + m + k;
  }, 5);
  assert.equal(made(1), 21);
});

test('a closure goes on to a third process', async () => {
  const third = new Peer();
  const made = await peer.run((n: number) => {
    let calls = 0;
    return (x: number) => x + n + k + calls++;
  }, 5);
  assert.equal(await third.run((f: (x: number) => number) => f(1) + f(1), made), 33);
  third.close();
});

test('functions that constructors have made', async () => {
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const double = new Function('x', 'return 2 * x') as (x: number) => number;
  assert.equal(await peer.run(double, 4), 8);
  assert.equal(await peer.run(new AsyncFunction('x', 'return 2 * await x') as typeof double, 4), 8);
  // Each has the strictness that it declares, wherever it was made.
  assert.equal(await peer.run(new Function('return this === globalThis') as () => boolean), true);
  assert.equal(await peer.run(new Function('"use strict"; return this === globalThis') as () => boolean), false);
  // biome-ignore format: printed as one that was made so
  const anonymous = function anonymous(x: number
) {
return x + k;
};
  assert.equal(await peer.run(anonymous, 4), 14);
});

test('a stack trace shows the original line and column', async () => {
  const thrown = await peer
    .run(() => {
      throw new RangeError('here it is');
    })
    .catch((error) => error);
  assert.ok(thrown instanceof RangeError);
  const lines = readFileSync(new URL(import.meta.url), 'utf8').split('\n');
  const line = lines.findIndex((text) => text.includes("('here it is')"));
  const column = lines[line]!.indexOf('new RangeError');
  assert.match(thrown.stack!, new RegExp(`functions\\.test\\.ts:${line + 1}:${column + 1}\\)?\n`));
});
