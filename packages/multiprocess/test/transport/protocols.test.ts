import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  dumps,
  entryUrl,
  KnownTemplates,
  loads,
  loadsSync,
  reduce,
  registerHandle,
  resetBeforeFork,
  setEntry,
  tryLoadsSync,
  warmUp,
} from '../../src/transport/index.ts';
import { Base, type Counter, makeCounter } from './fixtures/handles.ts';
import { exported } from './fixtures/library.ts';
import { Peer } from './peer.ts';

const peer = new Peer();
after(() => peer.close());

test('a handle arrives as what the receiver unpacks, anywhere in a message', async () => {
  const counter = makeCounter(7);
  const shown = (c: Counter, deep: { list: Counter[] }) => [c.where(), deep.list[0] === c];
  const [where, same] = await peer.run(shown, counter, { list: [counter] });
  assert.match(where as string, /^unpacked 7 in \d+$/);
  assert.equal(same, true);
  const captured = () => counter.where();
  assert.match(await peer.run(captured), /^unpacked 7/);
});

test('a subclass may travel as an ordinary instance', async () => {
  class Task extends Base {
    result = 5;
    run() {
      return this.result + this.base();
    }
  }
  const task = new Task();
  assert.equal(await peer.run((t: Task) => t.run(), task), 105);
  assert.ok((await peer.run((t: Task) => t, task)) instanceof Task);
});

test('two handles cannot share a tag', () => {
  assert.throws(
    () => registerHandle(class Other {}, { tag: 'test.counter', pack: () => 1, unpack: () => 1 as never }),
    {
      code: 'ERR_MP_INVALID_ARG',
    },
  );
});

test('a class may say how its instances are made again', async () => {
  class Secret {
    #value: number;
    constructor(value: number) {
      this.#value = value;
    }
    [reduce]() {
      return [Secret, [this.#value]];
    }
    reveal() {
      return this.#value;
    }
  }
  class Celsius {
    degrees: number;
    constructor(degrees: number) {
      this.degrees = degrees;
    }
    [reduce]() {
      return [fromFahrenheit, [this.degrees * 1.8 + 32]];
    }
  }
  function fromFahrenheit(f: number) {
    return new Celsius((f - 32) / 1.8);
  }
  const secret = new Secret(42);
  assert.equal(await peer.run((s: Secret) => s.reveal(), secret), 42);
  const back = await peer.run((c: Celsius) => c, new Celsius(100));
  assert.ok(back instanceof Celsius);
  assert.equal(Math.round(back.degrees), 100);
  assert.throws(() => dumps({ [reduce]: () => 5, f: () => 1 }), /must return \[function or class, arguments\]/);
});

test('a receiver gets the source of a function once', async () => {
  const known = new KnownTemplates();
  const offset = 3;
  const work = (text: string) => `${text} a text long enough to be seen in the size of the message ${offset}`;
  const first = dumps(work, { known });
  const second = dumps(work, { known });
  assert.ok(second.length < first.length - 60);
  assert.ok(dumps(work, { known: new KnownTemplates() }).length === first.length);
});

test('what fails to be sent is not counted as known', () => {
  const known = new KnownTemplates();
  const offset = 3;
  const work = () => `${offset} another text that is long enough`;
  assert.throws(() => dumps([work, Promise.resolve()], { known }));
  assert.ok(dumps(work, { known }).length === dumps(work).length);
});

test('a graph that needs only loaded or builtin modules decodes synchronously', async () => {
  const offset = 1;
  assert.ok(tryLoadsSync(dumps([exported, () => exported(offset)])));
  assert.ok(tryLoadsSync(dumps([process.getBuiltinModule('node:fs').readFileSync, () => assert.ok(offset)])));
});

test('a module with top-level await is imported asynchronously, once', async () => {
  const fn = async () => (await import('./fixtures/topLevelAwait.ts')).loads();
  const direct = (await import('./fixtures/topLevelAwait.ts')).loads;
  assert.equal(await peer.run(direct), 1);
  assert.equal(await peer.run(direct), 1);
  assert.equal(await peer.run(fn), 1);
});

test('decoding and encoding plain data load neither parser nor inspector', () => {
  const script = `
    import { createRequire } from 'node:module';
    const { loads, tryLoadsSync, dumps } = await import(${JSON.stringify(new URL('../../src/transport/index.ts', import.meta.url).href)});
    const [bytes] = [Buffer.from(process.argv[1], 'base64')];
    const [fn, Class, made] = tryLoadsSync(bytes).value;
    if (fn(2) !== 5) throw new Error('wrong result');
    dumps({ plain: [1] });
    const back = dumps([new Class(), fn, made, { rest: 1 }]);
    const files = Object.keys(createRequire(import.meta.url).cache).filter((f) => /acorn|es-module-lexer/.test(f));
    const inspector = process.moduleLoadList.includes('NativeModule inspector');
    console.log(JSON.stringify({ files, inspector, size: back.length > 100 }));`;
  const three = 3;
  class Sample {
    three = three;
  }
  const bytes = Buffer.from(dumps([(x: number) => x + three, Sample, new Sample()])).toString('base64');
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script, bytes], { encoding: 'utf8' });
  assert.equal(child.stderr, '');
  assert.deepEqual(JSON.parse(child.stdout), { files: [], inspector: false, size: true });
});

test('nothing is printed about experimental features, and process.emit is untouched', async () => {
  const script = `
    const { emit, emitWarning } = process;
    const { loads } = await import(${JSON.stringify(new URL('../../src/transport/index.ts', import.meta.url).href)});
    const fn = await loads(Buffer.from(process.argv[1], 'base64'));
    if ((await fn()).sep !== '/') throw new Error('wrong result');
    if (process.emit !== emit || process.emitWarning !== emitWarning) throw new Error('changed');
    process.emitWarning('another', 'ExperimentalWarning');`;
  const bytes = Buffer.from(dumps(async () => import('node:path'))).toString('base64');
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script, bytes], { encoding: 'utf8' });
  assert.equal(child.status, 0, child.stderr);
  assert.match(child.stderr, /ExperimentalWarning: another/);
  assert.doesNotMatch(child.stderr, /USE_MAIN/);
});

test('after warming up and a fork everything still works', async () => {
  await warmUp();
  resetBeforeFork();
  let n = 1;
  const work = () => ++n;
  assert.equal(await peer.run(work), 2);
  assert.equal((await loads(dumps(work))) as unknown, work, 'ids start anew');
});

test('the entry can be set', () => {
  const before = entryUrl();
  assert.equal(before, import.meta.url);
  setEntry('file:///elsewhere.js');
  assert.equal(entryUrl(), 'file:///elsewhere.js');
  setEntry(before);
});

test('bytes that are no message are refused', () => {
  assert.throws(() => loadsSync(new Uint8Array([77, 1])), { code: 'ERR_MP_INVALID_ARG' });
  assert.ok(fileURLToPath(import.meta.url));
});
