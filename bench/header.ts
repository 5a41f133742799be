/** Where and with what the figures were taken: without that they mean nothing. */
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { options } from './options.ts';
import { pythonVersion } from './python.ts';

export function printHeader(): void {
  const [cpu] = os.cpus();
  const load = os.loadavg().map((value) => value.toFixed(2));
  const lines = {
    machine: `${cpu?.model.trim() ?? 'unknown cpu'}, ${os.availableParallelism()} cores, ${(os.totalmem() / 2 ** 30).toFixed(0)} GB`,
    kernel: `${os.type()} ${os.release()} ${os.arch()}`,
    // A busy machine shows in the spread of every figure below.
    load: load.join(' '),
    node: process.version,
    python: pythonVersion() ?? 'none on the PATH',
    commit: commit(),
    date: new Date().toISOString(),
  };
  for (const [name, value] of Object.entries(lines)) console.log(`${name.padEnd(8)} ${value}`);
  if (options.quick) console.log('\n--quick: small samples, trust only the orders of magnitude');
}

function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, {
        cwd: import.meta.dirname,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') ? ', with local changes' : '');
  } catch {
    return 'unknown (not a git checkout)';
  }
}
