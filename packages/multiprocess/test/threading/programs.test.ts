/** Threads and the program: what keeps it alive, what ends with it, and what an uncaught error does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Queue } from 'multiprocess';
import { currentThread, Thread } from 'multiprocess/threading';
import { type Options, run } from '../process/support/program.ts';

const program = (name: string, options?: Options) =>
  run(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)), options);

test('an uncaught error is printed with the name of the thread and the user’s lines; the program goes on', async () => {
  const { stdout, stderr, code } = await program('uncaught.ts');
  const joined = [0, 1, 2, 3, 4].map((i) => `bad-${i} true false\n`).join('');
  assert.equal(stdout, `${joined}the program goes on\n`);
  assert.equal(code, 0);
  const [nothing, ...told] = stderr.split(/^Exception in thread /m);
  assert.equal(nothing, '');
  assert.match(
    told[0]!,
    /^bad-0:\nFailure(?: \[Error\])?: at once\n +at .*uncaught\.ts:8:11(?:.|\n)* \{\n {2}code: 'E_MINE'\n\}\n$/,
  );
  assert.match(told[1]!, /^bad-1:\nTypeError: later\n +at .*uncaught\.ts:12:11/);
  assert.match(told[2]!, /^bad-2:\nRangeError: from a timer\n +at .*uncaught\.ts:16:13/);
  assert.match(told[3]!, /^bad-3:\nError: unhandled\n +at .*uncaught\.ts:20:/);
  assert.match(told[4]!, /^bad-4:\n'no error'\ncaught handled in good\n$/);
  assert.doesNotMatch(stderr, /multiprocess\/(src|dist)\//, 'no lines of the library');
});

test('a thread may be the first thing that a program does with the library', async () => {
  const { stdout, stderr, code } = await program('first-use.ts');
  assert.deepEqual([stdout, stderr, code], ['the first thing that the program does\ntrue false\n', '', 0]);
});

test('a program given on the command line has threads, too', async () => {
  const text =
    "import { Thread } from 'multiprocess/threading'; new Thread({ target: () => console.log('ran') }).start();";
  const { stdout, stderr } = await run('/dev/null', { execArgv: ['--input-type=module', '-e', text] });
  assert.deepEqual([stdout, stderr], ['ran\n', '']);
});

test('joinSync of a thread that prints, and whose preloaded modules have printed', async () => {
  const text = `import { Thread } from 'multiprocess/threading';
    const thread = new Thread({ target: () => console.log('ran') });
    thread.start();
    console.log(thread.joinSync(60_000));`;
  const preload = fileURLToPath(new URL('fixtures/printing-preload.cjs', import.meta.url));
  const { stdout, stderr } = await run('/dev/null', {
    execArgv: ['--require', preload, '--input-type=module', '-e', text],
  });
  assert.deepEqual([stdout.split('\n').sort(), stderr], [['', 'preloaded', 'ran', 'true'], '']);
});

test('who joins a thread is not told of the end of the one that its worker ran before', async () => {
  // The late thread gets another slot than the one before it, in the same generation.
  const text = `import { Event } from 'multiprocess';
    import { Thread } from 'multiprocess/threading';
    const started = (target) => { const thread = new Thread({ target }); thread.start(); return thread; };
    const go = new Event();
    const first = started(() => { go.waitSync(); process.exit(); });
    for (let i = 0; i < 2; i++) started(() => {}).joinSync();
    go.set();
    first.joinSync();
    const late = started(() => new Promise((resolve) => setTimeout(resolve, 20)).then(() => console.log('ran')));
    await late.join();
    console.log('joined');`;
  const { stdout, stderr } = await run('/dev/null', { execArgv: ['--input-type=module', '-e', text] });
  assert.deepEqual([stdout, stderr], ['ran\njoined\n', '']);
});

test('a thread keeps the program alive', async () => {
  const { stdout, code } = await program('plain-thread.ts');
  assert.equal(stdout, 'main is done\nthe thread is done\nalive at the end: false\n');
  assert.equal(code, 0);
});

test('daemons end with the program: idle, busy, and blocked in a lock', async () => {
  const { stdout, stderr, code } = await program('daemons.ts');
  assert.equal(stdout, 'blocked busy idle\nthe program ends\n');
  assert.equal(stderr, '');
  assert.equal(code, 0);
});

test('daemon: false at first, inherited by the threads of a daemon, not to be changed after the start', async () => {
  const told = new Queue<boolean[]>();
  assert.equal(new Thread().daemon, false);
  assert.equal(new Thread({ daemon: true }).daemon, true);
  for (const daemon of [true, false]) {
    const thread = new Thread({
      target: () => told.putSync([currentThread().daemon, new Thread().daemon, new Thread({ daemon: false }).daemon]),
    });
    thread.daemon = daemon;
    assert.equal(thread.daemon, daemon);
    thread.start();
    const late = { code: 'ERR_MP_ALREADY_STARTED', message: 'cannot set daemon status of active thread' };
    assert.throws(() => (thread.daemon = !daemon), late);
    await thread.join();
    assert.throws(() => (thread.daemon = !daemon), late);
    assert.equal(thread.daemon, daemon);
    assert.deepEqual(told.getSync(), [daemon, daemon, false]);
  }
});
