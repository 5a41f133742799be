/** The original, as a rival: the `python3` on the PATH. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

let known: string | undefined | null = null;

/** As '3.12.1'; undefined when there is no python3. */
export function pythonVersion(): string | undefined {
  if (known === null) {
    const { status, stdout } = spawnSync('python3', ['--version'], { encoding: 'utf8' });
    known = status === 0 ? stdout.trim().replace(/^Python /, '') : undefined;
  }
  return known;
}

/** Runs a script; resolves to what it prints, as JSON. */
export async function python<T>(script: string, ...args: (string | number)[]): Promise<T> {
  const { stdout } = await promisify(execFile)('python3', [script, ...args.map(String)]);
  return JSON.parse(stdout) as T;
}
