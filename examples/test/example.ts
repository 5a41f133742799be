/**
 * Runs an example as its reader would, and checks that it leaves no process behind: each on one of the supported versions of Node.js, in
 * turn; with MP_TEST=full on all of them.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Output {
  stdout: string;
  stderr: string;
  /** Of stdout, without empty ones. */
  lines: string[];
}

const ROOT = path.resolve(import.meta.dirname, '../..');
const NODES: Record<string, string> = {
  [process.version.slice(1, 3)]: process.execPath,
  22: path.join(ROOT, 'node_modules/node22/bin/node'),
  26: path.join(ROOT, 'node_modules/node26/bin/node'),
};
/** Descendants inherit it: that is how they are found. */
const MARK = 'MULTIPROCESS_EXAMPLE';
/** Ends are asynchronous: what still runs this many ms after the example is left behind. */
const PATIENCE = 5000;

/** One test per Node.js: the example ends with code 0, `check` accepts what it has printed, and nothing is left. */
export function testExample(file: string, check: (output: Output) => void): void {
  onEachNode(file, async (binary, env) => check(await run(binary, file, env)));
}

/** One test per Node.js, for examples of several programs: they are started with this environment, and nothing is left. */
export function onEachNode(title: string, body: (binary: string, env: NodeJS.ProcessEnv) => Promise<void>): void {
  for (const [version, binary] of Object.entries(NODES).filter(inTurn(title))) {
    const skip = !existsSync(binary) && `${path.relative(ROOT, binary)} is not installed`;
    test(`${title} on Node ${version}`, { skip, timeout: 120_000 }, async () => {
      const mark = randomUUID();
      await body(binary, environment(mark));
      assert.deepEqual(await leftBehind(mark), []);
    });
  }
}

/** The same choice each time, and not the same one for all. */
function inTurn(title: string): (_: unknown, index: number, all: readonly unknown[]) => boolean {
  const number = [...title].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  return (_, index, all) => process.env.MP_TEST === 'full' || number % all.length === index;
}

/** Where an example lies. */
export const pathOf = (file: string): string => path.join(ROOT, 'examples', file);

/** The groups of the first match; fails when there is none. */
export function find(text: string, pattern: RegExp): string[] {
  const match = pattern.exec(text);
  assert.ok(match, `${pattern} does not match:\n${text}`);
  return match.slice(1);
}

function environment(mark: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, [MARK]: mark };
  delete env.NODE_OPTIONS;
  delete env.NODE_TEST_CONTEXT;
  return env;
}

async function run(binary: string, file: string, env: NodeJS.ProcessEnv): Promise<Output> {
  const { promise, resolve, reject } = Promise.withResolvers<Output>();
  execFile(binary, [pathOf(file)], { env, timeout: 100_000 }, (error, stdout, stderr) => {
    if (error) reject(new Error(`${file} failed: ${error.message}\n${stdout}\n${stderr}`));
    else resolve({ stdout, stderr, lines: stdout.split('\n').filter((line) => line !== '') });
  });
  return promise;
}

/** Command lines of the processes that have inherited the mark. */
async function leftBehind(mark: string): Promise<string[]> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const left = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && read(pid, 'environ').includes(mark));
    if (left.length === 0) return [];
    if (Date.now() > deadline) return left.map((pid) => `${pid} ${read(pid, 'cmdline').replaceAll('\0', ' ')}`);
    await sleep(50);
  }
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return ''; // it has ended, or belongs to another user
  }
}
