/** CPython: test_threading.py, what it runs as programs: their ends, and errors that nobody catches. */
import assert from 'node:assert/strict';
import { type Ended, run } from '../process/support/program.ts';
import { conformsOnce } from './support.ts';

const program = (text: string): Promise<Ended> =>
  run('/dev/null', {
    execArgv: ['--input-type=module', '-e', `import { mainThread, Thread } from 'multiprocess/threading';\n${text}`],
  });

conformsOnce('ThreadTests', 'test_join_nondaemon_on_shutdown', () =>
  endsWith(
    `new Thread({ target: () => setTimeout(() => console.log('thread'), 20) }).start();
     process.on('exit', () => console.log('main'));`,
    ['thread', 'main'],
  ),
);

conformsOnce('ThreadTests', 'test_main_thread_during_shutdown', () =>
  endsWith(
    `const main = mainThread();
     process.on('exit', () => console.log(mainThread() === main, mainThread().isAlive(), mainThread().name));`,
    ['true true MainThread'],
  ),
);

conformsOnce('ThreadTests', 'test_finalization_shutdown', () =>
  endsWith(
    `new Thread({ target: () => { process.on('exit', () => console.log('finalized')); } }).start();
     process.on('exit', () => console.log('main'));`,
    ['finalized', 'main'],
  ),
);

conformsOnce('ThreadTests', 'test_start_new_thread_at_finalization', () =>
  endsWith(
    `process.on('exit', () => {
       const late = new Thread({ target: () => console.log('late') });
       late.start();
       console.log(late.joinSync());
     });`,
    ['late', 'true'],
  ),
);

conformsOnce('ThreadTests', 'test_join_daemon_thread_in_finalization', () =>
  endsWith(
    `const daemon = new Thread({ target: () => { for (;;); }, daemon: true });
     daemon.start();
     process.on('exit', () => console.log(daemon.joinSync(10), daemon.isAlive()));`,
    ['false true'],
  ),
);

conformsOnce('ThreadTests', 'test_join_finished_daemon_thread_in_finalization', () =>
  endsWith(
    `const daemon = new Thread({ target: () => {}, daemon: true });
     daemon.start();
     await daemon.join();
     process.on('exit', () => console.log(daemon.joinSync(), daemon.isAlive()));`,
    ['true false'],
  ),
);

conformsOnce('ThreadJoinOnShutdown', 'test_1_join_on_shutdown', () =>
  endsWith(
    `new Thread({ target: () => setTimeout(() => console.log('end of thread'), 20) }).start();
     console.log('end of main');`,
    ['end of main', 'end of thread'],
  ),
);

conformsOnce('ThreadJoinOnShutdown', 'test_4_daemon_threads', () =>
  endsWith(
    `for (let i = 0; i < 4; i++) new Thread({ target: () => { for (;;) JSON.stringify({ i }); }, daemon: true }).start();
     setTimeout(() => console.log('main'), 20);`,
    ['main'],
  ),
);

conformsOnce('AtexitTests', 'test_atexit_output', () =>
  endsWith(
    `const thread = new Thread({ target: () => { process.on('exit', () => console.log('parrot')); } });
     thread.start();
     thread.joinSync();`,
    ['parrot'],
  ),
);

conformsOnce('AtexitTests', 'test_atexit_called_once', () =>
  endsWith(
    `const said = () => new Thread({ target: () => { process.once('exit', () => console.log('once')); } });
     for (const thread of [said(), said()]) { thread.start(); thread.joinSync(); }
     process.on('exit', () => console.log('main'));`,
    ['once', 'once', 'main'],
  ),
);

async function endsWith(text: string, lines: string[]): Promise<void> {
  const { stdout, stderr, code } = await program(text);
  assert.deepEqual([stderr, stdout.split('\n').slice(0, -1), code], ['', lines, 0]);
}

/** Runs a thread to its end; what is then on stderr. */
async function errorsOf(target: string): Promise<string> {
  const { stdout, stderr } = await program(
    `const thread = new Thread({ name: 'excepthook thread', target: ${target} });
     thread.start();
     console.log(await thread.join());`,
  );
  assert.equal(stdout, 'true\n');
  return stderr;
}

conformsOnce('ThreadingExceptionTests', 'test_print_exception', async () => {
  const stderr = await errorsOf(`() => { throw new RangeError('divided by zero') }`);
  assert.match(stderr, /^Exception in thread excepthook thread:\nRangeError: divided by zero\n {4}at /);
});

conformsOnce('ExceptHookTests', 'test_excepthook', async () => {
  const stderr = await errorsOf(`() => { throw new Error('run failed') }`);
  assert.match(stderr, /^Exception in thread excepthook thread:\nError: run failed\n/);
});

conformsOnce('ExceptHookTests', 'test_system_exit', async () => {
  assert.equal(await errorsOf('() => process.exit(1)'), '');
});

conformsOnce('ExceptHookTests', 'test_custom_excepthook', async () => {
  const stderr = await errorsOf(`() => {
    process.on('uncaughtException', (error) => console.error('caught', error.message));
    throw new Error('run failed');
  }`);
  assert.equal(stderr, 'caught run failed\n');
});

conformsOnce('ExceptHookTests', 'test_custom_excepthook_fail', async () => {
  const stderr = await errorsOf(`() => {
    process.on('uncaughtException', () => { throw new Error('hook failed'); });
    throw new Error('run failed');
  }`);
  assert.match(stderr, /hook failed/);
});

conformsOnce('ExceptHookTests', 'test_original_excepthook', async () => {
  const stderr = await errorsOf(`() => {
    const hook = () => {};
    process.on('uncaughtException', hook);
    process.off('uncaughtException', hook);
    throw new Error('run failed');
  }`);
  assert.match(stderr, /^Exception in thread excepthook thread:\nError: run failed\n/);
});
