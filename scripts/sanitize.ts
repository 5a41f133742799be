/**
 * Runs the allocator without Node under AddressSanitizer, UBSan and ThreadSanitizer: threads, processes that are killed,
 * and a kill after each change of shared memory. `npm run sanitize [-- quick]`; needs g++ (or $CXX) and its sanitizers.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const native = fileURLToPath(new URL('../packages/multiprocess/native', import.meta.url));
const parts = ['allocator', 'chunks', 'heap', 'owners', 'ranges', 'realm', 'references', 'slabs', 'sweep'];
const sources = parts.map((part) => join(native, 'shm', `${part}.cc`));
const quick = process.argv.includes('quick');
const stress = [
  ['threads', quick ? '1' : '10'],
  ['kills', quick ? '50' : '500', '4'],
];

const builds = [
  { name: 'plain', flags: ['-O2'], program: 'allocator_steps', runs: [[]] },
  { name: 'plain', flags: ['-O2'], program: 'allocator_stress', runs: stress },
  {
    name: 'address, undefined',
    flags: ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
    program: 'allocator_stress',
    runs: stress,
  },
  { name: 'thread', flags: ['-O1', '-fsanitize=thread'], program: 'allocator_stress', runs: stress },
];

const folder = mkdtempSync(join(tmpdir(), 'mp-sanitize-'));
let failures = 0;
try {
  for (const { name, flags, program, runs } of builds) {
    const binary = join(folder, `${program}-${builds.length}`);
    const compile = ['-std=c++20', '-g', '-Wall', '-Wextra', '-pthread', `-I${native}`, ...flags, '-o', binary];
    run(`build ${program} (${name})`, process.env.CXX ?? 'g++', [
      ...compile,
      join(native, 'test', `${program}.cc`),
      ...sources,
    ]);
    for (const args of runs) run(`${program} ${args.join(' ')} (${name})`, binary, args);
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(failures === 0 ? 'sanitize: all ok' : `sanitize: ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;

function run(title: string, command: string, args: string[]): void {
  const started = performance.now();
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  const good = status === 0;
  failures += good ? 0 : 1;
  console.log(`${good ? 'ok    ' : 'FAILED'} ${title}  ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (stdout) console.log(stdout.replace(/^/gm, '       ').trimEnd());
  if (!good) console.log(error?.message ?? signal ?? '', stderr);
}
