/** Runs the real command, as a shell would. */
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../bin/mp.js', import.meta.url));
export const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));

/** What a failed test has left behind. */
const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) process.kill(-child.pid!, 'SIGKILL');
});

export interface Result {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** stdout, parsed line by line. */
  lines: unknown[];
}

export interface RunOptions {
  input?: string;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** A running command, in a process group of its own. */
export interface Running {
  child: ChildProcessWithoutNullStreams;
  result: Promise<Result>;
}

/** Starts `mp` with these words, in test/fixtures; stdin stays open. */
export function start(words: string[], { cwd = FIXTURES, env = {} }: RunOptions = {}): Running {
  const child = spawn(process.execPath, [BIN, ...words], {
    cwd,
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env },
    detached: true,
  });
  child.stdin.on('error', () => {}); // it may leave before it has read everything
  running.add(child);
  child.once('exit', () => running.delete(child));
  return { child, result: collect(child) };
}

/** Runs `mp` to its end. */
export async function mp(words: string[], options: RunOptions = {}): Promise<Result> {
  const { child, result } = start(words, options);
  child.stdin.end(options.input ?? '');
  return result;
}

async function collect(child: ChildProcessWithoutNullStreams): Promise<Result> {
  const end = new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.on('close', (...how) => resolve(how)),
  );
  const [stdout, stderr, [status, signal]] = await Promise.all([text(child.stdout), text(child.stderr), end]);
  const lines = () =>
    stdout
      .trimEnd()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
  return {
    status,
    signal,
    stdout,
    stderr,
    get lines() {
      return lines();
    },
  };
}

/** A new folder that the test takes away. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'mp-cli-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
