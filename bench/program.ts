/** A program of its own: for what a process can do only once, or what must not see the traces of other measurements. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Runs a program; resolves to what it prints, as JSON. */
export async function program<T>(url: URL, ...args: string[]): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(url), ...args]);
  return JSON.parse(stdout) as T;
}
