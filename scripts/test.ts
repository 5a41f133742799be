/**
 * `npm test`: builds, lints, checks types, and runs the tests; on Node 24 all of them, on Node 22 and 26 those that
 * depend on it: about processes and transport, and the core of everything else. Then looks for what the tests have left behind.
 *
 *     npm test                        everything
 *     npm test -- process/start       test files whose path contains this, on Node 24
 *     npm test -- --node=26 process   the same on another Node
 *     MP_TEST=full npm test           more Nodes, start methods and repetitions: half an hour and more
 */
import { execFileSync, spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import path from 'node:path';
import { leftovers, snapshot } from './leftovers.ts';

const NODES: Record<string, string> = {
  '22': 'node_modules/node22/bin/node',
  '24': process.execPath,
  '26': 'node_modules/node26/bin/node',
};
/** What depends on the version of V8 and Node. */
const ON_EVERY_NODE =
  process.env.MP_TEST === 'full'
    ? /multiprocess\/test\/(process|transport|memory|sync|shared|queue|connection|descriptor|net|threading|pool|futures)\//
    : /multiprocess\/test\/((process|transport)\/|memory\/instructions|sync\/forms|shared\/travel|queue\/forms|connection\/auth|descriptor\/sockets|threading\/life|pool\/deaths)/;
/** What spawned processes do otherwise than forked ones: how they begin, what they are sent, and one test of all forms of the rest. */
const SPAWNED_TOO =
  /multiprocess\/test\/((process|transport|packaging|descriptor|memory)\/|(sync|queue)\/(forms|travel|death)|shared\/travel|conformance\/(process|main|start|preload|misc|subclass))/;
const FORKED_ONLY = { MP_TEST_METHODS: 'forkserver' };
/** Tests start thousands of programs, and each loads the library. */
const COMPILE_CACHE = path.resolve('build/compile-cache');
const ALL = globSync([
  'packages/*/test/**/*.test.ts',
  'examples/test/*.test.ts',
  'scripts/test/*.test.ts',
  'test/**/*.test.ts',
]).sort();

const args = process.argv.slice(2);
const version = args.find((arg) => arg.startsWith('--node='))?.slice(7);
const filters = args.filter((arg) => !arg.startsWith('--'));
const total = { passed: 0, failed: 0, skipped: 0 };

const before = snapshot();
if (filters.length > 0 || version) {
  build();
  await runTests(
    version ?? '24',
    ALL.filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter))),
  );
} else {
  build();
  step('lint', ['node_modules/.bin/biome', 'check', '--error-on-warnings', '.']);
  step('import directions', [process.execPath, 'scripts/check-imports.ts']);
  step('types of tests and examples', ['node_modules/.bin/tsc', '--noEmit', '-p', 'tsconfig.json']);
  const isFull = process.env.MP_TEST === 'full';
  const isSpawned = (file: string) => isFull || SPAWNED_TOO.test(file);
  await runTests('24', ALL.filter(isSpawned));
  if (!isFull)
    await runTests(
      '24',
      ALL.filter((file) => !isSpawned(file)),
      FORKED_ONLY,
    );
  for (const other of ['22', '26'])
    await runTests(
      other,
      ALL.filter((file) => ON_EVERY_NODE.test(file)),
      // A spawned process is the same program on each; what forking needs differs.
      isFull ? {} : FORKED_ONLY,
    );
}

const left = await leftovers(before);
if (left.length > 0) {
  console.log(`\nthe tests left behind:\n${left.map((line) => `  ${line}`).join('\n')}`);
  total.failed++;
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;

function build(): void {
  step('native part', ['node_modules/.bin/node-gyp', '--silent', '--directory=packages/multiprocess', 'build']);
  step('TypeScript', ['node_modules/.bin/tsc', '--build', 'packages/multiprocess', 'packages/cli']);
  step('bundle', [process.execPath, 'scripts/bundle.ts']);
}

function step(name: string, [command, ...rest]: string[]): void {
  console.log(`# ${name}`);
  execFileSync(command!, rest, { stdio: 'inherit' });
}

async function runTests(node: string, files: string[], methods: NodeJS.ProcessEnv = {}): Promise<void> {
  if (files.length === 0) {
    console.log('no test file matches');
    total.failed++;
    return;
  }
  console.log(`\n# ${files.length} test files on Node ${node}`);
  const binary = path.resolve(NODES[node] ?? node);
  // As the install script would; the build has done so for its own.
  if (binary !== process.execPath) execFileSync(binary, ['packages/multiprocess/dist/keep-code.js']);
  const child = spawn(binary, ['--test', '--test-concurrency=5', '--test-reporter=spec', ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...methods,
      NODE_COMPILE_CACHE: COMPILE_CACHE,
      PATH: `${path.dirname(binary)}:${process.env.PATH}`,
    },
  });
  let tail = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text);
    tail = (tail + text).slice(-20_000);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const count = (name: string): number =>
    Number([...tail.matchAll(new RegExp(`^\\S+ ${name} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? 0);
  total.passed += count('pass');
  total.failed += count('fail') + count('cancelled');
  total.skipped += count('skipped') + count('todo');
  if (code !== 0 && count('fail') + count('cancelled') === 0) total.failed++;
}
