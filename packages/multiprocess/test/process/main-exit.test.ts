/** How the main program ends, and what that means for its children. */
import assert from 'node:assert/strict';
import { onEachMethod } from './support/matrix.ts';
import { run } from './support/program.ts';

onEachMethod('process.exit() in main terminates daemons and joins the others', async ({ method }) => {
  const { stdout, code } = await run('main-exits.ts', { method, args: ['exit'] });
  assert.equal(stdout, 'main leaves\nplain child is done\nexit handler: 5\n');
  assert.equal(code, 5);
});

onEachMethod('an uncaught error in main does the same', async ({ method }) => {
  const { stdout, stderr, code } = await run('main-exits.ts', { method, args: ['throw'] });
  assert.equal(stdout, 'main leaves\nplain child is done\nexit handler: 1\n');
  assert.match(stderr, /Error: main failed/);
  assert.equal(code, 1);
});

onEachMethod('an exit code that main has set is kept', async ({ method }) => {
  const { stdout, code } = await run('main-exits.ts', { method, args: ['code'] });
  assert.equal(stdout, 'main leaves\nplain child is done\nexit handler: 6\n');
  assert.equal(code, 6);
});

onEachMethod('a worker thread starts and joins processes', async ({ method }) => {
  const { stdout, code } = await run('start-in-thread.ts', { method });
  assert.equal(stdout, 'thread: 0 3 -9\nmain: 0\nthread ended with 0\n');
  assert.equal(code, 0);
});

onEachMethod('a worker thread that is terminated while it waits takes nothing down', async ({ method }) => {
  const { stdout, stderr, code } = await run('terminate-waiting-thread.ts', { method });
  assert.equal(stdout, 'waiting\nterminated 1\nmain: 0\n', stderr);
  assert.equal(code, 0);
});

onEachMethod('the thread that started the zygote may end', async ({ method }) => {
  const { stdout } = await run('thread-started-first.ts', { method });
  assert.equal(stdout, 'thread: 0\nmain: 0\nmain: 0\n');
});
