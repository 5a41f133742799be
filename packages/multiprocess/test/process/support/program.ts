/** Runs a small program in a session of its own, so that everything it leaves behind can be found. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { membersOfSession, until } from './procfs.ts';

export interface Options {
  /** Appears as MP_METHOD; fixtures read it through `getContext(process.env.MP_METHOD)`. */
  method?: string;
  args?: string[];
  execArgv?: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  executable?: string;
  stdio?: 'pipe' | 'ignore';
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** Runs a fixture to its end, and wants nothing of it to remain. */
export async function run(name: string, options: Options = {}): Promise<Ended> {
  const program = new Program(name, options);
  const ended = await program.end();
  await program.assertGone();
  return ended;
}

/** A fixture that runs. */
export class Program {
  readonly process: ChildProcess;
  stdout = '';
  #stderr = '';
  #closed: Promise<unknown>;
  #isClosed = false;

  constructor(name: string, { method, args = [], execArgv = [], env, cwd, executable, stdio = 'pipe' }: Options = {}) {
    const file = name.startsWith('/') ? name : fixture(name);
    this.process = spawn(executable ?? process.execPath, [...execArgv, file, ...args], {
      detached: true, // a session of its own
      cwd,
      stdio: ['ignore', stdio, stdio],
      env: { ...withoutTestRunner(process.env), ...(method && { MP_METHOD: method }), ...env },
    });
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#closed = once(this.process, 'close').then(() => {
      this.#isClosed = true;
    });
  }

  get pid(): number {
    return this.process.pid!;
  }

  /** Without Node 22's word on type stripping. */
  get stderr(): string {
    return this.#stderr.replace(
      /^\(node:\d+\) ExperimentalWarning: Type Stripping.*\n\(Use `node --trace-warnings.*\n/gm,
      '',
    );
  }

  /** The match of `pattern` in what has been printed, once it is there. */
  async printed(pattern: RegExp): Promise<RegExpMatchArray> {
    return until(`${pattern} from the program, which printed:\n${this.stdout}\n${this.stderr}`, () => {
      const match = this.stdout.match(pattern);
      if (!match && this.#isClosed) {
        throw new Error(`the program ended without printing ${pattern}:\n${this.stdout}\n${this.stderr}`);
      }
      return match;
    });
  }

  /** Everybody who holds its pipes has closed them. */
  async end(): Promise<Ended> {
    await this.#closed;
    return { code: this.process.exitCode, signal: this.process.signalCode, stdout: this.stdout, stderr: this.stderr };
  }

  /** The first process has ended; others may still hold its pipes. */
  async exit(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'exit');
  }

  async assertGone(): Promise<void> {
    await until('all processes of the program to end', () => membersOfSession(this.pid).length === 0).catch(() => {
      const left = membersOfSession(this.pid);
      this.kill();
      assert.deepEqual(left, [], 'left behind');
    });
  }

  kill(): void {
    for (const { pid } of membersOfSession(this.pid)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // ended by itself
      }
    }
  }

  /** Kills what is left of it. */
  async dispose(): Promise<void> {
    this.kill();
    await this.#closed;
  }
}

function withoutTestRunner({
  NODE_TEST_CONTEXT: _,
  NODE_OPTIONS: __,
  NODE_NO_WARNINGS: ___,
  ...env
}: NodeJS.ProcessEnv) {
  return env;
}
