/** What the tests of the pool share. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, afterEach } from 'node:test';
import { Pool, type PoolOptions } from '../../dist/index.js';
import { isProcessAlive } from '../../dist/memory/index.js';

const open = new Map<Pool, number[]>();

/** A pool that is closed and joined after the test, at the latest. */
export function openPool(processes?: number, options?: PoolOptions<any>): Pool {
  const pool = new Pool(processes, options);
  open.set(pool, pool.stats().pids);
  return pool;
}

/** Closes a pool, and checks that its workers are gone. */
export async function closePool(pool: Pool): Promise<void> {
  const pids = open.get(pool)!;
  open.delete(pool);
  pool.close();
  await pool.join();
  for (const pid of pids) assert.ok(!isProcessAlive(pid, 0), `worker ${pid} is still there`);
}

/** `keep`: pools that serve all tests of a file. */
export function closePoolsAfterEach(...keep: Pool[]): void {
  afterEach(async () => {
    for (const pool of open.keys()) if (!keep.includes(pool)) await closePool(pool);
  });
  after(async () => {
    for (const pool of keep) await closePool(pool);
  });
}

/** `Array.fromAsync`, which the oldest types do not know. */
export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** Waits until something is true; fails after ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export interface Run {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs a small program, an ES module that finds the library as `mp`, to its end. */
export async function runProgram(text: string): Promise<Run> {
  const child = startProgram(text);
  let stderr = '';
  let stdout = '';
  child.stdout!.on('data', (data) => (stdout += data));
  child.stderr!.on('data', (data) => (stderr += data));
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout, stderr };
}

export function startProgram(text: string): ChildProcess {
  const source = `import * as mp from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};\n${text}`;
  return spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'pipe'] });
}
