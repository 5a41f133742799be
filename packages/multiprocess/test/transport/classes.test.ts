import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Peer } from './peer.ts';

const peer = new Peer();
after(() => peer.close());

function sends<A extends any[]>(name: string, fn: (...args: A) => unknown, args: A, expected: unknown): void {
  test(name, async () => assert.deepEqual(await peer.run(fn, ...args), expected));
}

class Point {
  static count = 0;
  #secret = 3;
  x: number;
  y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
    Point.count++;
  }
  get length() {
    return Math.hypot(this.x, this.y);
  }
  add(other: Point): unknown {
    return new Point(this.x + other.x, this.y + other.y);
  }
  reveal() {
    return this.#secret;
  }
}
class Point3 extends Point {
  z: number;
  constructor(x: number, y: number, z: number) {
    super(x, y);
    this.z = z;
  }
  override add(other: Point) {
    const sum = super.add(other) as Point;
    return [sum.x, sum.y, this.z];
  }
}
class Plain {
  v: number;
  constructor(v: number) {
    this.v = v;
  }
  times(n: number) {
    return this.v * n;
  }
  self() {
    return () => this.v;
  }
  get [Symbol.toStringTag]() {
    return 'PL';
  }
}
class CycleA {
  static make() {
    return new CycleB();
  }
  a() {
    return 'a';
  }
}
class CycleB extends CycleA {
  b() {
    return 'b';
  }
}
const plain = new Plain(4);

sends(
  'a class with private members, used over there',
  () => {
    const p = new Point(3, 4);
    return [p.length, p.reveal(), p instanceof Point];
  },
  [],
  [5, 3, true],
);
sends('a derived class', () => new Point3(1, 2, 3).add(new Point(1, 1)), [], [2, 3, 3]);
sends('static data as it is now', () => Point.count, [], 0);
sends('a captured instance', () => plain.times(3) + plain.self()(), [], 16);
sends('an instance as argument', (p: Plain) => p.times(2), [plain], 8);
sends('a bound method of an instance', plain.times.bind(plain), [5], 20);
sends(
  'a class cycle through extends',
  () => {
    const made = CycleA.make();
    return made.a() + made.b();
  },
  [],
  'ab',
);
sends('a class cycle, derived class first', () => new CycleB().a() + CycleA.make().b(), [], 'ab');
sends(
  'a class expression with a static block and a private method',
  (() => {
    const base = 3;
    return () => {
      const made = new (class {
        static s: number;
        static {
          this.s = base;
        }
        #p() {
          return base;
        }
        q() {
          return this.#p() + (this.constructor as any).s;
        }
      })();
      return made.q();
    };
  })(),
  [],
  6,
);
sends(
  'instances of subclasses of builtins, with their fields',
  (() => {
    class Table extends Map<string, number> {
      limit = 5;
      total() {
        return [...this.values()].reduce((a, b) => a + b, 0) + this.limit;
      }
    }
    class Stack extends Array<number> {
      top() {
        return this.at(-1);
      }
    }
    class Bytes extends Uint8Array {
      sum() {
        return this.reduce((a, b) => a + b, 0);
      }
    }
    const table = new Table([
      ['a', 1],
      ['b', 2],
    ]);
    const stack = Stack.from([1, 2, 9]) as Stack;
    const bytes = new Bytes([1, 2, 3]);
    return () => [table.total(), table instanceof Table, stack.top(), stack.length, bytes.sum()];
  })(),
  [],
  [8, true, 9, 3, 6],
);

test('an instance made over there is an instance of the class here', async () => {
  const made = await peer.run(() => new Plain(9));
  assert.ok(made instanceof Plain);
  assert.equal(made.times(2), 18);
});

test('an instance sent there and back keeps its class', async () => {
  const back = await peer.run((p: Plain) => p, plain);
  assert.ok(back instanceof Plain);
  assert.notEqual(back, plain);
});

test('instances of one class in one message share it', async () => {
  assert.equal(await peer.run((a: Plain, b: Plain) => a.constructor === b.constructor, plain, new Plain(1)), true);
});

test('sending never changes the static data of the sender', async () => {
  await peer.run(() => new Point(1, 2).x);
  assert.equal(Point.count, 0);
});

test('objects without a prototype stay without one', async () => {
  const bare = Object.assign(Object.create(null), { a: 1, f: () => 1 });
  assert.equal(await peer.run((o: object) => Object.getPrototypeOf(o), bare), null);
});
