/** Runs a program as its user would, on the Node.js of this test. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

export interface Outcome {
  stdout: string;
  stderr: string;
}

export const ROOT = path.resolve(import.meta.dirname, '../../../..');
export const FIXTURES = path.join(import.meta.dirname, 'fixtures');

/** What it has printed; rejects when it ends with another code than 0. */
export function run(command: string, args: string[], cwd: string = FIXTURES): Promise<Outcome> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of ['NODE_OPTIONS', 'NODE_TEST_CONTEXT', 'NODE_NO_WARNINGS']) delete env[name];
  execFile(command, args, { cwd, env, timeout: 100_000 }, (error, stdout, stderr) => {
    if (error) reject(new Error(`${error.message}\n${stdout}\n${stderr}`));
    else resolve({ stdout, stderr });
  });
  return promise;
}

export const runNode = (args: string[], cwd?: string): Promise<Outcome> => run(process.execPath, args, cwd);

/** The path of a module of a development dependency; undefined when that is not installed. */
export function developmentModule(specifier: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(specifier);
  } catch {
    return undefined;
  }
}
